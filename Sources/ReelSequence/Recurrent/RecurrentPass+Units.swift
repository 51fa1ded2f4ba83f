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
      Cell.State.names.count <= 2
    else { return [] }
    return UnitPieces.of(
      hiddenSize: weights.hidden.shape[1], weights: weights.hidden.count, layout: layout)
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

  private var unitwiseCell: any UnitwiseCell {
    guard let cell = cell as? any UnitwiseCell else {
      preconditionFailure("RecurrentPass: \(Cell.self) has no units that can be divided")
    }
    return cell
  }

  /// All steps of a sweep forward.
  func forwardByUnits(_ products: UnitProducts) {
    let (cell, batch) = (unitwiseCell, layout.batch)
    lookUpGates()
    let places = UnitPlaces(self, gates: gates)
    for component in 1..<stateCount {
      places.previous(component, at: 0).pointer.update(
        from: initial[component].storage.pointer, count: initial[component].count)
    }
    let (productsOfPieces, pieces) = (products.pieces, unitPieces)
    let bias = weights.hiddenBias.map { Shared($0.storage.pointer) }
    let beginsWithZeros = startsWithZeros
    Threads.forEachStepFlushingDenormals(
      layout.longest, pieces: pieces.count, context: { places.firstStep }
    ) { step, position, piece in
      places.lead(&step, to: position)
      let operand = step.previous[0]
      for product in productsOfPieces[piece] {
        let target = product.isApart ? step.recurrent : step.gates
        if product.isApart, let bias {
          target.fill(
            column: product.column, count: pieces[piece].count,
            from: bias.pointer + product.firstRow)
        }
        let accumulates = !product.isApart || bias != nil
        // A product with zeros adds nothing.
        if position == 0, beginsWithZeros, accumulates { continue }
        product.product.multiply(
          rows: batch, operand.pointer, stride: operand.stride,
          into: target.pointer + product.column, stride: target.stride, accumulate: accumulates)
      }
      cell.forward(step, units: pieces[piece])
    }
    final[0].storage.pointer.update(
      from: output.storage.pointer + places.row(at: layout.longest - 1) * outputSize,
      count: batch * outputSize)
    withExtendedLifetime(products) {}
  }

  /// The projections of all steps, where they are looked up.
  private func lookUpGates() {
    guard case .lookup(let table, let ids, let isBiased) = input else { return }
    let all = Shared(gates.matrix(piece: 0, first: 0, rows: layout.total))
    Threads.forEachRange(of: layout.total, size: 32) { range in
      var rows = all.pointer
      rows.pointer += range.lowerBound * rows.stride
      rows.rows = range.count
      ProjectionLookup.forward(table, isBiased: isBiased, ids[range], bias: self.bias, into: rows)
    }
  }

  /// The steps of a stretch going back.
  func backwardByUnits(
    through stretch: BackwardStretch, with products: UnitProducts,
    into accumulators: RecurrentAccumulators
  ) {
    let (cell, batch, hidden) = (unitwiseCell, layout.batch, outputSize)
    let (productsOfPieces, pieces, positions) = (products.pieces, unitPieces, stretch.positions)
    // What each piece adds to the gradient of h before a step: the next step reads that, and writes elsewhere.
    let parts = Storage(count: 2 * pieces.count * batch * hidden)
    let firstPart = Shared(parts.pointer)
    @Sendable func part(_ piece: Int, of turn: Int) -> UnsafeMutablePointer<Float> {
      firstPart.pointer + (turn % 2 * pieces.count + piece) * batch * hidden
    }
    let state = Shared(accumulators.states[0].storage.pointer)
    @Sendable func addToState(_ source: UnsafePointer<Float>, _ units: Range<Int>) {
      for row in 0..<batch {
        let first = row * hidden + units.lowerBound
        kernels.add(units.count, state.pointer + first, source + first, state.pointer + first)
      }
    }
    @Sendable func addParts(of turn: Int, _ units: Range<Int>) {
      for piece in pieces.indices { addToState(part(piece, of: turn), units) }
    }
    let outputGradient = stretch.outputGradient.map {
      Shared(UnsafePointer($0.values.pointer) - $0.firstRow * hidden)
    }
    let places = UnitPlaces(self, gates: accumulators.gateGradients)
    // Where D takes the place of the output, what `keepState` keeps, without references.
    let kept = stretch.statesBefore.map { Shared($0.pointer - firstKeptRow(of: stretch) * hidden) }
    let keptPositions = keptPositions(positions)
    @Sendable func keepState(at position: Int, _ units: Range<Int>) {
      guard let kept, keptPositions.contains(position + 1) else { return }
      kernels.copy_rows(
        batch, units.count, places.previous(0, at: position + 1).pointer + units.lowerBound, hidden,
        kept.pointer + places.row(at: position + 1) * hidden + units.lowerBound, hidden)
    }
    let outputs = gatesAreOutput && kept == nil ? UnitPlaces(self, gates: gates) : nil
    let sums = hasBias ? Shared(accumulators.biases[0].pointer) : nil
    Threads.forEachStepFlushingDenormals(
      positions.count, pieces: pieces.count,
      context: {
        places.firstGradientStep(
          states: accumulators.states.map {
            CellMatrix($0.storage.pointer, rows: batch, columns: hidden, stride: hidden)
          },
          parameters: accumulators.parameters[0].map {
            CellMatrix($0.storage.pointer, rows: 1, columns: $0.count, stride: $0.count)
          })
      }
    ) { step, turn, piece in
      let position = positions.upperBound - 1 - turn
      let units = pieces[piece]
      places.lead(&step, to: position)
      if turn > 0 { addParts(of: turn - 1, units) }
      if let outputGradient {
        addToState(outputGradient.pointer + places.row(at: position) * hidden, units)
      }
      keepState(at: position, units)
      if let outputs {
        step.gates.columns(units).copy(from: outputs.gates(at: position).columns(units))
      }
      cell.backward(step, units: units)
      for (index, product) in productsOfPieces[piece].enumerated() {
        let gates = product.isApart ? step.recurrent : step.gates
        product.product.multiply(
          rows: batch, gates.pointer + product.column, stride: gates.stride,
          into: part(piece, of: turn), stride: hidden, accumulate: index > 0)
      }
      if let sums {
        // While the step's gradients are in the cache; those of the gates kept apart lie behind the others.
        for (gates, first) in [(step.gates, 0), (step.recurrent, step.gates.columns)] {
          for column in stride(from: units.lowerBound, to: gates.columns, by: hidden) {
            kernels.sum_columns(
              batch, units.count, gates.pointer + column, gates.stride,
              sums.pointer + first + column, true)
          }
        }
      }
    }
    addParts(of: positions.count - 1, 0..<hidden)
    keepState(at: positions.lowerBound - 1, 0..<hidden)
    withExtendedLifetime((parts, products)) {}
  }
}
