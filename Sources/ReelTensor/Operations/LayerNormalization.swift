import CReelKernels

extension Tensor {
  /// Layer normalization of each row along the last axis; `gain` and `bias` have its length.
  package func layerNormalized(gain: Tensor, bias: Tensor, epsilon: Float) -> Tensor {
    let columns = shape.last ?? 1
    precondition(
      gain.shape == [columns] && bias.shape == [columns],
      "layer normalization of shape \(shape) with gain \(gain.shape) and bias \(bias.shape)")
    let rows = columns == 0 ? 0 : count / columns
    let x = detached()
    let g = gain.detached()
    let y = Tensor(shape: shape, storage: Storage(count: count))
    let mean = Storage(count: rows)
    let inverse = Storage(count: rows)
    let piece = max(1, elementwiseChunk / max(columns, 1))
    Threads.forEachRange(of: rows, size: piece) { range in
      let offset = range.lowerBound * columns
      kernels.layer_norm(
        range.count, columns, x.storage.pointer + offset, columns, g.storage.pointer,
        bias.storage.pointer, epsilon, y.storage.pointer + offset, columns,
        mean.pointer + range.lowerBound, inverse.pointer + range.lowerBound)
    }
    return record(y, from: [self, gain, bias]) { gradient in
      let dx = Tensor(shape: x.shape, storage: Storage(count: x.count))
      let dgain = Tensor(zeros: [columns])
      let dbias = Tensor(zeros: [columns])
      // One piece: the sums over rows keep one order.
      kernels.layer_norm_backward(
        rows, columns, x.storage.pointer, columns, g.storage.pointer, mean.pointer,
        inverse.pointer, gradient.storage.pointer, columns, dx.storage.pointer, columns,
        dgain.storage.pointer, dbias.storage.pointer)
      return [.dense(dx), .dense(dgain), .dense(dbias)]
    }
  }
}
