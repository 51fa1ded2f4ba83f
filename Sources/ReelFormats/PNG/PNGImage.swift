/// An image of 8-bit samples, as PNG files hold them (ISO/IEC 15948), read and written by libpng.
///
/// ```swift
/// let image = try PNGImage(path: "cat.png", channels: .rgb)
/// image.bytes[image.offset(row: 0, column: 3)]  // the red of a pixel, 0…255
/// try image.write(to: "copy.png")
/// ```
public struct PNGImage: Sendable, Equatable {
  /// What the samples of a pixel are, in their order.
  public enum Channels: Int, Sendable, CaseIterable {
    case grey = 1
    case greyAlpha = 2
    case rgb = 3
    case rgba = 4

    /// The number of samples of a pixel.
    public var count: Int { rawValue }
  }

  /// Pixels of a row.
  public let width: Int
  /// Rows.
  public let height: Int
  public let channels: Channels
  /// Row by row from the top, pixel by pixel from the left, the samples of a pixel side by side:
  /// [height, width, channel], 0…255. Colours are encoded as sRGB, alpha (opaque: 255) is linear.
  public let bytes: [UInt8]

  /// An image of these samples; their number must be height · width · channels, all at least 1.
  public init(width: Int, height: Int, channels: Channels, bytes: [UInt8]) {
    precondition(
      width > 0 && height > 0 && bytes.count == width * height * channels.count,
      "PNGImage: \(bytes.count) bytes came for \(height) rows of \(width) pixels of "
        + "\(channels.count) samples")
    (self.width, self.height, self.channels, self.bytes) = (width, height, channels, bytes)
  }

  /// Where the first sample of a pixel stands in `bytes`.
  public func offset(row: Int, column: Int) -> Int {
    precondition(
      (0..<height).contains(row) && (0..<width).contains(column),
      "PNGImage: row \(row) and column \(column) of \(height) by \(width)")
    return (row * width + column) * channels.count
  }
}
