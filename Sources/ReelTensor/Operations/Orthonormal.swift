import CReelKernels

extension Tensor {
  /// A matrix with orthonormal rows that span what the rows of this one span (at most as many rows
  /// as columns): Gram and Schmidt, each row twice, which is enough to make it orthogonal to
  /// rounding (Giraud et al. 2005).
  package func orthonormalizedRows() -> Tensor {
    precondition(
      rank == 2 && shape[0] <= shape[1],
      "orthonormalizedRows of shape \(shape): a matrix with no more rows than columns is expected")
    let (rows, columns) = (shape[0], shape[1])
    var result = detached()
    result.withUnsafeMutableValues { values in
      guard let base = values.baseAddress else { return }
      for row in 0..<rows {
        let current = base + row * columns
        for _ in 0..<2 {
          for earlier in 0..<row {
            let other = base + earlier * columns
            kernels.add_scaled(columns, -kernels.dot(columns, current, other), other, current)
          }
        }
        let length = kernels.dot(columns, current, current).squareRoot()
        kernels.scale_add(columns, 1 / length, 0, current, current)
      }
    }
    return result
  }
}
