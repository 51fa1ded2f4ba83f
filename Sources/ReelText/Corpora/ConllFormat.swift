/// How a file in CoNLL columns is written: a token on each line with its tags beside it, an empty
/// line after each sentence.
///
/// The default reads CoNLL-2000, -2002 and -2003: columns set apart by white space, the token in
/// the first one and the tag in the last.
public struct ConllFormat: Sendable, Hashable {
  /// What stands between two columns.
  public enum Separator: String, Sendable, CaseIterable {
    /// Spaces and tabs, however many; those at the ends of a line do not count. Any other white
    /// space (a no-break space) belongs to its token.
    case whiteSpace
    /// One tab, so that a token may hold spaces.
    case tab
  }

  /// Which column is meant.
  public enum Column: Sendable, Hashable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// By number, from 1.
    case number(Int)
    /// The last column, whatever its number.
    case last

    public init(integerLiteral value: Int) { self = .number(value) }

    public var description: String {
      switch self {
      case .number(let number): "column \(number)"
      case .last: "the last column"
      }
    }
  }

  public var separator: Separator
  public var tokenColumn: Column
  /// nil where the file has tokens alone.
  public var tagColumn: Column?
  /// What a line that begins a document has in its first column; it holds no token. nil: no such
  /// lines.
  public var documentMark: String?
  /// What a comment begins with, such as "#" in CoNLL-U; nil: no comments. Only lines before the
  /// first token of a sentence can be comments, since "#" is a token too.
  public var commentPrefix: String?

  public init(
    separator: Separator = .whiteSpace, tokenColumn: Column = 1, tagColumn: Column? = .last,
    documentMark: String? = "-DOCSTART-", commentPrefix: String? = nil
  ) {
    self.separator = separator
    self.tokenColumn = tokenColumn
    self.tagColumn = tagColumn
    self.documentMark = documentMark
    self.commentPrefix = commentPrefix
  }
}
