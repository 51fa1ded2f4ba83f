import CReelKernels

/// Which columns of a row a local response normalization sums over, and with what numbers.
package struct LocalResponse: Sendable, Hashable {
  package var before: Int
  package var after: Int
  /// Factor of the sum.
  package var alpha: Float
  package var beta: Float
  package var bias: Float

  package init(before: Int, after: Int, alpha: Float, beta: Float, bias: Float) {
    (self.before, self.after, self.alpha, self.beta, self.bias) = (before, after, alpha, beta, bias)
  }

  /// Floats that a kernel works in.
  func scratchCount(columns: Int) -> Int { 2 * columns + before + after + 1 }
}

extension Tensor {
  /// y[r, c] = x[r, c]·(bias + alpha·Σ_j x[r, j]²)^−beta, j from c − before to c + after within the
  /// row: self [rows, columns]. One node.
  package func locallyNormalized(_ response: LocalResponse) -> Tensor {
    precondition(rank == 2, "locallyNormalized: shape \(shape), [rows, columns] expected")
    let x = detached()
    let (rows, columns) = (shape[0], shape[1])
    let size = max(1, elementwiseChunk / max(columns, 1))
    let y = Tensor(shape: shape, storage: Storage(count: count))
    let target = Shared(y.storage.pointer)
    Threads.forEachRange(of: rows, size: size) { range in
      let scratch = Storage(count: response.scratchCount(columns: columns))
      let place = range.lowerBound * columns
      kernels.local_response(
        range.count, columns, response.before, response.after, response.alpha, response.beta,
        response.bias, x.storage.pointer + place, target.pointer + place, scratch.pointer)
      withExtendedLifetime(scratch) {}
    }
    return record(y, from: [self]) { gradient in
      let dx = Tensor(shape: x.shape, storage: Storage(count: x.count))
      let target = Shared(dx.storage.pointer)
      Threads.forEachRange(of: rows, size: size) { range in
        let scratch = Storage(count: response.scratchCount(columns: columns))
        let place = range.lowerBound * columns
        kernels.local_response_backward(
          range.count, columns, response.before, response.after, response.alpha, response.beta,
          response.bias, x.storage.pointer + place, gradient.storage.pointer + place,
          target.pointer + place, scratch.pointer)
        withExtendedLifetime(scratch) {}
      }
      return [.dense(dx)]
    }
  }
}
