import ReelLayers
import ReelTensor

/// Where the backward loop of a decoder collects what all steps add to.
private struct DecoderSums: @unchecked Sendable {
  let attention: AttentionGradients
  /// Gradient of the state of each layer, [batch, H] in sorted order: starts at 0, ends as that of
  /// the initial state.
  let states: [[Tensor]]
  /// For each piece and layer: the gradients of the cell's own parameters.
  let parameters: [[[Tensor]]]
  /// For each piece and layer: Σ of the gradients in `gates`, behind them of those in `recurrent`.
  let biases: [[Storage]]
  /// Gradient before the tanh of h̃, [total, A].
  let attentional: Storage
  /// Gradient of the projected query, [total, K], of additive attention.
  let queries: Storage
}

/// The products of a step, going back.
private struct DecoderGradientProducts: Sendable {
  let inputs: [StepProduct]
  let hidden: [[[StepProduct]]]
  let query: StepProduct?
  let combination: StepProduct

  init<Cell>(_ weights: DecoderWeights<Cell>, use: StepProduct.Use) {
    inputs = weights.layers.enumerated().map { index, layer in
      layer.inputGradientProduct(from: index == 0 ? weights.embeddingSize : 0, use: use)
    }
    hidden = weights.layers.map { $0.hiddenGradientProducts(use: use) }
    func product(_ weight: Tensor) -> StepProduct {
      StepProduct(
        k: weight.shape[0], n: weight.shape[1], weight.storage, offset: 0,
        stride: weight.shape[1], transposed: false, use: use)
    }
    query = weights.query.map(product)
    combination = product(weights.combination)
  }
}

/// Gradients of everything that went into a decoder.
struct DecoderGradients {
  var input: Tensor?
  var keys: Tensor
  var values: Tensor
  var vector: Tensor?
  var query: Tensor?
  var combination: Tensor
  var layers: [(weights: RecurrentWeights, cell: [Tensor], initial: [Tensor])]
}

extension DecoderPass {
  /// BPTT. `x` is what the projections were made of.
  func backward(_ x: Tensor, outputGradient: Tensor?, alphaGradient: Tensor?) -> DecoderGradients {
    let products = DecoderGradientProducts(weights, use: use)
    func zeros(_ count: Int) -> Storage {
      let storage = Storage(count: count)
      storage.pointer.update(repeating: 0, count: count)
      return storage
    }
    let sums = DecoderSums(
      attention: AttentionGradients(core, pieces: pieces.count),
      states: start.state.map { $0.map { Tensor(zeros: $0.shape) } },
      parameters: pieces.map { _ in
        weights.layers.map { $0.cell.parameters.map { Tensor(zeros: $0.tensor.shape) } }
      },
      biases: pieces.map { _ in weights.layers.map { zeros($0.gateWidth + $0.recurrentWidth) } },
      attentional: Storage(count: layout.total * weights.attentionalSize),
      queries: zeros(layout.total * queries.width))
    Threads.forEachFlushingDenormals(pieces.count) {
      self.backward(
        piece: $0, outputGradient: outputGradient, alphaGradient: alphaGradient, products, sums)
    }
    return finish(x, sums)
  }

  /// The steps of one piece in the opposite order.
  private func backward(
    piece index: Int, outputGradient: Tensor?, alphaGradient: Tensor?,
    _ products: DecoderGradientProducts, _ sums: DecoderSums
  ) {
    let piece = pieces[index]
    let hidden = weights.hiddenSize
    let size = weights.attentionalSize
    let combinedSize = weights.combinedSize
    let last = weights.layers.count - 1
    let scratch = core.makeScratch()
    let fed = Storage(count: piece.count * size)
    fed.pointer.update(repeating: 0, count: fed.count)
    let inner = Storage(count: piece.count * combinedSize)
    let below = Storage(count: piece.count * hidden)
    let written = Storage(count: piece.count * hidden)
    let states = sums.states.map { layer in
      layer.map { $0.storage.pointer + piece.lowerBound * hidden }
    }

    for time in (0..<layout.longest).reversed() {
      let rows = activeRows(of: piece, at: time)
      guard rows > 0 else { continue }
      let first = layout.offsets[time] + piece.lowerBound

      // h̃ = tanh(W_c·[c; h]).
      let attentional = sums.attentional.pointer + first * size
      if let outputGradient {
        kernels.add(
          rows * size, fed.pointer, outputGradient.storage.pointer + first * size, attentional)
      } else {
        attentional.update(from: fed.pointer, count: rows * size)
      }
      kernels.hyperbolic_tangent_backward(
        rows * size, end.output.storage.pointer + first * size, attentional, attentional)
      products.combination.multiply(
        rows: rows, attentional, stride: size, into: inner.pointer, stride: combinedSize,
        accumulate: false)

      // Attention. The query's gradient joins that of h, or waits for W_q.
      let combined = combined.matrix(piece: index, first: first, rows: rows)
      for row in 0..<rows {
        let gradient = inner.pointer + row * combinedSize
        let queryRow = (first + row) * queries.width
        let query =
          queries.width > 0
          ? queries.pointer + queryRow
          : combined.pointer + row * combinedSize + core.valueSize
        core.backward(
          source: sources[piece.lowerBound + row], query: query,
          weights: alpha.storage.pointer + alphaOffsets[first + row],
          weightGradient: alphaGradient.map { $0.storage.pointer + alphaOffsets[first + row] },
          contextGradient: gradient,
          queryGradient: queries.width > 0
            ? sums.queries.pointer + queryRow : gradient + core.valueSize,
          into: sums.attention, piece: index, scratch: scratch)
      }
      for row in 0..<rows {
        let state = states[last][0] + row * hidden
        kernels.add(
          hidden, state, inner.pointer + row * combinedSize + core.valueSize, state)
      }
      products.query?.multiply(
        rows: rows, sums.queries.pointer + first * queries.width, stride: queries.width,
        into: states[last][0], stride: hidden, accumulate: true)

      // The recurrent layers, from the last.
      for layer in weights.layers.indices.reversed() {
        let gates = backward(
          layer: layer, piece: index, first: first, rows: rows, states[layer],
          products.hidden[layer], written, sums)
        let isFirst = layer == 0
        let target = isFirst ? fed.pointer : below.pointer
        products.inputs[layer].multiply(
          rows: rows, gates.pointer, stride: gates.stride, into: target,
          stride: isFirst ? size : hidden, accumulate: false)
        guard !isFirst else { continue }
        if let mask = masks[layer] {
          kernels.multiply_add(
            rows * hidden, target, mask.storage.pointer + first * hidden, states[layer - 1][0])
        } else {
          kernels.add(rows * hidden, states[layer - 1][0], target, states[layer - 1][0])
        }
      }
    }
  }

  /// One step of one layer; returns the gradients of its pre-activations.
  private func backward(
    layer: Int, piece index: Int, first: Int, rows: Int,
    _ states: [UnsafeMutablePointer<Float>], _ products: [[StepProduct]], _ written: Storage,
    _ sums: DecoderSums
  ) -> CellMatrix {
    let layerWeights = weights.layers[layer]
    let buffers = layers[layer]
    let hidden = weights.hiddenSize
    func matrix(_ values: StepRows) -> CellMatrix {
      values.matrix(piece: index, first: first, rows: rows)
    }
    func block(_ pointer: UnsafeMutablePointer<Float>) -> CellMatrix {
      CellMatrix(pointer, rows: rows, columns: hidden, stride: hidden)
    }
    var step = CellGradientStep(
      hiddenSize: hidden, gates: matrix(buffers.gates), recurrent: matrix(buffers.recurrent),
      previous: buffers.previous.map(matrix), written: matrix(buffers.written),
      writtenGradient: block(written.pointer), saved: matrix(buffers.saved),
      state: states.map(block),
      parameters: sums.parameters[index][layer].map {
        CellMatrix($0.storage.pointer, rows: 1, columns: $0.count, stride: $0.count)
      })
    for phase in layerWeights.plan.indices.reversed() {
      step.phase = phase
      layerWeights.cell.backward(step)
      var hasWritten = false
      for (product, multiplier) in zip(layerWeights.plan[phase], products[phase]) {
        let left = product.destination == .gates ? step.gates : step.recurrent
        let readsHidden = product.operand == .hidden
        multiplier.multiply(
          rows: rows, left.pointer + product.column, stride: left.stride,
          into: readsHidden ? states[0] : written.pointer, stride: hidden,
          accumulate: readsHidden || hasWritten)
        if !readsHidden { hasWritten = true }
      }
    }
    let bias = sums.biases[index][layer].pointer
    kernels.sum_columns(
      rows, layerWeights.gateWidth, step.gates.pointer, step.gates.stride, bias, true)
    kernels.sum_columns(
      rows, layerWeights.recurrentWidth, step.recurrent.pointer, step.recurrent.stride,
      bias + layerWeights.gateWidth, true)
    return step.gates
  }

  // MARK: After the loop: gradients that are sums over all steps, as large products

  private func finish(_ x: Tensor, _ sums: DecoderSums) -> DecoderGradients {
    let total = layout.total
    let size = weights.attentionalSize
    let combination = sumOfProducts(
      sums.attentional.pointer, width: size, combined.pointer, width: weights.combinedSize)
    var query: Tensor?
    if let weight = weights.query {
      query = Tensor(shape: weight.shape, storage: Storage(count: weight.count))
      MatrixProduct.compute(
        m: weight.shape[0], n: weight.shape[1], k: total,
        MatrixOperand(sums.queries.pointer, stride: weight.shape[0], transposed: true),
        MatrixOperand(combined.pointer + core.valueSize, stride: weights.combinedSize),
        into: query?.storage.pointer ?? combined.pointer, stride: weight.shape[1])
    }
    let (input, firstWeight) = firstLayerGradients(x)
    let layerGradients = weights.layers.indices.map { index in
      let layer = weights.layers[index]
      let (inputBias, hiddenBias) = biasGradients(of: index, sums)
      var cell = layer.cell.parameters.map { Tensor(zeros: $0.tensor.shape) }
      for share in sums.parameters {  // the pieces' shares in ascending order
        for parameter in cell.indices { cell[parameter].accumulate(share[index][parameter]) }
      }
      let inputWeight =
        index == 0
        ? firstWeight
        : sumOfProducts(
          layers[index].gates.pointer, width: layer.gateWidth, layers[index].input.pointer,
          width: layer.hiddenSize)
      return (
        weights: RecurrentWeights(
          input: inputWeight, hidden: hiddenWeightGradient(of: index), inputBias: inputBias,
          hiddenBias: hiddenBias),
        cell: cell, initial: sums.states[index]
      )
    }
    return DecoderGradients(
      input: input, keys: sums.attention.keys, values: sums.attention.values,
      vector: sums.attention.vector, query: query, combination: combination,
      layers: layerGradients)
  }

  /// Aᵀ·B over all steps.
  private func sumOfProducts(
    _ a: UnsafePointer<Float>, width rows: Int, _ b: UnsafePointer<Float>, width columns: Int
  ) -> Tensor {
    let result = Tensor(shape: [rows, columns], storage: Storage(count: rows * columns))
    MatrixProduct.compute(
      m: rows, n: columns, k: layout.total, MatrixOperand(a, stride: rows, transposed: true),
      MatrixOperand(b, stride: columns), into: result.storage.pointer, stride: columns)
    return result
  }

  /// The gradient of the embedded tokens, and of W_ih: its first E columns met the tokens, the
  /// others what was fed.
  private func firstLayerGradients(_ x: Tensor) -> (input: Tensor, weight: Tensor?) {
    let layer = weights.layers[0]
    let total = layout.total
    let embedding = weights.embeddingSize
    let gates = UnsafePointer(layers[0].gates.pointer)
    let width = layer.gateWidth
    let input = Tensor(shape: [total, embedding], storage: Storage(count: total * embedding))
    guard let weight = layer.weights.input else { return (input, nil) }
    MatrixProduct.compute(
      m: total, n: embedding, k: width, MatrixOperand(gates, stride: width),
      MatrixOperand(weight.storage.pointer, stride: layer.inputSize), into: input.storage.pointer,
      stride: embedding)
    let result = Tensor(shape: weight.shape, storage: Storage(count: weight.count))
    MatrixProduct.compute(
      m: width, n: embedding, k: total, MatrixOperand(gates, stride: width, transposed: true),
      MatrixOperand(x.storage.pointer, stride: embedding), into: result.storage.pointer,
      stride: layer.inputSize)
    // h̃ of the step before, beside the gradient that met it; nothing was fed to the first step.
    let size = weights.attentionalSize
    let start = layout.longest == 0 ? 0 : layout.active[0]
    let fed = Storage(count: (total - start) * size)
    for time in 1..<max(layout.longest, 1) {
      (fed.pointer + (layout.offsets[time] - start) * size).update(
        from: end.output.storage.pointer + layout.offsets[time - 1] * size,
        count: layout.active[time] * size)
    }
    MatrixProduct.compute(
      m: width, n: size, k: total - start,
      MatrixOperand(gates + start * width, stride: width, transposed: true),
      MatrixOperand(fed.pointer, stride: size), into: result.storage.pointer + embedding,
      stride: layer.inputSize)
    return (input, result)
  }

  private func hiddenWeightGradient(of index: Int) -> Tensor {
    let layer = weights.layers[index]
    let rows = layers[index]
    let hidden = layer.hiddenSize
    let result = Tensor(
      shape: [layer.gateWidth, hidden], storage: Storage(count: layer.gateWidth * hidden))
    for product in layer.plan.joined() {
      let source = product.destination == .gates ? rows.gates : rows.recurrent
      let operand = product.operand == .written ? rows.written : rows.previous[0]
      MatrixProduct.compute(
        m: product.width, n: hidden, k: layout.total,
        MatrixOperand(source.pointer + product.column, stride: source.width, transposed: true),
        MatrixOperand(operand.pointer, stride: hidden),
        into: result.storage.pointer + product.firstRow * hidden, stride: hidden)
    }
    return result
  }

  /// db_ih = Σ D, and db_hh the same but for the products that are kept apart.
  private func biasGradients(
    of index: Int, _ sums: DecoderSums
  ) -> (input: Tensor?, hidden: Tensor?) {
    let layer = weights.layers[index]
    func sum(_ count: Int, from first: Int) -> Tensor {
      Tensor.build(shape: [count]) { target in
        target.update(repeating: 0)
        guard let base = target.baseAddress else { return }
        for share in sums.biases {
          kernels.add(count, base, share[index].pointer + first, base)
        }
      }
    }
    let all = sum(layer.gateWidth, from: 0)
    var hidden = all
    for product in layer.plan.joined() where product.destination == .recurrent {
      let apart = sum(product.width, from: layer.gateWidth + product.column)
      hidden.withUnsafeMutableValues { target in
        guard let base = target.baseAddress else { return }
        (base + product.firstRow).update(from: apart.storage.pointer, count: apart.count)
      }
    }
    return (
      layer.weights.inputBias == nil ? nil : all, layer.weights.hiddenBias == nil ? nil : hidden
    )
  }
}
