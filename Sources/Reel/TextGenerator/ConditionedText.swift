import ReelText

/// A text and what it is about: a label, a vector, or both.
public struct ConditionedText: Sendable, Hashable {
  public var text: String
  public var label: String?
  public var vector: [Float]
  /// The line on which it begins in its file, from 1; 0 where it came from no file.
  public var line: Int

  public init(text: String, label: String? = nil, vector: [Float] = [], line: Int = 0) {
    self.text = text
    self.label = label
    self.vector = vector
    self.line = line
  }

  public init(_ text: LabelledText) {
    self.init(text: text.text, label: text.label, line: text.line)
  }
}
