extension Tensor {
  /// x·Wᵀ + b on the last axis: x [..., in], `weight` [out, in], `bias` [out] or none → [..., out].
  /// One node of the graph, with every product in the shared core.
  package func affineMap(weight: Tensor, bias: Tensor?) -> Tensor {
    precondition(
      rank >= 1 && weight.rank == 2 && shape[rank - 1] == weight.shape[1]
        && bias.map { $0.shape == [weight.shape[0]] } ?? true,
      "affine map of shape \(shape) with weight \(weight.shape) and bias \(bias?.shape ?? []): "
        + "the last axis must have length \(weight.shape.last ?? 0)")
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let rows = inputs == 0 ? Array(shape.dropLast()).elementCount : count / inputs
    let x = detached()
    let w = weight.detached()
    let y = Tensor(
      shape: Array(shape.dropLast()) + [outputs], storage: Storage(count: rows * outputs))
    AffineProduct.forward(
      rows: rows, x.storage.pointer, stride: inputs, weight: w, bias: bias,
      into: y.storage.pointer,
      isKept: ![self, weight, bias].contains { $0?.isWatched ?? false })
    let needsInput = isWatched
    let needsWeight = weight.isWatched
    let needsBias = bias?.isWatched ?? false
    return record(y, from: [self, weight, bias]) { gradient in
      let dy = UnsafePointer(gradient.storage.pointer)
      var dx: Tensor?
      if needsInput, DeferredProduct.pays(columns: inputs, k: outputs) {
        let product = DeferredProduct(
          Tensor(shape: [rows, outputs], storage: gradient.storage), w)
        dx = Tensor(shape: x.shape, storage: Storage(product))
      } else if needsInput {
        let target = Tensor(shape: x.shape, storage: Storage(count: x.count))
        MatrixProduct.compute(
          m: rows, n: inputs, k: outputs, MatrixOperand(dy, stride: outputs),
          MatrixOperand(w.storage.pointer, stride: inputs), into: target.storage.pointer,
          stride: inputs)
        dx = target
      }
      var dw: Tensor?
      if needsWeight {
        let target = Tensor(shape: w.shape, storage: Storage(count: w.count))
        MatrixProduct.compute(
          m: outputs, n: inputs, k: rows, MatrixOperand(dy, stride: outputs, transposed: true),
          MatrixOperand(x.storage.pointer, stride: inputs), into: target.storage.pointer,
          stride: inputs)
        dw = target
      }
      var db: Tensor?
      if needsBias {
        let target = Tensor(shape: [outputs], storage: Storage(count: outputs))
        MatrixReduction.sumColumns(
          rows: rows, columns: outputs, dy, stride: outputs, into: target.storage.pointer)
        db = target
      }
      return [dx.map { .dense($0) }, dw.map { .dense($0) }, db.map { .dense($0) }]
    }
  }
}

/// The forward half of an affine map on raw rows, which the recurrent loop uses as well.
package enum AffineProduct {
  /// Rows up to which reading the weights once, unpacked, beats a matrix product.
  static let fewRows = 4

  /// y (rows×out) = x·Wᵀ + b.
  ///
  /// - Parameters:
  ///   - inputs: the columns of W that are read, the first ones; nil: all.
  ///   - outputStride: floats from row to row of y; nil: out.
  ///   - isKept: whether nobody watches, so that the weights are likely to be used again as they are.
  package static func forward(
    rows: Int, _ x: UnsafePointer<Float>, stride: Int, weight: Tensor, inputs: Int? = nil,
    bias: Tensor?, into y: UnsafeMutablePointer<Float>, outputStride: Int? = nil, isKept: Bool
  ) {
    let (outputs, width) = (weight.shape[0], weight.shape[1])
    let outputStride = outputStride ?? outputs
    precondition(
      outputStride >= outputs, "affine map: \(outputs) values in rows of \(outputStride)")
    let inputs = inputs ?? width
    let b = bias?.storage.pointer
    if rows <= fewRows {
      for row in 0..<rows {
        VectorProduct.compute(
          rows: outputs, columns: inputs, weight.storage, stride: width, x + row * stride, bias: b,
          into: y + row * outputStride, accumulate: false)
      }
      return
    }
    if isKept, let product = ByteProduct(k: inputs, n: outputs, weight.storage, stride: width) {
      product.multiplyShared(
        rows: rows, x, stride: stride, bias: b, into: y, stride: outputStride)
      return
    }
    MatrixProduct.compute(
      m: rows, n: outputs, k: inputs, MatrixOperand(x, stride: stride),
      MatrixOperand(weight.storage.pointer, stride: width, transposed: true), into: y,
      stride: outputStride, bias: b, keptIn: isKept ? weight.storage : nil)
  }
}
