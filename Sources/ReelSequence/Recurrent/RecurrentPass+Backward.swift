import ReelLayers
import ReelTensor

/// Gradients of everything that went into a pass.
struct RecurrentGradients {
  var input: Tensor?
  var weights: RecurrentWeights
  /// [batch, H] each, in sorted order.
  var initial: [Tensor]
  /// Of the cell's own parameters, in visiting order.
  var cell: [Tensor]
}

/// Where the backward loop collects what all steps add to.
struct RecurrentAccumulators: @unchecked Sendable {
  /// Gradient of the state, each [batch, H] in sorted order: starts as the gradient of the final
  /// state, ends as that of the initial one.
  let states: [Tensor]
  /// For each piece and each of the cell's parameters: its gradient so far.
  let parameters: [[Tensor]]
  /// For each piece: Σ over its steps and rows of the gradients in `gates` [G·H], and behind them of
  /// those in `recurrent`; empty without biases.
  let biases: [Storage]
}

extension RecurrentPass {
  func prepareBackward(
    finalGradients: [Tensor?]
  ) -> (multipliers: [[StepProduct]], accumulators: RecurrentAccumulators) {
    let multipliers = products.map { phase in
      phase.map { product in
        StepProduct(
          k: product.width, n: hiddenSize, weights.hidden.storage,
          offset: product.firstRow * hiddenSize, stride: hiddenSize, transposed: false,
          uses: layout.longest)
      }
    }
    let shape = [layout.batch, hiddenSize]
    let states = finalGradients.map { gradient in
      var state = gradient ?? Tensor(zeros: shape)
      state.withUnsafeMutableValues { _ in }  // an own copy: the loop writes it in place
      return state
    }
    let parameters = cell.parameters.map(\.tensor)
    return (
      multipliers,
      RecurrentAccumulators(
        states: states,
        parameters: pieces.map { _ in parameters.map { Tensor(zeros: $0.shape) } },
        biases: pieces.map { _ in
          let sums = Storage(count: hasBias ? gateWidth + recurrent.width : 0)
          sums.pointer.update(repeating: 0, count: sums.count)
          return sums
        })
    )
  }

  /// BPTT for one piece of the batch: the steps in the opposite order.
  func backward(
    piece index: Int, outputGradient: Tensor?, with multipliers: [[StepProduct]],
    into accumulators: RecurrentAccumulators
  ) {
    let piece = pieces[index]
    let hidden = hiddenSize
    let writtenGradient = Storage(count: written.width == 0 ? 0 : piece.count * hidden)
    let maskedGradient = Storage(count: mask == nil ? 0 : piece.count * hidden)
    let factors = mask.map { $0.storage.pointer + piece.lowerBound * hidden }
    func block(_ rows: StepRows) -> CellMatrix { rows.matrix(piece: index, first: 0, rows: 0) }
    func matrix(_ pointer: UnsafeMutablePointer<Float>) -> CellMatrix {
      CellMatrix(pointer, rows: 0, columns: hidden, stride: hidden)
    }
    var step = CellGradientStep(
      hiddenSize: hidden,
      gates: block(gates), recurrent: block(recurrent), previous: previous.map(block),
      written: block(written),
      writtenGradient: matrix(writtenGradient.pointer), saved: block(saved),
      state: accumulators.states.map {
        matrix($0.storage.pointer + piece.lowerBound * hidden)
      },
      parameters: accumulators.parameters[index].map {
        CellMatrix($0.storage.pointer, rows: 1, columns: $0.count, stride: $0.count)
      })

    for position in 0..<layout.longest {
      let time = time(at: layout.longest - 1 - position)
      let rows = activeRows(of: piece, at: time)
      guard rows > 0 else { continue }
      let first = layout.offsets[time] + piece.lowerBound

      step.gates = gates.matrix(piece: index, first: first, rows: rows)
      step.recurrent = recurrent.matrix(piece: index, first: first, rows: rows)
      step.written = written.matrix(piece: index, first: first, rows: rows)
      step.saved = saved.matrix(piece: index, first: first, rows: rows)
      step.writtenGradient.rows = rows
      for component in 0..<stateCount {
        step.previous[component] = previous[component].matrix(
          piece: index, first: first, rows: rows)
        step.state[component].rows = rows
      }
      let state = step.state[0].pointer
      if let outputGradient {
        kernels.add(
          rows * hidden, state, outputGradient.storage.pointer + first * hidden, state)
      }

      for phase in products.indices.reversed() {
        step.phase = phase
        cell.backward(step)
        var hasWritten = false
        for (product, multiplier) in zip(products[phase], multipliers[phase]) {
          let left = product.destination == .gates ? step.gates : step.recurrent
          let (target, accumulate) =
            switch product.operand {
            case .hidden: factors == nil ? (state, true) : (maskedGradient.pointer, false)
            case .written: (writtenGradient.pointer, hasWritten)
            }
          multiplier.multiply(
            rows: rows, left.pointer + product.column, stride: left.stride,
            into: target, stride: hidden, accumulate: accumulate)
          switch product.operand {
          case .hidden:
            if let factors { kernels.multiply_add(rows * hidden, target, factors, state) }
          case .written: hasWritten = true
          }
        }
        if hasWritten, let factors {
          let target = writtenGradient.pointer
          kernels.multiply(rows * hidden, target, factors, target)
        }
      }
      if hasBias {
        // While the step's gradients are in the cache.
        let sums = accumulators.biases[index].pointer
        kernels.sum_columns(
          rows, gateWidth, step.gates.pointer, step.gates.stride, sums, true)
        kernels.sum_columns(
          rows, recurrent.width, step.recurrent.pointer, step.recurrent.stride, sums + gateWidth,
          true)
      }
    }
  }

  private var hasBias: Bool { weights.inputBias != nil || weights.hiddenBias != nil }

  /// Everything that comes after the loop: gradients that are sums over all steps, as large
  /// products. With D the gradient of the pre-activations [total, G·H]:
  /// dx = D·W_ih, dW_ih = Dᵀ·x, dW_hh = Dᵀ·h_previous, db = Σ D.
  func finishBackward(
    _ accumulators: RecurrentAccumulators, wantsInput: Bool
  ) -> RecurrentGradients {
    let total = layout.total
    let width = gateWidth
    func empty(_ shape: [Int]) -> Tensor {
      Tensor(shape: shape, storage: Storage(count: shape.reduce(1, *)))
    }

    var inputGradient: Tensor?
    var inputWeight: Tensor?
    switch input {
    case .vectors(let x):
      guard let weight = weights.input else { break }
      let inputs = weight.shape[1]
      if wantsInput {
        let target = empty([total, inputs])
        MatrixProduct.compute(
          m: total, n: inputs, k: width, MatrixOperand(gates.pointer, stride: width),
          MatrixOperand(weight.storage.pointer, stride: inputs), into: target.storage.pointer,
          stride: inputs)
        inputGradient = target
      }
      let target = empty([width, inputs])
      MatrixProduct.compute(
        m: width, n: inputs, k: total,
        MatrixOperand(gates.pointer, stride: width, transposed: true),
        MatrixOperand(x.storage.pointer, stride: inputs), into: target.storage.pointer,
        stride: inputs)
      inputWeight = target
    case .lookup(let table, let ids):
      if wantsInput {
        inputGradient = ProjectionLookup.backward(
          rows: table.shape[0], ids, gradient: gates.pointer, width: width)
      }
    }

    let hiddenWeight = empty([width, hiddenSize])
    for product in products.joined() {
      let source = gradientBuffer(of: product)
      let operand =
        product.operand == .written ? written : mask == nil ? previous[0] : masked
      MatrixProduct.compute(
        m: product.width, n: hiddenSize, k: total,
        MatrixOperand(source.pointer, stride: source.stride, transposed: true),
        MatrixOperand(operand.pointer, stride: hiddenSize),
        into: hiddenWeight.storage.pointer + product.firstRow * hiddenSize, stride: hiddenSize)
    }

    let (inputBias, hiddenBias) = biasGradients(accumulators)

    // The pieces' shares in ascending order.
    let shares = accumulators.parameters
    var cellGradients = shares.first ?? cell.parameters.map { Tensor(zeros: $0.tensor.shape) }
    for share in shares.dropFirst() {
      for index in share.indices { cellGradients[index].accumulate(share[index]) }
    }
    return RecurrentGradients(
      input: inputGradient,
      weights: RecurrentWeights(
        input: inputWeight, hidden: hiddenWeight, inputBias: inputBias, hiddenBias: hiddenBias),
      initial: accumulators.states, cell: cellGradients)
  }

  /// db_ih = Σ D, and db_hh the same but for the products that are kept apart.
  private func biasGradients(
    _ accumulators: RecurrentAccumulators
  ) -> (input: Tensor?, hidden: Tensor?) {
    let width = gateWidth
    func sum(_ count: Int, from first: Int) -> Tensor {
      // The pieces' shares in ascending order.
      var total = Tensor(zeros: [count])
      total.withUnsafeMutableValues { target in
        guard let base = target.baseAddress else { return }
        for share in accumulators.biases { kernels.add(count, base, share.pointer + first, base) }
      }
      return total
    }
    guard hasBias else { return (nil, nil) }
    let sums = sum(width, from: 0)
    guard weights.hiddenBias != nil else { return (sums, nil) }
    var hidden = sums
    for product in products.joined() where product.destination == .recurrent {
      let apart = sum(product.width, from: width + product.column)
      hidden.withUnsafeMutableValues { target in
        guard let base = target.baseAddress else { return }
        (base + product.firstRow).update(from: apart.storage.pointer, count: apart.count)
      }
    }
    return (weights.inputBias == nil ? nil : sums, hidden)
  }

  private func gradientBuffer(
    of product: PlannedProduct
  ) -> (pointer: UnsafePointer<Float>, stride: Int) {
    product.destination == .gates
      ? (UnsafePointer(gates.pointer + product.column), gateWidth)
      : (UnsafePointer(recurrent.pointer + product.column), recurrent.width)
  }
}
