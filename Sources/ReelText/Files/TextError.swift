/// What is wrong with a file or a text that came from outside, in one line.
public struct TextError: Error, Equatable, CustomStringConvertible {
  /// The line: what came, and what was expected.
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}
