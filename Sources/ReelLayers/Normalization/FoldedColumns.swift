import ReelTensor

/// Walks over the columns of matrices [rows, columns] of one shape, in pieces of rows.
///
/// Few columns would leave most of a vector empty. So `fold` rows count as one wide row with `fold`
/// copies of each column, whose sums are added up in the end. A piece is small enough for a second
/// pass to find it in the cache, and for a sum in Floats to stay short; pieces are joined in order,
/// in Double.
struct FoldedColumns: Sendable {
  let rows: Int
  let columns: Int
  private let fold: Int
  /// Rows of a piece, a multiple of `fold`.
  private let size: Int

  init(of x: Tensor) {
    (rows, columns) = (x.shape[0], x.shape[1])
    fold = columns == 0 || columns >= 32 ? 1 : (64 + columns - 1) / columns
    let wanted = max(32, min(256 * fold, (1 << 15) / max(columns, 1)))
    size = (wanted + fold - 1) / fold * fold
  }

  private var width: Int { columns * fold }
  private var pieces: Int { (rows + size - 1) / size }

  /// Calls `body` for the wide rows of each piece, and for the rows that are left over at the end:
  /// with the piece's number, the first row, the number of rows or wide rows, and their width.
  private func forEachPiece(
    _ body: @Sendable (_ piece: Int, _ row: Int, _ count: Int, _ width: Int) -> Void
  ) {
    Threads.forEachRange(of: rows, size: size) { range in
      let wide = range.count / fold
      if wide > 0 { body(range.lowerBound / size, range.lowerBound, wide, width) }
      let left = range.count - wide * fold
      if left > 0 { body(range.lowerBound / size, range.upperBound - left, left, columns) }
    }
  }

  /// `fold` copies of each of `parts`, one after the other.
  private func repeated(_ parts: [[Float]]) -> Storage {
    let storage = Storage(count: parts.count * width)
    for (part, values) in parts.enumerated() {
      for copy in 0..<fold {
        let place = storage.pointer + part * width + copy * columns
        for column in 0..<columns { place[column] = values[column] }
      }
    }
    return storage
  }

  /// The sum over the copies of each column.
  private func unfolded(_ sums: UnsafePointer<Float>) -> [Double] {
    (0..<columns).map { column in
      (0..<fold).reduce(0) { $0 + Double(sums[$1 * columns + column]) }
    }
  }

  // MARK: Maps

  /// scale·(x − mean) + offset for each column, plus `factor`·other where there is another.
  func mapped(
    _ x: Tensor, mean: [Float], scale: [Float], offset: [Float], adding other: Tensor? = nil,
    scaled factor: [Float]? = nil
  ) -> Tensor {
    let y = Tensor(shape: x.shape, storage: Storage(count: x.count))
    let settings = repeated([mean, scale, offset, factor ?? scale])
    let settingsWidth = width
    let (source, target) = (Shared(x.storage.pointer), Shared(y.storage.pointer))
    let term = other.map { Shared($0.storage.pointer) }
    forEachPiece { _, row, count, width in
      let start = row * columns
      let setting = settings.pointer
      kernels.scale_columns(
        count, width, source.pointer + start, setting, setting + settingsWidth,
        setting + 2 * settingsWidth, term.map { $0.pointer + start },
        setting + 3 * settingsWidth, target.pointer + start)
    }
    withExtendedLifetime((settings, other)) {}
    return y
  }

  // MARK: Sums

  /// The mean and the variance (divided by n) of each column.
  ///
  /// Each piece takes its mean, and then the sum of the deviations from it, which says what the
  /// mean's rounding left out, and the sum of their squares (joined as by Chan, Golub and LeVeque
  /// 1983). A mean far from 0 costs no digits.
  func moments(_ x: Tensor) -> ColumnMoments {
    // Of each piece: mean, sum of deviations, sum of their squares.
    let parts = Storage(count: pieces * 3 * width)
    let source = Shared(x.storage.pointer)
    Threads.forEachRange(of: rows, size: size) { range in
      let first = source.pointer + range.lowerBound * columns
      let mean = parts.pointer + range.lowerBound / size * 3 * width
      let (wide, left) = range.count.quotientAndRemainder(dividingBy: fold)
      let end = first + wide * width
      kernels.sum_columns(wide, width, first, width, mean, false)
      kernels.sum_columns(left, columns, end, columns, mean, true)
      for copy in 1..<max(fold, 1) {
        kernels.add(columns, mean, mean + copy * columns, mean)
      }
      kernels.scale_add(columns, 1 / Float(range.count), 0, mean, mean)
      for copy in 1..<max(fold, 1) {
        (mean + copy * columns).update(from: mean, count: columns)
      }
      let (sums, squares) = (mean + width, mean + 2 * width)
      sums.update(repeating: 0, count: 2 * width)
      kernels.column_moments(wide, width, first, mean, sums, squares)
      kernels.column_moments(left, columns, end, mean, sums, squares)
    }
    var moments = ColumnMoments(columns: columns)
    for piece in 0..<pieces {
      let part = parts.pointer + piece * 3 * width
      moments.join(
        count: min(size, rows - piece * size), mean: (0..<columns).map { Double(part[$0]) },
        deviations: unfolded(part + width), squares: unfolded(part + 2 * width))
    }
    return moments
  }

  /// Σ dy and Σ dy·(x − mean) of each column.
  func products(
    _ x: Tensor, mean: [Float], dy: Tensor
  ) -> (plain: [Double], centred: [Double]) {
    let parts = Storage(count: pieces * 2 * width)
    parts.pointer.update(repeating: 0, count: parts.count)
    let settings = repeated([mean])
    let partWidth = width
    let (source, gradient) = (Shared(x.storage.pointer), Shared(dy.storage.pointer))
    forEachPiece { piece, row, count, width in
      let part = parts.pointer + piece * 2 * partWidth
      kernels.column_products(
        count, width, source.pointer + row * columns, settings.pointer,
        gradient.pointer + row * columns, part, part + partWidth)
    }
    withExtendedLifetime(settings) {}
    var plain = [Double](repeating: 0, count: columns)
    var centred = plain
    for piece in 0..<pieces {
      let part = parts.pointer + piece * 2 * partWidth
      for (column, value) in unfolded(part).enumerated() { plain[column] += value }
      for (column, value) in unfolded(part + partWidth).enumerated() { centred[column] += value }
    }
    return (plain, centred)
  }
}

/// The mean and the variance of columns.
struct ColumnMoments {
  private(set) var count = 0
  private(set) var mean: [Double]
  private var squares: [Double]

  fileprivate init(columns: Int) {
    mean = [Double](repeating: 0, count: columns)
    squares = mean
  }

  /// Takes in `count` more rows, with the sums of their deviations from `mean` and of the squares of
  /// these.
  fileprivate mutating func join(
    count own: Int, mean center: [Double], deviations: [Double], squares: [Double]
  ) {
    let total = count + own
    for column in mean.indices {
      let rest = deviations[column] / Double(own)
      let difference = center[column] + rest - mean[column]
      mean[column] += difference * Double(own) / Double(total)
      self.squares[column] +=
        max(squares[column] - rest * deviations[column], 0)
        + difference * difference * Double(count) * Double(own) / Double(total)
    }
    count = total
  }

  /// Divided by n; 0 without rows.
  var variance: [Double] { squares.map { $0 / Double(max(count, 1)) } }

  /// Divided by n − 1; 0 of a single row.
  var unbiasedVariance: [Double] { squares.map { $0 / Double(max(count - 1, 1)) } }
}
