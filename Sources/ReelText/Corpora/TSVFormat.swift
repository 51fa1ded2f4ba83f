/// How a file of tab-separated values is written.
public struct TSVFormat: Sendable, Hashable {
  /// What a field does about tabs and ends of lines inside it.
  public enum Quoting: String, Sendable, CaseIterable {
    /// Nothing: a field cannot hold them, and quotes and backslashes are characters like any other.
    /// This is the registered type text/tab-separated-values.
    case none
    /// `\t`, `\n`, `\r` and `\\` stand for a tab, LF, CR and a backslash, as in "Linear TSV"; any
    /// other character after a backslash is an error.
    case backslashes
    /// As in RFC 4180 with tabs for commas: a field that begins with `"` ends with the next `"`
    /// that is not doubled; between them tabs and ends of lines stand for themselves, and `""` is
    /// one quote. A quote in a field that does not begin with one is a character like any other.
    case quotes
  }

  public var quoting: Quoting
  /// Whether the first line names the columns.
  public var hasHeader: Bool
  /// The number of columns of each row; nil: as many as the first line has.
  public var columnCount: Int?

  public init(quoting: Quoting = .none, hasHeader: Bool = false, columnCount: Int? = nil) {
    precondition(
      columnCount ?? 1 > 0, "TSVFormat: column count \(columnCount ?? 0), expected at least 1")
    self.quoting = quoting
    self.hasHeader = hasHeader
    self.columnCount = columnCount
  }
}
