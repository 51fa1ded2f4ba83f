/// How many channels, rows and columns an image has.
public struct ImageShape: Codable, Sendable, Hashable, CustomStringConvertible {
  public var channels: Int
  public var height: Int
  public var width: Int

  public init(channels: Int, height: Int, width: Int) {
    (self.channels, self.height, self.width) = (channels, height, width)
  }

  /// The number of samples.
  public var count: Int { channels * height * width }
  /// The number of positions.
  public var positions: Int { height * width }
  /// [channels, height, width].
  public var axes: [Int] { [channels, height, width] }

  /// "3 by 32 by 32": channels, rows, columns.
  public var description: String { "\(channels) by \(height) by \(width)" }

  /// The same channels at another size.
  public func resized(height: Int, width: Int) -> ImageShape {
    ImageShape(channels: channels, height: height, width: width)
  }

  /// - Throws: `ConfigurationError` that quotes the first length out of range.
  func validate(_ name: String) throws {
    try ConfigurationError.check("\(name) channels", channels, in: 1...65_536)
    try ConfigurationError.check("\(name) height", height, in: 1...65_536)
    try ConfigurationError.check("\(name) width", width, in: 1...65_536)
  }
}
