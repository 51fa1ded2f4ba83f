/// How far apart rows lie that a loop meets several at a time, the same columns of each (their leading dimension).
///
/// Rows of 4 KB and its simpler fractions share few sets of the first-level cache: the lines of a column drive each
/// other out (conflict misses), and a load seems to depend on what has just been stored 4 KB away (4K aliasing). One
/// cache line of padding between rows avoids both.
enum RowPadding {
  private static let cacheLine = 16  // floats
  /// Floats of which rows are padded that are a multiple: a quarter of 4 KB.
  private static let period = 256

  /// Floats from the start of one row of `width` to that of the next.
  static func stride(of width: Int) -> Int {
    width > 0 && width % period == 0 ? width + cacheLine : width
  }
}
