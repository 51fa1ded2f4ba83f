import ReelLayers
import ReelTensor

/// The loop over time where pieces of the units, in place of rows, are divided among threads (`UnitPieces`).
extension RecurrentPass {
  /// Pieces of the units; none where rows are divided, or nothing.
  ///
  /// - Parameter isPlain: whether the loop makes nothing else of the states (masks, zoneout, a projection).
  static func unitPieces(
    _ cell: Cell, _ weights: RecurrentWeights, _ products: [[PlannedProduct]],
    layout: SequenceLayout, keeps: Bool, isAlone: Bool, isPlain: Bool
  ) -> [Range<Int>] {
    guard keeps, isAlone, isPlain, cell is any UnitwiseCell, products.count == 1,
      Cell.State.names.count <= 2, layout.batch < UnitPieces.fewestRows, layout.longest > 1,
      layout.active.last == layout.batch
    else { return [] }
    return UnitPieces.of(
      hiddenSize: weights.hidden.shape[1], weights: weights.hidden.count)
  }

  /// The products of each piece of the units; nil where these are not divided, or not of floats.
  func unitProducts(isForward: Bool) -> UnitProducts? {
    let use = StepProduct.Use(times: layout.longest, rows: layout.batch)
    guard let units = unitPieces.first,
      !StepProduct.isSplit(
        k: isForward ? outputSize : units.count, n: isForward ? units.count : outputSize, use)
    else { return nil }
    return UnitProducts(
      unitPieces, products[0], weights: weights.hidden, isForward: isForward, rows: layout.batch)
  }

  /// All steps of a sweep forward.
  func forwardByUnits(_ products: UnitProducts) {
    guard let cell = cell as? any UnitwiseCell else { return }
    let batch = layout.batch
    if case .lookup(let table, let ids, let isBiased) = input {
      ProjectionLookup.forward(
        table, isBiased: isBiased, ids[...], bias: bias,
        into: gates.matrix(piece: 0, first: 0, rows: layout.total))
    }
    let places = UnitPlaces(self, gates: gates)
    for component in 1..<stateCount {
      places.previous(component, at: 0).pointer.update(
        from: initial[component].storage.pointer, count: initial[component].count)
    }
    let (pieces, units) = (Shared(products.pieces), unitPieces)
    let bias = weights.hiddenBias.map { Shared($0.storage.pointer) }
    Threads.forEachStepFlushingDenormals(
      layout.longest, pieces: units.count, context: { places.firstStep }
    ) { step, position, piece in
      places.lead(&step, to: position)
      let operand = step.previous[0]
      for product in pieces.pointer[piece] {
        let target = product.isApart ? step.recurrent : step.gates
        if product.isApart, let bias {
          for row in 0..<batch {
            (target.pointer + row * target.stride + product.column).update(
              from: bias.pointer + product.firstRow, count: units[piece].count)
          }
        }
        product.product.multiply(
          rows: batch, operand.pointer, stride: operand.stride,
          into: target.pointer + product.column, stride: target.stride,
          accumulate: !product.isApart || bias != nil)
      }
      cell.forward(step, units: units[piece])
    }
    final[0].storage.pointer.update(
      from: output.storage.pointer + places.row(at: layout.longest - 1) * outputSize,
      count: batch * outputSize)
    withExtendedLifetime(products) {}
  }

  /// The steps of a stretch going back.
  func backwardByUnits(
    through stretch: BackwardStretch, with products: UnitProducts,
    into accumulators: RecurrentAccumulators
  ) {
    guard let cell = cell as? any UnitwiseCell else { return }
    let (batch, hidden, positions) = (layout.batch, outputSize, stretch.positions)
    let (pieces, units) = (Shared(products.pieces), unitPieces)
    // What the pieces of a step give the gradient of h before it: the next step reads these, and writes others.
    let storage = Storage(count: 2 * units.count * batch * hidden)
    let shares = Shared(storage.pointer)
    @Sendable func share(_ piece: Int, of turn: Int) -> UnsafeMutablePointer<Float> {
      shares.pointer + (turn % 2 * units.count + piece) * batch * hidden
    }
    let state = Shared(accumulators.states[0].storage.pointer)
    @Sendable func addToState(_ source: UnsafePointer<Float>, _ units: Range<Int>) {
      for row in 0..<batch {
        let first = row * hidden + units.lowerBound
        kernels.add(
          units.count, state.pointer + first, source + first, state.pointer + first)
      }
    }
    @Sendable func addShares(of turn: Int, _ units: Range<Int>, pieces: Int) {
      for piece in 0..<pieces { addToState(share(piece, of: turn), units) }
    }
    let outputGradient = stretch.outputGradient.map {
      Shared(UnsafePointer($0.values.pointer) - $0.firstRow * hidden)
    }
    let places = UnitPlaces(self, gates: accumulators.gateGradients)
    let outputs = gatesAreOutput ? UnitPlaces(self, gates: gates) : nil
    let sums = hasBias ? Shared(accumulators.biases[0].pointer) : nil
    let firstStep = Shared(
      places.firstGradientStep(
        states: accumulators.states.map {
          CellMatrix($0.storage.pointer, rows: batch, columns: hidden, stride: hidden)
        },
        parameters: accumulators.parameters[0].map {
          CellMatrix($0.storage.pointer, rows: 1, columns: $0.count, stride: $0.count)
        }))
    Threads.forEachStepFlushingDenormals(
      positions.count, pieces: units.count, context: { firstStep.pointer }
    ) { step, turn, piece in
      let position = positions.upperBound - 1 - turn
      let own = units[piece]
      places.lead(&step, to: position)
      if turn > 0 { addShares(of: turn - 1, own, pieces: units.count) }
      if let outputGradient {
        addToState(outputGradient.pointer + places.row(at: position) * hidden, own)
      }
      if let outputs {
        step.gates.columns(own).copy(from: outputs.gates(at: position).columns(own))
      }
      cell.backward(step, units: own)
      for (index, product) in pieces.pointer[piece].enumerated() {
        let gates = product.isApart ? step.recurrent : step.gates
        product.product.multiply(
          rows: batch, gates.pointer + product.column, stride: gates.stride,
          into: share(piece, of: turn), stride: hidden, accumulate: index > 0)
      }
      if let sums {
        // While the step's gradients are in the cache; those of the gates kept apart lie behind the others.
        for (gates, first) in [(step.gates, 0), (step.recurrent, step.gates.columns)] {
          for column in stride(from: own.lowerBound, to: gates.columns, by: hidden) {
            kernels.sum_columns(
              batch, own.count, gates.pointer + column, gates.stride,
              sums.pointer + first + column, true)
          }
        }
      }
    }
    addShares(of: positions.count - 1, 0..<hidden, pieces: units.count)
    withExtendedLifetime((storage, products)) {}
  }
}
