/// How far apart rows are written that a loop meets several at a time, the same columns of each.
///
/// Rows of whole kilobytes share few sets of the first-level cache: they drive each other out, and a load seems to
/// read what has just been stored in the row above. A gap of one cache line between them helps.
enum RowSpacing {
  private static let cacheLine = 16  // floats
  private static let crowded = 256

  /// Floats from row to row of so many.
  static func stride(of width: Int) -> Int {
    width % crowded == 0 ? width + cacheLine : width
  }
}
