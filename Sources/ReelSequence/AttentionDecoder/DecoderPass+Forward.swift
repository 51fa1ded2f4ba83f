import ReelLayers
import ReelTensor

extension DecoderPass {
  /// The input projection of the embedded tokens of all steps at once: x·W_ih[:, ..<E]ᵀ + bias.
  func project(_ x: Tensor) {
    let layer = weights.layers[0]
    guard let weight = layer.weights.input else { return }
    MatrixProduct.compute(
      m: layout.total, n: layer.gateWidth, k: weights.embeddingSize,
      MatrixOperand(x.storage.pointer, stride: weights.embeddingSize),
      MatrixOperand(weight.storage.pointer, stride: layer.inputSize, transposed: true),
      into: layers[0].gates.pointer, stride: layer.gateWidth, bias: layer.bias?.storage.pointer)
  }

  func forward(with products: DecoderProducts) {
    Threads.forEachFlushingDenormals(pieces.count) { self.forward(piece: $0, with: products) }
  }

  /// The loop over time for one piece of the batch.
  private func forward(piece index: Int, with products: DecoderProducts) {
    let piece = pieces[index]
    let hidden = weights.hiddenSize
    let size = weights.attentionalSize
    let scratch = core.makeScratch()
    let states = initial.map { layer in
      layer.map { component in
        let state = Storage(count: piece.count * hidden)
        state.pointer.update(
          from: component.storage.pointer + piece.lowerBound * hidden, count: state.count)
        return state
      }
    }

    for time in 0..<layout.longest {
      let rows = activeRows(of: piece, at: time)
      guard rows > 0 else { break }  // rows only become fewer
      let first = layout.offsets[time] + piece.lowerBound

      // The first layer: what is fed joins the projection of the token.
      let gates = layers[0].gates.matrix(piece: index, first: first, rows: rows)
      if let fed = fedRows(piece, time: time) {
        products.inputs[0].multiply(
          rows: rows, fed, stride: size, into: gates.pointer, stride: gates.stride,
          accumulate: true)
      }
      for layer in weights.layers.indices {
        if layer > 0 {
          let input = layers[layer].input.matrix(piece: index, first: first, rows: rows)
          let below = states[layer - 1][0].pointer
          if let mask = masks[layer] {
            kernels.multiply(
              rows * hidden, below, mask.storage.pointer + first * hidden, input.pointer)
          } else {
            input.pointer.update(from: below, count: rows * hidden)
          }
          let gates = layers[layer].gates.matrix(piece: index, first: first, rows: rows)
          let hasBias = weights.layers[layer].fillBias(gates)
          products.inputs[layer].multiply(
            rows: rows, input.pointer, stride: hidden, into: gates.pointer, stride: gates.stride,
            accumulate: hasBias)
        }
        weights.layers[layer].forward(
          layers[layer], piece: index, first: first, count: rows, states: states[layer],
          products: products.hidden[layer])
      }

      // Attention of the last layer's output.
      let top = states[states.count - 1][0].pointer
      let combined = combined.matrix(piece: index, first: first, rows: rows)
      var (query, queryWidth) = (UnsafePointer(top), hidden)
      if let product = products.query {
        let queries = queries.matrix(piece: index, first: first, rows: rows)
        product.multiply(
          rows: rows, top, stride: hidden, into: queries.pointer, stride: queries.stride,
          accumulate: false)
        (query, queryWidth) = (UnsafePointer(queries.pointer), queries.stride)
      }
      for row in 0..<rows {
        let target = combined.pointer + row * combined.stride
        core.forward(
          source: sources[piece.lowerBound + row], query: query + row * queryWidth,
          weights: alpha.storage.pointer + alphaOffsets[first + row], context: target,
          scratch: scratch)
        (target + core.valueSize).update(from: top + row * hidden, count: hidden)
      }
      let attentional = output.storage.pointer + first * size
      products.combination.multiply(
        rows: rows, combined.pointer, stride: combined.stride, into: attentional, stride: size,
        accumulate: false)
      kernels.hyperbolic_tangent(rows * size, attentional, attentional)
    }
    for (layer, layerStates) in states.enumerated() {
      for (component, state) in layerStates.enumerated() {
        (final[layer][component].storage.pointer + piece.lowerBound * hidden).update(
          from: state.pointer, count: state.count)
      }
    }
  }

  /// h̃ of the step before, for the rows of a piece; nil where it is 0.
  private func fedRows(_ piece: Range<Int>, time: Int) -> UnsafePointer<Float>? {
    let size = weights.attentionalSize
    if time == 0 { return fed.map { UnsafePointer($0.storage.pointer + piece.lowerBound * size) } }
    let row = layout.offsets[time - 1] + piece.lowerBound
    return UnsafePointer(output.storage.pointer + row * size)
  }
}
