/// What the rows of a product are added to.
package enum RowStarts: @unchecked Sendable {
  case zeros
  /// The same values, as a bias.
  case row(UnsafePointer<Float>)
  /// What is there.
  case target
  /// For each row values of its own, as rows of a table.
  case rows(UnsafePointer<UnsafePointer<Float>?>)

  /// Lends a pointer to each row's start, nil for zeros.
  func withRows(
    _ count: Int, of target: UnsafeMutablePointer<Float>, stride: Int,
    _ body: (UnsafePointer<UnsafePointer<Float>?>?) -> Void
  ) {
    switch self {
    case .zeros: body(nil)
    case .rows(let rows): body(rows)
    case .row(let row): Self.withPointers(count, { _ in row }, body)
    case .target: Self.withPointers(count, { UnsafePointer(target + $0 * stride) }, body)
    }
  }

  private static func withPointers(
    _ count: Int, _ place: (Int) -> UnsafePointer<Float>,
    _ body: (UnsafePointer<UnsafePointer<Float>?>?) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: count) { pointers in
      for index in 0..<count { pointers.initializeElement(at: index, to: place(index)) }
      body(pointers.baseAddress.map { UnsafePointer($0) })
    }
  }
}
