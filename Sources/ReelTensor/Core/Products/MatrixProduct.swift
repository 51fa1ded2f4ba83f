import CReelKernels

/// A matrix in memory that a product reads: row-major, `stride` floats from row to row.
package struct MatrixOperand: @unchecked Sendable {
  package let pointer: UnsafePointer<Float>
  package let stride: Int
  /// The product uses the transpose of what is stored.
  package let transposed: Bool

  package init(_ pointer: UnsafePointer<Float>, stride: Int, transposed: Bool = false) {
    self.pointer = pointer
    self.stride = stride
    self.transposed = transposed
  }

  /// The operand that starts at this row and column of the matrix the product sees.
  func at(row: Int, column: Int) -> MatrixOperand {
    let offset = transposed ? column * stride + row : row * stride + column
    return MatrixOperand(pointer + offset, stride: stride, transposed: transposed)
  }
}

/// Large matrix products: cut into pieces of the result by shape alone.
package enum MatrixProduct {
  /// Multiply-adds below which a product is one call of OpenBLAS: packing would not pay.
  private static let smallProduct = 1 << 18

  /// C (m×n) = A (m×k) · B (k×n), row-major, `stride` floats from row to row of C; with a bias of n
  /// values, each row of C gets it added.
  ///
  /// - Parameters:
  ///   - accumulates: whether the product is added to what C holds; without a bias.
  ///   - weights: the storage that B begins, which keeps it packed for other products; nil where it is
  ///     not likely to be used again.
  package static func compute(
    m: Int, n: Int, k: Int, _ a: MatrixOperand, _ b: MatrixOperand,
    into c: UnsafeMutablePointer<Float>, stride: Int, bias: UnsafePointer<Float>? = nil,
    accumulates: Bool = false, keptIn weights: Storage? = nil
  ) {
    precondition(bias == nil || !accumulates, "MatrixProduct: a bias where the product is added")
    guard m > 0, n > 0 else { return }
    let product = Product(
      m: m, n: n, k: k, a: a, b: b, c: c, stride: stride, bias: bias, accumulates: accumulates,
      weights: weights)
    if k == 0 || m * n * k <= smallProduct {
      product.multiplyWithOpenBLAS(rows: 0..<m, columns: 0..<n)
    } else if !hasWideKernels {
      product.multiplyInPiecesWithOpenBLAS()
    } else if let splitProducts, isSplit(m: m, n: n, k: k) {
      SplitProduct(product: product, products: splitProducts).multiply()
    } else {
      product.multiplyPacked()
    }
  }

  /// Sides from which splitting both operands for one product pays: with whole tiles, and with vectors,
  /// which splitting costs no more than packing does.
  private static let (tiled, vectors) = ((m: 80, n: 48, k: 48), (m: 8, n: 16, k: 16))

  /// Whether such a product is one of bfloat16 parts: each operand is split for this product alone.
  static func isSplit(m: Int, n: Int, k: Int) -> Bool {
    guard let splitProducts, m * n * k > smallProduct else { return false }
    let least = splitProducts.on_tiles ? tiled : vectors
    return m >= least.m && n >= least.n && k >= least.k
  }

  /// Reel's kernels for this processor are the wide ones. OpenBLAS packs the right operand again
  /// for every piece; with the kernels here all pieces share one packed operand. Where there is only
  /// the portable build, OpenBLAS knows the processor better.
  private static let hasWideKernels = Processor.instructionSet != "portable"
}

/// One product, with two ways to compute it; see SplitProduct for another one.
struct Product: @unchecked Sendable {
  let m: Int
  let n: Int
  let k: Int
  let a: MatrixOperand
  let b: MatrixOperand
  let c: UnsafeMutablePointer<Float>
  let stride: Int
  /// n values or none.
  let bias: UnsafePointer<Float>?
  /// Whether C has a sum that these terms are added to.
  let accumulates: Bool
  /// The storage that B begins and that keeps it packed, if any does.
  let weights: Storage?

  func kept(_ order: PackedForm.Order) -> KeptRight? {
    weights.map {
      KeptRight(
        storage: $0,
        form: PackedForm(order, k: k, n: n, stride: b.stride, transposed: b.transposed))
    }
  }

  // MARK: Own kernels

  /// Stretch of k that is packed together: a block of A stays in the second-level cache.
  static let depth = 512
  /// Most rows of A in a piece.
  private static let tallest = 256
  /// Pieces that a product has at least, where it is large enough: where they have so many rows and
  /// multiply-adds.
  private static let (fewestPieces, lowest, smallestPiece) = (8, 32, 1_000_000)
  /// Columns that are computed as one part: a multiple of every kernel's panel.
  static let panelColumns = 48
  /// The last columns of a matrix are not parted from the others when they are so few, because
  /// panels are divided so that they are not alone.
  static let fewestColumns = 17

  /// Part `index` of the n columns, cut at multiples of `size`; empty behind the last one.
  private func columnPart(_ index: Int, size: Int) -> Range<Int> {
    let first = index * size
    guard first < n, index == 0 || n - first >= Self.fewestColumns else { return n..<n }
    return first..<(n - first - size < Self.fewestColumns ? n : first + size)
  }
  /// Columns, or rows, that one thread packs or turns round at a time, and values from which it is worth while to
  /// divide them further.
  private static let packedColumns = 480
  private static let turnedRows = 256
  private static let smallestPart = 1 << 13

  /// Floats of an operand that are packed at a time where the sum goes over all rows of a batch: they stay
  /// in the second-level cache, and a copy of the whole is never made.
  private static let packedFloats = 1 << 16
  /// Terms of which that is a multiple. Of operands so wide that not even these fit, a whole part of k.
  private static let fewestTerms = 256

  /// The terms of the sum from each start on that are packed together.
  func stretches() -> [(start: Int, length: Int)] {
    guard a.transposed, weights == nil else { return [(0, k)] }
    let fitting = Self.packedFloats / max(m, n) / Self.fewestTerms * Self.fewestTerms
    let longest = fitting > 0 ? fitting : Self.depth
    return Swift.stride(from: 0, to: k, by: longest).map { ($0, min(longest, k - $0)) }
  }

  func multiplyPacked() {
    for (start, length) in stretches() { multiplyPacked(start, length) }
  }

  /// Adds the terms from `start` on; those from 0 on begin a new sum. The operands are packed once, by all
  /// threads; then each piece multiplies its rows with B. A part of k is finished before the next one
  /// begins, so the order of every sum is the same however the pieces are taken.
  private func multiplyPacked(_ start: Int, _ length: Int) {
    func placeOfLeft() -> Storage? {
      a.transposed ? Storage(count: m * Self.turnedStride(length), briefly: true) : nil
    }
    let packed: Storage
    let turned: Storage?
    if let kept = kept(.stretches) {
      packed = kept.packed {
        let packed = Storage(count: kernels.packed_count(length, n))
        prepare(start, length, packing: packed, turning: nil)
        return packed
      }
      turned = placeOfLeft()
      if turned != nil { prepare(start, length, packing: nil, turning: turned) }
    } else {
      turned = placeOfLeft()
      packed = Storage(count: kernels.packed_count(length, n), briefly: true)
      prepare(start, length, packing: packed, turning: turned)
    }
    let left =
      turned.map { MatrixOperand($0.pointer, stride: Self.turnedStride(length)) } ?? a

    let panels = (n + Self.panelColumns - 1) / Self.panelColumns
    let fewestRowPieces = (m + Self.tallest - 1) / Self.tallest
    let columnPieces = max(
      1, min(panels / 3, (Self.fewestPieces + fewestRowPieces - 1) / fewestRowPieces))
    // A narrow product gets its pieces by rows.
    let rowPieces = max(
      fewestRowPieces,
      min(Self.fewestPieces / columnPieces, m / Self.lowest, m * n * length / Self.smallestPiece))
    let rows = ((m + rowPieces - 1) / rowPieces + 7) / 8 * 8
    let columns = (panels + columnPieces - 1) / columnPieces * Self.panelColumns
    Threads.forEachFlushingDenormals(rowPieces * columnPieces) { index in
      // Who has every second piece does not have the taller ones of all columns.
      let column = index / rowPieces
      let row = (index + (rowPieces % 2 == 0 ? column : 0)) % rowPieces
      let firstRow = row * rows
      let part = columnPart(column, size: columns)
      guard !part.isEmpty, firstRow < m else { return }
      multiplyPiece(
        left, length, rows: firstRow..<min(m, firstRow + rows), columns: part, packed,
        accumulate: accumulates || start > 0)
    }
    withExtendedLifetime(turned) {}
  }

  private func multiplyPiece(
    _ left: MatrixOperand, _ length: Int, rows: Range<Int>, columns: Range<Int>,
    _ packed: Storage, accumulate: Bool
  ) {
    let target = c + rows.lowerBound * stride + columns.lowerBound
    let paddedColumns = kernels.packed_count(1, n)
    for start in Swift.stride(from: 0, to: length, by: Self.depth) {
      let depth = min(Self.depth, length - start)
      kernels.multiply_packed(
        rows.count, columns.count, depth,
        left.pointer + rows.lowerBound * left.stride + start, left.stride,
        packed.pointer + start * paddedColumns + columns.lowerBound * depth, target, stride,
        accumulate || start > 0)
    }
    // While the piece is still in the cache.
    if let bias, !accumulate {
      kernels.add_to_rows(
        rows.count, columns.count, bias + columns.lowerBound, target, stride)
    }
  }

  /// Packs `length` rows of B from `first` on, and turns as many columns of A, each where there is a place for it: in
  /// one job, for small operands take less time than a second job.
  private func prepare(
    _ first: Int, _ length: Int, packing packed: Storage?, turning turned: Storage?
  ) {
    let columns = Self.part(of: n, length, Self.panelColumns, atMost: Self.packedColumns)
    let depths = (length + Self.depth - 1) / Self.depth
    let parts = (n + columns - 1) / columns
    let packings = packed == nil ? 0 : depths * parts
    let rows = Self.part(of: length, m, Self.line, atMost: Self.turnedRows)
    let turnings = turned == nil ? 0 : (length + rows - 1) / rows
    let (right, left) = (packed.map { Shared($0.pointer) }, turned.map { Shared($0.pointer) })
    Threads.forEach(packings + turnings) { index in
      if index < packings, let right {
        let start = index / parts * Self.depth
        pack(
          first, from: start, columnPart(index % parts, size: columns),
          depth: min(Self.depth, length - start), into: right.pointer)
      } else if let left {
        let start = (index - packings) * rows
        kernels.transpose(
          min(rows, length - start), m, a.pointer + (first + start) * a.stride, a.stride,
          left.pointer + start, Self.turnedStride(length))
      }
    }
  }

  /// How many of `count` rows or columns of `width` values a thread prepares at a time, in units of `unit`.
  private static func part(of count: Int, _ width: Int, _ unit: Int, atMost most: Int) -> Int {
    let parts = max(1, min(fewestPieces, count * width / smallestPart))
    return min(most, ((count + parts - 1) / parts + unit - 1) / unit * unit)
  }

  /// Some columns of B in panels, `depth` rows of the stretch that begins at row `first`.
  private func pack(
    _ first: Int, from start: Int, _ columns: Range<Int>, depth: Int,
    into packed: UnsafeMutablePointer<Float>
  ) {
    guard !columns.isEmpty else { return }
    let source = b.at(row: first + start, column: columns.lowerBound)
    kernels.pack(
      depth, columns.count, source.pointer, source.stride, source.transposed,
      packed + start * kernels.packed_count(1, n) + columns.lowerBound * depth)
  }

  /// Floats in a cache line.
  private static let line = 16
  /// Floats from row to row of the turned operand: an odd number of lines, so that rows do not share the cache's sets.
  private static func turnedStride(_ length: Int) -> Int {
    ((length + line - 1) / line | 1) * line
  }

  // MARK: OpenBLAS

  /// Work below which OpenBLAS with a second thread costs more than it gives.
  private static let smallestBLASPiece = 4_000_000  // multiply-adds
  private static let mostPieces = 8

  func multiplyInPiecesWithOpenBLAS() {
    let pieces = max(1, min(Self.mostPieces, m * n * k / Self.smallestBLASPiece))
    // Cut the longer side; pieces end at multiples of 64, where the kernels run full.
    let side = max(m, n)
    let size = max(64, ((side + pieces - 1) / pieces + 63) / 64 * 64)
    Threads.forEachRange(of: side, size: size) { range in
      if m >= n {
        multiplyWithOpenBLAS(rows: range, columns: 0..<n)
      } else {
        multiplyWithOpenBLAS(rows: 0..<m, columns: range)
      }
    }
  }

  func multiplyWithOpenBLAS(rows: Range<Int>, columns: Range<Int>) {
    let left = a.at(row: rows.lowerBound, column: 0)
    let right = b.at(row: 0, column: columns.lowerBound)
    OpenBLAS.multiply(
      rows.count, columns.count, k, left.pointer, left.stride, transposeA: left.transposed,
      right.pointer, right.stride, transposeB: right.transposed,
      c + rows.lowerBound * stride + columns.lowerBound, stride, accumulate: accumulates)
    if let bias {
      kernels.add_to_rows(
        rows.count, columns.count, bias + columns.lowerBound,
        c + rows.lowerBound * stride + columns.lowerBound, stride)
    }
  }
}
