import ReelTensor

/// What pixels are made of before a network sees them: (v − mean) / deviation of each channel, with
/// v = 0…1.
public struct ImageNormalization: Codable, Sendable, Equatable {
  /// Of each channel.
  public var mean: [Float]
  /// Of each channel; above 0.
  public var deviation: [Float]

  public init(mean: [Float], deviation: [Float]) {
    precondition(
      mean.count == deviation.count && deviation.allSatisfy { $0 > 0 },
      "ImageNormalization: means \(mean) and deviations \(deviation) (each above 0)")
    (self.mean, self.deviation) = (mean, deviation)
  }

  /// Pixels as they are, 0…1.
  public static func none(channels: Int) -> ImageNormalization {
    ImageNormalization(
      mean: Array(repeating: 0, count: channels), deviation: Array(repeating: 1, count: channels))
  }

  /// What networks trained on ImageNet's colours expect (torchvision's constants).
  public static let imageNet = ImageNormalization(
    mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])

  /// - Parameter histograms: how often each byte occurs, 256 counts for each channel.
  init(histograms: [Int], channels: Int) {
    mean = []
    deviation = []
    for channel in 0..<channels {
      let counts = histograms[256 * channel..<256 * (channel + 1)]
      let total = Double(max(1, counts.reduce(0, +)))
      func average(_ value: (Double) -> Double) -> Double {
        counts.enumerated().reduce(0) { $0 + value(Double($1.offset) / 255) * Double($1.element) }
          / total
      }
      let center = average { $0 }
      let spread = average { ($0 - center) * ($0 - center) }.squareRoot()
      mean.append(Float(center))
      deviation.append(spread > 1e-6 ? Float(spread) : 1)
    }
  }

  /// What a byte of a channel becomes.
  func value(_ byte: Int, channel: Int) -> Float {
    (Float(byte) / 255 - mean[channel]) / deviation[channel]
  }

  /// - Throws: `ConfigurationError` unless it is one for this many channels.
  func validate(channels: Int) throws {
    guard mean.count == channels, deviation.count == channels,
      mean.allSatisfy(\.isFinite), deviation.allSatisfy({ $0.isFinite && $0 > 0 })
    else {
      throw ConfigurationError(
        "normalization by means \(mean) and deviations \(deviation): \(channels) finite numbers of "
          + "each are expected, the deviations above 0")
    }
  }
}
