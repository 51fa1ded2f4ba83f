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
    var text = "\""
    for scalar in unicodeScalars.prefix(limit) {
      switch scalar {
      case "\"", "\\": text += "\\\(scalar)"
      case _ where scalar.properties.generalCategory == .control:
        text += scalar.escaped(asASCII: true)
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + (unicodeScalars.count > limit ? "…\"" : "\"")
  }

  /// A path as it stands, unless it is empty or would not fit on one line.
  var onOneLine: String {
    let isPlain = unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    return isPlain && !isEmpty ? self : quoted
  }
}
