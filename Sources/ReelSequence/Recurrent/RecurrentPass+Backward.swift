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
  /// Where D takes the place of the output, and only there: dW_hh so far, [H, H]; any values until the first stretch is
  /// finished.
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
        hiddenWeight: replacesOutput ? Self.empty(weights.hidden.shape) : nil)
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

  var hasBias: Bool { weights.inputBias != nil || weights.hiddenBias != nil }
}
