import ReelLayers
import ReelTensor

/// Gradients of everything that went into a pass.
struct RecurrentGradients {
  var input: Tensor?
  var weights: RecurrentWeights
  /// [batch, P or H] each, in sorted order.
  var initial: [Tensor]
  /// Of the cell's own parameters, in visiting order.
  var cell: [Tensor]
}

/// Where the backward loop collects what all steps add to.
struct RecurrentAccumulators: @unchecked Sendable {
  /// Gradient of the state, each [batch, P or H] in sorted order: starts as the gradient of the final
  /// state, ends as that of the initial one.
  let states: [Tensor]
  /// For each piece and each of the cell's parameters: its gradient so far.
  let parameters: [[Tensor]]
  /// For each piece: Σ over its steps and rows of the gradients in `gates` [G·H], and behind them of
  /// those in `recurrent`; empty without biases.
  let biases: [Storage]
  /// The gradient of what each step's projection made, [total, P]; nil without a projection.
  let projected: Storage?
  /// D, the gradients of the pre-activations, [total, G·H]: where the gates are, or, if these are the output, in
  /// place of the gradient of the output, or else of the output.
  let gateGradients: StepRows
  /// Where D takes the place of the output, and only there: dW_hh so far, [H, H].
  let hiddenWeight: Tensor?
}

extension RecurrentPass {
  /// - Parameter outputGradient: its memory is taken where that is of use and it has no other owner.
  func prepareBackward(
    outputGradient: inout Tensor?, finalGradients: [Tensor?]
  ) -> (multipliers: StepProducts, accumulators: RecurrentAccumulators) {
    let units = unitProducts(isForward: false)
    let recurrent = (units == nil ? products : []).map { phase in
      phase.map { product in
        StepProduct(
          k: product.width, n: outputSize, weights.hidden.storage,
          offset: product.firstRow * outputSize, stride: outputSize, transposed: false,
          use: use)
      }
    }
    let projection = weights.projection.map {
      StepProduct(
        k: outputSize, n: hiddenSize, $0.storage, offset: 0, stride: hiddenSize, transposed: false,
        use: use)
    }
    let states = finalGradients.enumerated().map { component, gradient in
      var state = gradient ?? Tensor(zeros: [layout.batch, width(ofState: component)])
      state.withUnsafeMutableValues { _ in }  // an own copy: the loop writes it in place
      return state
    }
    let parameters = cell.parameters.map(\.tensor)
    let (gateGradients, replacesOutput) = placeOfGateGradients(outputGradient: &outputGradient)
    return (
      StepProducts(recurrent: recurrent, projection: projection, units: units),
      RecurrentAccumulators(
        states: states,
        parameters: pieces.map { _ in parameters.map { Tensor(zeros: $0.shape) } },
        biases: pieces.map { _ in
          let sums = Storage(count: hasBias ? gateWidth + self.recurrent.width : 0)
          sums.pointer.update(repeating: 0, count: sums.count)
          return sums
        },
        projected: projection.map { _ in Storage(count: layout.total * outputSize) },
        gateGradients: gateGradients,
        // The first stretch begins the sum, if there is one.
        hiddenWeight: !replacesOutput
          ? nil
          : layout.longest > 0
            ? empty(weights.hidden.shape) : Tensor(zeros: weights.hidden.shape))
    )
  }

  /// Where D is written: see `RecurrentAccumulators.gateGradients`.
  private func placeOfGateGradients(
    outputGradient: inout Tensor?
  ) -> (rows: StepRows, replacesOutput: Bool) {
    guard gatesAreOutput else { return (gates, false) }
    if var own = outputGradient.take() {
      defer { outputGradient = own }
      if own.origin == nil, own.storage.deferred == nil, own.hasStorageAlone() {
        own.storage.forgetPackedForms()
        return (StepRows(width: hiddenSize, own.storage), false)
      }
    }
    if readsOutput, mask == nil, Self.isOneProduct(products, width: gateWidth), ownsOutput() {
      output.storage.forgetPackedForms()
      return (gates, true)
    }
    return (StepRows(width: hiddenSize, Storage(count: layout.total * hiddenSize)), false)
  }

  /// BPTT for one piece of the batch: the steps of a stretch in the opposite order.
  func backward(
    piece index: Int, through stretch: BackwardStretch, with multipliers: StepProducts,
    into accumulators: RecurrentAccumulators
  ) {
    let piece = pieces[index]
    let hidden = outputSize  // features of the hidden state
    let writtenGradient = Storage(count: written.width == 0 ? 0 : piece.count * hidden)
    let maskedGradient = Storage(count: mask == nil ? 0 : piece.count * hidden)
    let factors = mask.map { $0.storage.pointer + piece.lowerBound * hidden }
    // What the cell is given where that is not the gradient of the state itself.
    let unprojectedGradient = unprojected.map { _ in Storage(count: piece.count * hiddenSize) }
    let carried = zoneout.enumerated().map { component, zoneout in
      zoneout.map { _ in Storage(count: piece.count * width(ofState: component)) }
    }
    let states = accumulators.states.enumerated().map { component, state in
      state.storage.pointer + piece.lowerBound * width(ofState: component)
    }
    let (gates, recurrent) = (self.gates, self.recurrent)
    func block(_ rows: StepRows) -> CellMatrix { rows.matrix(piece: index, first: 0, rows: 0) }
    func matrix(_ pointer: UnsafeMutablePointer<Float>, _ width: Int) -> CellMatrix {
      CellMatrix(pointer, rows: 0, columns: width, stride: width)
    }
    var step = CellGradientStep(
      hiddenSize: hiddenSize,
      gates: block(accumulators.gateGradients), recurrent: block(recurrent),
      previous: previous.map(block),
      written: block(written),
      writtenGradient: matrix(writtenGradient.pointer, hidden), saved: block(saved),
      state: states.enumerated().map { component, state in
        let cellOutput = component == 0 ? unprojectedGradient : nil
        return matrix(
          cellOutput?.pointer ?? state, component == 0 ? hiddenSize : width(ofState: component))
      },
      parameters: accumulators.parameters[index].map {
        CellMatrix($0.storage.pointer, rows: 1, columns: $0.count, stride: $0.count)
      })

    let state = states[0]
    let (isProjected, zonesOut) = (unprojected != nil, !zoneout.isEmpty)

    for position in stretch.positions.reversed() {
      let time = time(at: position)
      let rows = activeRows(of: piece, at: time)
      guard rows > 0 else { continue }
      let first = layout.offsets[time] + piece.lowerBound

      step.gates = accumulators.gateGradients.matrix(piece: index, first: first, rows: rows)
      step.recurrent = recurrent.matrix(piece: index, first: first, rows: rows)
      step.written = written.matrix(piece: index, first: first, rows: rows)
      step.saved = saved.matrix(piece: index, first: first, rows: rows)
      step.writtenGradient.rows = rows
      for component in 0..<stateCount {
        step.previous[component] = previousState(
          component, piece: index, position: position, first: first, rows: rows)
        step.state[component].rows = rows
      }
      if let (gradient, firstRow) = stretch.outputGradient {
        kernels.add(
          rows * hidden, state, gradient.pointer + (first - firstRow) * hidden, state)
      }
      if accumulators.hiddenWeight != nil {
        keepState(at: position, of: stretch, piece: piece)
      } else if gatesAreOutput {
        // Their gradients take another place, perhaps that of what has just been added.
        step.gates.copy(from: gates.matrix(piece: index, first: first, rows: rows))
      }
      if zonesOut {
        for (component, zoneout) in zoneout.enumerated() {
          guard let zoneout, let carried = carried[component] else { continue }
          zoneout.backward(
            first: first, rows: rows, width: width(ofState: component), state: states[component],
            carried: carried.pointer)
        }
      }
      if isProjected, let projection = multipliers.projection,
        let projected = accumulators.projected
      {
        let kept = projected.pointer + first * hidden
        kept.update(from: state, count: rows * hidden)
        state.update(repeating: 0, count: rows * hidden)
        projection.multiply(
          rows: rows, kept, stride: hidden, into: step.state[0].pointer, stride: hiddenSize,
          accumulate: false)
      }

      for phase in products.indices.reversed() {
        step.phase = phase
        cell.backward(step)
        var hasWritten = false
        for (product, multiplier) in zip(products[phase], multipliers.recurrent[phase]) {
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
      if zonesOut {
        for (component, carried) in carried.enumerated() {
          guard let carried else { continue }
          kernels.add(
            rows * width(ofState: component), states[component], carried.pointer,
            states[component])
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
    keepState(at: stretch.positions.lowerBound - 1, of: stretch, piece: piece)
  }

  private func empty(_ shape: [Int]) -> Tensor {
    Tensor(shape: shape, storage: Storage(count: shape.reduce(1, *)))
  }

  var hasBias: Bool { weights.inputBias != nil || weights.hiddenBias != nil }

  /// Everything that comes after the loop: gradients that are sums over all steps, as large
  /// products. With D the gradient of the pre-activations [total, G·H]:
  /// dx = D·W_ih, dW_ih = Dᵀ·x, dW_hh = Dᵀ·h_previous, db = Σ D. With dh the gradient of what the
  /// projection made [total, P], and y what it was made of [total, H]: dW_hr = dhᵀ·y. (Where D has taken the
  /// place of h, dW_hh is there already, stretch by stretch.)
  func finishBackward(
    _ accumulators: RecurrentAccumulators, wantsInput: Bool
  ) -> RecurrentGradients {
    let total = layout.total
    let gateGradients = accumulators.gateGradients
    let width = gateWidth
    var inputGradient: Tensor?
    var inputWeight: Tensor?
    var wantsVectors = false
    switch input {
    case .vectors(let x):
      guard let weight = weights.input else { break }
      let inputs = weight.shape[1]
      wantsVectors = wantsInput
      let target = empty([width, inputs])
      MatrixProduct.compute(
        m: width, n: inputs, k: total,
        MatrixOperand(gateGradients.pointer, stride: width, transposed: true),
        MatrixOperand(x.storage.pointer, stride: inputs), into: target.storage.pointer,
        stride: inputs)
      inputWeight = target
    case .lookup(let table, let ids, _):
      if wantsInput {
        inputGradient = ProjectionLookup.backward(
          rows: table.shape[0], ids, gradient: gateGradients.pointer, width: width)
      }
    }

    let hiddenWeight = accumulators.hiddenWeight ?? empty([width, outputSize])
    let gathered = accumulators.hiddenWeight == nil ? gatheredPrevious() : nil
    for product in products.joined() where accumulators.hiddenWeight == nil {
      let target = hiddenWeight.storage.pointer + product.firstRow * outputSize
      if product.operand == .hidden, let gathered {
        sumOfProducts(
          product, gateGradients, from: 0, UnsafePointer(gathered.pointer), rows: total,
          into: target)
      } else if product.operand == .hidden, mask == nil, readsOutput {
        sumOfProductsWithOutput(product, gateGradients, into: target)
      } else {
        let operand =
          product.operand == .written ? written : mask == nil ? previous[0] : masked
        sumOfProducts(
          product, gateGradients, from: 0, UnsafePointer(operand.pointer), rows: total, into: target
        )
      }
    }
    var projection: Tensor?
    if let unprojected, let projected = accumulators.projected {
      let target = empty([outputSize, hiddenSize])
      MatrixProduct.compute(
        m: outputSize, n: hiddenSize, k: total,
        MatrixOperand(projected.pointer, stride: outputSize, transposed: true),
        MatrixOperand(unprojected.pointer, stride: hiddenSize), into: target.storage.pointer,
        stride: hiddenSize)
      projection = target
    }

    // The last one that reads D; it may need the memory of what was kept apart.
    forgetKeptProducts()
    if wantsVectors { inputGradient = self.inputGradient(gateGradients) }

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
        input: inputWeight, hidden: hiddenWeight, inputBias: inputBias, hiddenBias: hiddenBias,
        projection: projection),
      initial: accumulators.states, cell: cellGradients)
  }

  /// dx = D·W_ih, [total, in]: in place of D, some rows at a time, where the gates are the output (D is then its own,
  /// or has taken the place of that) and D has as many columns.
  private func inputGradient(_ gateGradients: StepRows) -> Tensor? {
    guard let weight = weights.input else { return nil }
    let (total, width, inputs) = (layout.total, gateWidth, weight.shape[1])
    func multiply(_ rows: Range<Int>, into target: Storage) {
      MatrixProduct.compute(
        m: rows.count, n: inputs, k: width,
        MatrixOperand(gateGradients.pointer + rows.lowerBound * width, stride: width),
        MatrixOperand(weight.storage.pointer, stride: inputs), into: target.pointer, stride: inputs)
    }
    guard gatesAreOutput, inputs == width else {
      let result = Storage(count: total * inputs)
      multiply(0..<total, into: result)
      return Tensor(shape: [total, inputs], storage: result)
    }
    let together = max(1, min(total, Self.replacedFloats / max(width, 1)))
    let products = Storage(count: together * width, briefly: true)
    for start in stride(from: 0, to: total, by: together) {
      let rows = start..<min(start + together, total)
      multiply(rows, into: products)
      let (source, target) = (
        Shared(products.pointer), Shared(gateGradients.pointer + start * width)
      )
      Threads.forEachRange(of: rows.count * width, size: 1 << 16) { range in
        (target.pointer + range.lowerBound).update(
          from: source.pointer + range.lowerBound, count: range.count)
      }
    }
    withExtendedLifetime(products) {}
    return Tensor(shape: [total, width], storage: gateGradients.storage)
  }

  /// Floats of D that are replaced at a time.
  private static var replacedFloats: Int { 1 << 18 }

  /// Dᵀ·h for the rows of D from `first` on, [width of the product, P]; added to `target`, or in its
  /// place.
  func sumOfProducts(
    _ product: PlannedProduct, _ gateGradients: StepRows, from first: Int,
    _ states: UnsafePointer<Float>, rows: Int, into target: UnsafeMutablePointer<Float>,
    accumulates: Bool = false
  ) {
    let gradients = product.destination == .gates ? gateGradients : recurrent
    let source = UnsafePointer(gradients.pointer + product.column)
    MatrixProduct.compute(
      m: product.width, n: outputSize, k: rows,
      MatrixOperand(
        source + first * gradients.width, stride: gradients.width, transposed: true),
      MatrixOperand(states, stride: outputSize), into: target, stride: outputSize,
      accumulates: accumulates)
  }

  /// h before all steps, [total, P], where it is the output one step before and these are so few rows that putting them
  /// together takes less time than adding the first step's product to dW_hh.
  private func gatheredPrevious() -> Storage? {
    guard mask == nil, readsOutput, !startsWithZeros, layout.total <= gateWidth else { return nil }
    let (first, later) = (layout.batch * outputSize, (layout.total - layout.batch) * outputSize)
    let gathered = Storage(count: first + later, briefly: true)
    (gathered.pointer + (isReversed ? later : 0)).update(
      from: initial[0].storage.pointer, count: first)
    (gathered.pointer + (isReversed ? 0 : first)).update(
      from: output.storage.pointer + (isReversed ? first : 0), count: later)
    return gathered
  }

  /// The same where h_previous is the output one step before, and at the first step the initial state. (Of
  /// sequences of one step nothing is left but that.)
  private func sumOfProductsWithOutput(
    _ product: PlannedProduct, _ gateGradients: StepRows, into target: UnsafeMutablePointer<Float>
  ) {
    let (batch, later) = (layout.batch, layout.total - layout.batch)
    let output = UnsafePointer(self.output.storage.pointer)
    sumOfProducts(
      product, gateGradients, from: isReversed ? 0 : batch,
      output + (isReversed ? batch * outputSize : 0),
      rows: later, into: target)
    guard !startsWithZeros else { return }
    sumOfProducts(
      product, gateGradients, from: isReversed ? later : 0,
      UnsafePointer(initial[0].storage.pointer), rows: batch, into: target, accumulates: true)
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
}
