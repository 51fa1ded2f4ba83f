/// The contents of a file are not what its format demands.
///
/// Printed, it is one line: the path, what came, and what was expected.
public struct FormatError: Error, Equatable, Sendable, CustomStringConvertible {
  public let path: String
  /// What the file holds.
  public let came: String
  /// What the format, or Reel, asks for.
  public let expected: String

  public init(path: String, came: String, expected: String) {
    self.path = path
    self.came = came
    self.expected = expected
  }

  public var description: String { "\(path.onOneLine): \(came), expected \(expected)" }
}

extension String {
  /// In double quotes, with control characters escaped, and cut where it gets long: text of a
  /// file, fit for an error line.
  var quoted: String {
    let limit = 120
    let start = String(unicodeScalars.prefix(limit))
    return start.debugDescription + (unicodeScalars.count > limit ? "…" : "")
  }

  /// Without line breaks and other control characters.
  var onOneLine: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
  }
}
