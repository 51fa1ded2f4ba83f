/// A stretch of tokens with a label: a name, a noun phrase.
public struct Span: Sendable, Hashable {
  public var label: String
  /// The tokens, by their places in the sentence.
  public var range: Range<Int>

  public init(label: String, range: Range<Int>) {
    self.label = label
    self.range = range
  }
}

/// One tag taken apart: "B-PER" is the beginning of a span labelled "PER".
struct Tag {
  enum Position {
    case outside
    /// B: the first token of a span.
    case begin
    /// I: a further token; in IOB1 the first one too.
    case inside
    /// E or L: the last of several tokens.
    case end
    /// S or U: the only token.
    case single
  }

  var position: Position
  /// Empty for "O", and for a bare letter such as "B", as corpora with one kind of span have it.
  var label: Substring

  static let outside = Tag(position: .outside, label: "")

  /// Whether a span may go on after it.
  var isOpen: Bool { position == .begin || position == .inside }

  /// Whether two tags have the same label; byte for byte, as everywhere.
  func hasLabel(of other: Tag) -> Bool { label.utf8.elementsEqual(other.label.utf8) }
}
