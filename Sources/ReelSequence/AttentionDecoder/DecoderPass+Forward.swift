import ReelLayers
import ReelTensor

extension DecoderPass {
  /// The input projection of the embedded tokens of all steps at once: x·W_ih[:, ..<E]ᵀ + bias.
  func project(_ x: Tensor) {
    let layer = weights.layers[0]
    guard let weight = layer.weights.input else { return }
    AffineProduct.forward(
      rows: layout.total, x.storage.pointer, stride: weights.embeddingSize, weight: weight,
      inputs: weights.embeddingSize, bias: layer.bias, into: layers[0].gates.pointer,
      isKept: !keeps)
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
    // The states of the end are those of every step on the way to it.
    let states = end.state.map { layer in
      layer.map { $0.storage.pointer + piece.lowerBound * hidden }
    }
    for (first, now) in zip(start.state.joined(), states.joined()) {
      begin(piece, with: first, into: now)
    }

    for time in 0..<layout.longest {
      let rows = activeRows(of: piece, at: time)
      guard rows > 0 else { break }  // rows only become fewer
      let first = layout.offsets[time] + piece.lowerBound

      for layer in weights.layers.indices {
        var input: StepProduct.Term?
        var accumulate = true
        if layer == 0 {
          // What is fed joins the projection of the token.
          input = fedRows(piece: index, time: time).map { (products.inputs[0], $0, size) }
        } else {
          let rowsBelow = layers[layer].input.matrix(piece: index, first: first, rows: rows)
          let below = states[layer - 1][0]
          if let mask = masks[layer] {
            kernels.multiply(
              rows * hidden, below, mask.storage.pointer + first * hidden, rowsBelow.pointer)
          } else {
            rowsBelow.pointer.update(from: below, count: rows * hidden)
          }
          accumulate = weights.layers[layer].fillBias(
            layers[layer].gates.matrix(piece: index, first: first, rows: rows))
          input = (products.inputs[layer], UnsafePointer(rowsBelow.pointer), hidden)
        }
        weights.layers[layer].forward(
          layers[layer], piece: index, first: first, count: rows, states: states[layer],
          input: input, accumulate: accumulate, products: products.hidden[layer])
      }

      // Attention of the last layer's output.
      let top = states[states.count - 1][0]
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
      let attentional = end.output.storage.pointer + first * size
      products.combination.multiply(
        rows: rows, combined.pointer, stride: combined.stride, into: attentional, stride: size,
        accumulate: false)
      kernels.hyperbolic_tangent(rows * size, attentional, attentional)
    }
  }

  /// Copies what the places of a piece begin with.
  private func begin(
    _ piece: Range<Int>, with rows: Tensor, into target: UnsafeMutablePointer<Float>
  ) {
    let size = rows.shape[1]
    for (row, place) in piece.enumerated() {
      (target + row * size).update(
        from: rows.storage.pointer + (start.rows?[place] ?? place) * size, count: size)
    }
  }

  /// h̃ of the step before, for the rows of a piece; nil where it is 0.
  private func fedRows(piece index: Int, time: Int) -> UnsafePointer<Float>? {
    let (piece, size) = (pieces[index], weights.attentionalSize)
    if time > 0 {
      let row = layout.offsets[time - 1] + piece.lowerBound
      return UnsafePointer(end.output.storage.pointer + row * size)
    }
    guard let fed = start.fed else { return nil }
    let target = gathered.matrix(piece: index, first: piece.lowerBound, rows: piece.count).pointer
    begin(piece, with: fed, into: target)
    return UnsafePointer(target)
  }
}
