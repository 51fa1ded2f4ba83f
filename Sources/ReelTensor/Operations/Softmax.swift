import CReelKernels

/// Rows of a softmax that one thread takes at a time.
private func rowsPerPiece(columns: Int) -> Int { max(1, (1 << 14) / max(columns, 1)) }

extension Tensor {
  /// Softmax along the last axis: y_j = exp(x_j) / Σ_k exp(x_k).
  public func softmax() -> Tensor {
    let y = rowwise { kernels.softmax($0, $1, $2, $1, $3, $1) }
    return record(y, from: [self]) { gradient in
      [
        .dense(
          y.rowwise(with: gradient) { kernels.softmax_backward($0, $1, $2, $3, $4) })
      ]
    }
  }

  /// Logarithm of the softmax along the last axis: y_j = x_j − log Σ_k exp(x_k).
  public func logSoftmax() -> Tensor {
    let y = rowwise { kernels.log_softmax($0, $1, $2, $1, $3, $1) }
    return record(y, from: [self]) { gradient in
      [
        .dense(
          y.rowwise(with: gradient) { kernels.log_softmax_backward($0, $1, $2, $3, $4) })
      ]
    }
  }

  private func rowwise(
    _ kernel: @Sendable (Int, Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    let columns = shape.last ?? 1
    let result = Tensor(shape: shape, storage: Storage(count: count))
    let (source, target) = (Shared(storage.pointer), Shared(result.storage.pointer))
    let rows = columns == 0 ? 0 : count / columns
    Threads.forEachRange(of: rows, size: rowsPerPiece(columns: columns)) {
      let offset = $0.lowerBound * columns
      kernel($0.count, columns, source.pointer + offset, target.pointer + offset)
    }
    return result
  }

  private func rowwise(
    with other: Tensor,
    _ kernel:
      @Sendable (
        Int, Int, UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>
      ) -> Void
  ) -> Tensor {
    let second = Shared(other.storage.pointer)
    let base = Shared(storage.pointer)
    return rowwise { rows, columns, source, target in
      kernel(rows, columns, source, second.pointer + (source - UnsafePointer(base.pointer)), target)
    }
  }
}
