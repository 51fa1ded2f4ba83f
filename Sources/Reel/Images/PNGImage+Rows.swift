import ReelFormats
import ReelTensor

extension PNGImage {
  /// Images one beside the other, with a gap of light grey between; what is lower than the highest is
  /// followed by the same grey. The result is in colour where one of them is, without alpha.
  public static func sideBySide(_ images: [PNGImage], gap: Int = 4) -> PNGImage {
    joined(images, gap: gap, isRow: true)
  }

  /// Images one below the other.
  public static func stacked(_ images: [PNGImage], gap: Int = 4) -> PNGImage {
    joined(images, gap: gap, isRow: false)
  }

  private static func joined(_ images: [PNGImage], gap: Int, isRow: Bool) -> PNGImage {
    precondition(!images.isEmpty && gap >= 0, "PNGImage: \(images.count) images with gap \(gap)")
    let isColored = images.contains { $0.channels == .rgb || $0.channels == .rgba }
    let channels = isColored ? Channels.rgb : .grey
    let gaps = gap * (images.count - 1)
    let (heights, widths) = (images.map(\.height), images.map(\.width))
    let height = isRow ? heights.max() ?? 1 : heights.reduce(gaps, +)
    let width = isRow ? widths.reduce(gaps, +) : widths.max() ?? 1
    var bytes = [UInt8](repeating: 220, count: height * width * channels.count)
    var (top, left) = (0, 0)
    for image in images {
      for row in 0..<image.height {
        for column in 0..<image.width {
          let source = image.offset(row: row, column: column)
          let target = ((top + row) * width + left + column) * channels.count
          for channel in 0..<channels.count {
            let isGrey = image.channels == .grey || image.channels == .greyAlpha
            bytes[target + channel] = image.bytes[source + (isGrey ? 0 : channel)]
          }
        }
      }
      if isRow { left += image.width + gap } else { top += image.height + gap }
    }
    return PNGImage(width: width, height: height, channels: channels, bytes: bytes)
  }

  /// Positive and negative numbers [height, width] as light and dark: 0 is the grey in the middle, the
  /// largest magnitude white or black.
  public static func signed(_ values: Tensor) -> PNGImage {
    precondition(
      values.rank == 2 && values.count > 0,
      "PNGImage.signed: shape \(values.shape) came, [height, width] is expected")
    let largest = max(values.values.reduce(0) { max($0, abs($1)) }, 1e-30)
    return PNGImage(
      width: values.shape[1], height: values.shape[0], channels: .grey,
      bytes: values.values.map {
        $0.isFinite ? UInt8((127.5 + 127.5 * $0 / largest).rounded()) : 128
      })
  }

  /// Each pixel as a square of `factor` by `factor`.
  public func enlarged(_ factor: Int) -> PNGImage {
    precondition(factor >= 1, "PNGImage: enlarged \(factor) times, at least 1 is expected")
    var bytes: [UInt8] = []
    bytes.reserveCapacity(self.bytes.count * factor * factor)
    for row in 0..<height * factor {
      for column in 0..<width * factor {
        let start = offset(row: row / factor, column: column / factor)
        bytes.append(contentsOf: self.bytes[start..<start + channels.count])
      }
    }
    return PNGImage(
      width: width * factor, height: height * factor, channels: channels, bytes: bytes)
  }

  /// A mask in colours: each number of a class has its own, 255 is white.
  public var coloredLabels: PNGImage {
    let colors: [[UInt8]] = [
      [32, 32, 40], [214, 88, 72], [72, 140, 214], [98, 178, 98], [180, 120, 208], [212, 178, 64],
      [96, 190, 190], [220, 140, 180], [150, 150, 150], [120, 90, 60],
    ]
    let pixels = (0..<height * width).flatMap { place -> [UInt8] in
      let label = bytes[place * channels.count]
      return label == 255 ? [255, 255, 255] : colors[Int(label) % colors.count]
    }
    return PNGImage(width: width, height: height, channels: .rgb, bytes: pixels)
  }
}
