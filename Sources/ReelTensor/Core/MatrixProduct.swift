import CReelKernels

/// A matrix in memory that a product reads: row-major, `stride` floats from row to row.
package struct MatrixOperand: @unchecked Sendable {
  package var pointer: UnsafePointer<Float>
  package var stride: Int
  /// The product uses the transpose of what is stored.
  package var transposed: Bool

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

  /// C (m×n) = or += A (m×k) · B (k×n), row-major, `stride` floats from row to row of C.
  package static func compute(
    m: Int, n: Int, k: Int, _ a: MatrixOperand, _ b: MatrixOperand,
    into c: UnsafeMutablePointer<Float>, stride: Int, accumulate: Bool = false
  ) {
    guard m > 0, n > 0 else { return }
    guard k > 0 else {
      if !accumulate {
        for row in 0..<m { (c + row * stride).update(repeating: 0, count: n) }
      }
      return
    }
    let product = Product(
      m: m, n: n, k: k, a: a, b: b, c: c, stride: stride, accumulate: accumulate)
    if m * n * k <= smallProduct {
      product.multiplyWithOpenBLAS(rows: 0..<m, columns: 0..<n)
    } else if hasWideKernels {
      product.multiplyPacked()
    } else {
      product.multiplyInPiecesWithOpenBLAS()
    }
  }

  /// Reel's kernels for this processor are the wide ones. OpenBLAS packs the right operand again
  /// for every piece; with the kernels here all pieces share one packed operand. Where there is only
  /// the portable build, OpenBLAS knows the processor better.
  private static let hasWideKernels = Processor.instructionSet != "portable"
}

/// One product, with the two ways to compute it.
private struct Product: @unchecked Sendable {
  let m: Int
  let n: Int
  let k: Int
  let a: MatrixOperand
  let b: MatrixOperand
  let c: UnsafeMutablePointer<Float>
  let stride: Int
  let accumulate: Bool

  // MARK: Own kernels

  /// Stretch of k that is packed together: a block of A stays in the second-level cache.
  private static let depth = 512
  /// Most rows of A in a piece.
  private static let tallest = 256
  /// Columns that are packed, and computed, as one part: a multiple of every kernel's panel.
  private static let panelColumns = 48

  /// The operand B is packed once, by all threads; then each piece multiplies its rows with it. A
  /// stretch of k is finished for all columns before the next one begins, so the order of every sum
  /// is the same however the pieces are taken.
  func multiplyPacked() {
    let packed = Storage(count: kernels.packed_count(k, n))
    let paddedColumns = kernels.packed_count(1, n)
    let depths = (k + Self.depth - 1) / Self.depth
    let packedPart = 10 * Self.panelColumns
    let parts = (n + packedPart - 1) / packedPart
    Threads.forEach(depths * parts) { index in
      let start = index / parts * Self.depth
      let depth = min(Self.depth, k - start)
      let column = index % parts * packedPart
      let source = b.at(row: start, column: column)
      kernels.pack(
        depth, min(packedPart, n - column), source.pointer, source.stride, source.transposed,
        packed.pointer + start * paddedColumns + column * depth)
    }

    // Enough pieces for many threads, and never pieces of a few rows where there are many.
    let rows = max(32, min(Self.tallest, (m / 16 + 7) / 8 * 8))
    let rowPieces = (m + rows - 1) / rows
    let columnPieces = max(1, min(n / (4 * Self.panelColumns), 8 / rowPieces))
    let panels = (n + Self.panelColumns - 1) / Self.panelColumns
    let columns = (panels + columnPieces - 1) / columnPieces * Self.panelColumns
    Threads.forEachFlushingDenormals(rowPieces * columnPieces) { index in
      let firstRow = index % rowPieces * rows
      let firstColumn = index / rowPieces * columns
      guard firstColumn < n else { return }
      multiplyPiece(
        rows: firstRow..<min(m, firstRow + rows),
        columns: firstColumn..<min(n, firstColumn + columns), packed, paddedColumns)
    }
  }

  private func multiplyPiece(
    rows: Range<Int>, columns: Range<Int>, _ packed: Storage, _ paddedColumns: Int
  ) {
    // A transposed block is turned round first; the odd stride spares the cache's sets.
    let turnedStride = min(Self.depth, k) + 16
    let turned = a.transposed ? Storage(count: rows.count * turnedStride) : nil
    for start in Swift.stride(from: 0, to: k, by: Self.depth) {
      let depth = min(Self.depth, k - start)
      var left = a.at(row: rows.lowerBound, column: start)
      if let turned {
        kernels.transpose(
          depth, rows.count, left.pointer, left.stride, turned.pointer, turnedStride)
        left = MatrixOperand(turned.pointer, stride: turnedStride)
      }
      kernels.multiply_packed(
        rows.count, columns.count, depth, left.pointer, left.stride,
        packed.pointer + start * paddedColumns + columns.lowerBound * depth,
        c + rows.lowerBound * stride + columns.lowerBound, stride, accumulate || start > 0)
    }
  }

  // MARK: OpenBLAS

  /// Work below which a second thread costs more than it gives.
  private static let smallestPiece = 4_000_000  // multiply-adds
  private static let mostPieces = 8

  func multiplyInPiecesWithOpenBLAS() {
    let pieces = max(1, min(Self.mostPieces, m * n * k / Self.smallestPiece))
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
      c + rows.lowerBound * stride + columns.lowerBound, stride, accumulate: accumulate)
  }
}
