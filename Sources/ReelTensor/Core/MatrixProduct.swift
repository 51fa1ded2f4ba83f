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

/// Large matrix products: cut into pieces of the result by shape alone, each one call of OpenBLAS.
package enum MatrixProduct {
  /// Work below which a second thread costs more than it gives.
  private static let smallestPiece = 4_000_000  // multiply-adds
  private static let mostPieces = 16

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
    let pieces = max(1, min(mostPieces, m * n * k / smallestPiece))
    // Cut the longer side; pieces end at multiples of 64, where the kernels run full.
    let side = max(m, n)
    let size = max(64, ((side + pieces - 1) / pieces + 63) / 64 * 64)
    let target = Shared(c)
    Threads.forEachRange(of: side, size: size) { range in
      if m >= n {
        let a = a.at(row: range.lowerBound, column: 0)
        OpenBLAS.multiply(
          range.count, n, k, a.pointer, a.stride, transposeA: a.transposed,
          b.pointer, b.stride, transposeB: b.transposed,
          target.pointer + range.lowerBound * stride, stride, accumulate: accumulate)
      } else {
        let b = b.at(row: 0, column: range.lowerBound)
        OpenBLAS.multiply(
          m, range.count, k, a.pointer, a.stride, transposeA: a.transposed,
          b.pointer, b.stride, transposeB: b.transposed,
          target.pointer + range.lowerBound, stride, accumulate: accumulate)
      }
    }
  }
}
