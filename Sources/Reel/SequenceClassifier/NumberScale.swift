import ReelTensor

/// Mean and deviation of numbers, to bring them to mean 0 and deviation 1 and back.
public struct NumberScale: Codable, Sendable, Equatable {
  public let mean: Double
  /// Standard deviation (divided by n); 1 where all numbers are equal.
  public let deviation: Double

  public init(mean: Double, deviation: Double) {
    self.mean = mean
    self.deviation = deviation
  }

  /// Of numbers that are all finite; 0 and 1 without any.
  init(of numbers: [Double]) {
    let count = Double(max(numbers.count, 1))
    let mean = numbers.reduce(0, +) / count
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    let deviation = variance.squareRoot()
    // Equal numbers may leave the rounding error of their mean.
    let isFlat = !(deviation > 1e-9 * max(abs(mean), 1e-300)) || !deviation.isFinite
    self.init(mean: mean.isFinite ? mean : 0, deviation: isFlat ? 1 : deviation)
  }

  /// (x − mean) / deviation.
  public func standardized(_ number: Double) -> Double { (number - mean) / deviation }

  /// x·deviation + mean.
  public func restored(_ number: Double) -> Double { number * deviation + mean }
}

extension NumberScale {
  /// The mean of ½(ŷ − y)² over standardized numbers.
  ///
  /// - Parameter answers: ŷ [batch, 1].
  static func loss(_ answers: Tensor, _ targets: [Float]) -> Tensor {
    let difference = answers - Tensor(shape: answers.shape, values: targets)
    return difference.squared().sum() * (0.5 / Float(max(targets.count, 1)))
  }
}
