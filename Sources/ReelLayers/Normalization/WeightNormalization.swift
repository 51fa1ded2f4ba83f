import ReelTensor

extension Tensor {
  /// Weight normalization (Salimans and Kingma 2016): w = g·v/‖v‖ for each position of the first
  /// axis, one node. A position of zeros has no direction and stays zeros.
  ///
  /// Shapes: self v [out, ...], `gain` g [out, 1, ...] (as many values as v has positions on its
  /// first axis), w as v. PyTorch's `weight_norm` with `dim=0`.
  ///
  /// With n = ‖v‖: dg = dw·v/n, and dv = (g/n)·(dw − v·(dw·v)/n²).
  public func weightNormalized(gain: Tensor) -> Tensor {
    let rows = shape.first ?? 0
    precondition(
      rank >= 2 && gain.count == rows && gain.shape.first == rows,
      "weightNormalized: directions of shape \(shape) and gains of shape \(gain.shape), "
        + "[out, …] and [out, 1, …] are expected")
    let columns = rows == 0 ? 0 : count / rows
    let (v, g) = (detached(), gain.detached())
    // 1/‖v‖ of each row.
    let inverse = Storage(count: rows)
    let rowsPerPiece = max(1, (1 << 14) / max(columns, 1))
    let w = Tensor(shape: shape, storage: Storage(count: count))
    Threads.forEachRange(of: rows, size: rowsPerPiece) { range in
      for row in range {
        let source = v.storage.pointer + row * columns
        let square = kernels.sum_of_squares(columns, source)
        inverse.pointer[row] = square > 0 ? Float(1 / square.squareRoot()) : 0
        kernels.scale_add(
          columns, g.storage.pointer[row] * inverse.pointer[row], 0, source,
          w.storage.pointer + row * columns)
      }
    }
    return record(w, from: [self, gain]) { gradient in
      let dv = Tensor(shape: v.shape, storage: Storage(count: v.count))
      let dg = Tensor(shape: g.shape, storage: Storage(count: rows))
      Threads.forEachRange(of: rows, size: rowsPerPiece) { range in
        for row in range {
          let (v, dw) = (
            v.storage.pointer + row * columns, gradient.storage.pointer + row * columns
          )
          let target = dv.storage.pointer + row * columns
          let scale = inverse.pointer[row]
          let gain = g.storage.pointer[row]
          let along = kernels.dot(columns, dw, v) * scale
          dg.storage.pointer[row] = along
          kernels.scale_add(columns, gain * scale, 0, dw, target)
          kernels.add_scaled(columns, -gain * scale * scale * along, v, target)
        }
      }
      return [.dense(dv), .dense(dg)]
    }
  }
}
