import CReelKernels

extension Tensor {
  /// Rows that are made orthonormal together; all earlier rows are taken off them with matrix
  /// products.
  private static let orthonormalBlock = 32

  /// A matrix with orthonormal rows that span what the rows of this one span (at most as many rows
  /// as columns): Gram and Schmidt, each row twice, which is enough to make it orthogonal to
  /// rounding (Giraud et al. 2005). The rows must be linearly independent.
  package consuming func orthonormalizedRows() -> Tensor {
    precondition(
      rank == 2 && shape[0] <= shape[1],
      "orthonormalizedRows of shape \(shape): a matrix with no more rows than columns is expected")
    let (rows, columns) = (shape[0], shape[1])
    var result = self
    result.withUnsafeMutableValues { values in
      guard let base = values.baseAddress else { return }
      for start in stride(from: 0, to: rows, by: Self.orthonormalBlock) {
        let count = min(Self.orthonormalBlock, rows - start)
        let block = base + start * columns
        // Twice in full: what is left of a nearly dependent row is small, and its rounding errors
        // grow when it is brought to length 1.
        for _ in 0..<2 {
          Self.subtractProjections(of: block, rows: count, on: base, start, columns: columns)
          for row in 0..<count {
            Self.normalize(block + row * columns, after: row, rowsAt: block, columns: columns)
          }
        }
      }
    }
    return result
  }

  /// X ← X − (X·Qᵀ)·Q for a block X of rows and the finished rows Q.
  private static func subtractProjections(
    of block: UnsafeMutablePointer<Float>, rows: Int, on finished: UnsafePointer<Float>,
    _ finishedRows: Int, columns: Int
  ) {
    guard finishedRows > 0 else { return }
    let lengths = Storage(count: rows * finishedRows, briefly: true)
    MatrixProduct.compute(
      m: rows, n: finishedRows, k: columns, MatrixOperand(block, stride: columns),
      MatrixOperand(finished, stride: columns, transposed: true), into: lengths.pointer,
      stride: finishedRows)
    let projections = Storage(count: rows * columns, briefly: true)
    MatrixProduct.compute(
      m: rows, n: columns, k: finishedRows, MatrixOperand(lengths.pointer, stride: finishedRows),
      MatrixOperand(finished, stride: columns), into: projections.pointer, stride: columns)
    kernels.subtract(rows * columns, block, projections.pointer, block)
  }

  /// One row against those before it in its block, then to length 1.
  private static func normalize(
    _ current: UnsafeMutablePointer<Float>, after earlier: Int,
    rowsAt block: UnsafePointer<Float>, columns: Int
  ) {
    for _ in 0..<2 {
      for row in 0..<earlier {
        let other = block + row * columns
        kernels.add_scaled(columns, -kernels.dot(columns, current, other), other, current)
      }
    }
    let length = kernels.dot(columns, current, current).squareRoot()
    kernels.scale_add(columns, 1 / length, 0, current, current)
  }
}
