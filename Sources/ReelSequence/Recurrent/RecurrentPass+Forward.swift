import ReelLayers
import ReelTensor

extension RecurrentPass {
  /// Everything that comes before the loop: the input projection of all steps at once, and the
  /// recurrent weights packed.
  ///
  /// gates = x·W_ihᵀ + b_ih + b_hh, without b_hh for products that are kept apart.
  func prepareForward() -> StepProducts {
    if stacked != nil { return StepProducts(recurrent: [[]], projection: projectionProduct) }
    if case .vectors(let x) = input, let weight = weights.input {
      AffineProduct.forward(
        rows: layout.total, x.storage.pointer, stride: weight.shape[1], weight: weight,
        bias: bias, into: gates.pointer, isKept: !keeps)
    }
    if let units = unitProducts(isForward: true) {
      return StepProducts(recurrent: [], projection: nil, units: units)
    }
    let recurrent = products.map { phase in
      phase.map { product in
        StepProduct(
          k: outputSize, n: product.width, weights.hidden.storage,
          offset: product.firstRow * outputSize, stride: outputSize, transposed: true,
          use: use)
      }
    }
    return StepProducts(recurrent: recurrent, projection: projectionProduct)
  }

  private var projectionProduct: StepProduct? {
    weights.projection.map {
      StepProduct(
        k: hiddenSize, n: outputSize, $0.storage, offset: 0, stride: hiddenSize, transposed: true,
        use: use)
    }
  }

  /// The loop over time for one piece of the batch.
  func forward(piece index: Int, with multipliers: StepProducts) {
    let piece = pieces[index]
    let hidden = outputSize  // features of the hidden state
    let (gates, recurrent) = (self.gates, self.recurrent)
    func block(_ rows: StepRows) -> CellMatrix { rows.matrix(piece: index, first: 0, rows: 0) }
    var states = SweptStates(self, piece: index)
    // What 8 bits leave of a product hides what coarse gates lose.
    let isCoarse = !keeps && (stacked?.isOfEightBits ?? multipliers.isOfEightBits)
    var step = CellStep(
      hiddenSize: hiddenSize, goesBack: keeps, isCoarse: isCoarse,
      gates: block(gates), recurrent: block(recurrent), previous: states.initialPlaces,
      next: states.initialPlaces, written: block(written), saved: block(saved))

    // Rows whose state is no longer zeros, the first ones: a product with zeros adds nothing.
    var begun = startsWithZeros ? 0 : piece.count
    for position in 0..<layout.longest {
      let time = time(at: position)
      let rows = activeRows(of: piece, at: time)
      guard rows > 0 else { continue }
      defer { begun = max(begun, rows) }
      let first = layout.offsets[time] + piece.lowerBound

      step.gates = gates.matrix(piece: index, first: first, rows: rows)
      step.recurrent = recurrent.matrix(piece: index, first: first, rows: rows)
      step.written = written.matrix(piece: index, first: first, rows: rows)
      step.saved = saved.matrix(piece: index, first: first, rows: rows)
      states.begin(
        &step, first: first, rows: rows,
        following: followingRow(of: piece, rows: rows, after: position))
      if let unprojected {
        step.next[0] = unprojected.matrix(piece: index, first: first, rows: rows)
      }
      var operand = step.previous[0]
      let factors = mask.map { $0.storage.pointer + piece.lowerBound * hidden }
      if let factors {
        operand = masked.matrix(piece: index, first: first, rows: rows)
        let previous = step.previous[0]
        for row in 0..<rows {
          kernels.multiply(
            hidden, previous.pointer + row * previous.stride, factors + row * hidden,
            operand.pointer + row * operand.stride)
        }
      }

      fillGates(step, operand, first: first, begun: begun, position: position, multipliers)
      for phase in products.indices {
        if let factors, products[phase].contains(where: { $0.operand == .written }) {
          // Every recurrent product sees the same units.
          kernels.multiply(rows * hidden, step.written.pointer, factors, step.written.pointer)
        }
        // That product has been made on top of the looked-up projections.
        for (product, multiplier) in zip(products[phase], multipliers.recurrent[phase])
        where emptyRow == nil {
          let left = product.operand == .hidden ? operand : step.written
          var target = step.gates
          var accumulate = true
          if product.destination == .recurrent {
            target = step.recurrent
            accumulate = addRecurrentBias(product, to: target)
          }
          // What a cell has written may be anything.
          let multiplied = accumulate && product.operand == .hidden ? min(rows, begun) : rows
          guard multiplied > 0 else { continue }
          multiplier.multiply(
            rows: multiplied, left.pointer, stride: left.stride,
            into: target.pointer + product.column, stride: target.stride, accumulate: accumulate,
            turn: position)
        }
        step.phase = phase
        cell.forward(step)
      }
      if let projection = multipliers.projection {
        projection.multiply(
          rows: rows, step.next[0].pointer, stride: step.next[0].stride,
          into: states.after[0].pointer, stride: states.after[0].stride, accumulate: false,
          turn: position)
      }
      for component in zoneout.indices {
        zoneout[component]?.forward(
          first: first, previous: step.previous[component], state: states.after[component])
      }
      states.advance()
    }
    states.finish()
    withExtendedLifetime(states) {}
  }

  /// The first row of a piece among the stored ones at the step after one of so many rows, if that has as many and a way
  /// back will look for the state there.
  private func followingRow(of piece: Range<Int>, rows: Int, after position: Int) -> Int? {
    guard keeps, position + 1 < layout.longest else { return nil }
    let time = time(at: position + 1)
    return activeRows(of: piece, at: time) == rows
      ? layout.offsets[time] + piece.lowerBound : nil
  }

  /// What the input gives a step: its projections in `gates`, or these and the recurrent product with
  /// `operand` where both are one (`stacked`), or the product begins from them (`emptyRow`).
  private func fillGates(
    _ step: CellStep, _ operand: CellMatrix, first: Int, begun: Int, position: Int,
    _ multipliers: StepProducts
  ) {
    let (rows, gates) = (step.rows, step.gates)
    switch input {
    case .vectors:
      guard let stacked, let stackedInput else { return }
      stacked.multiply(
        rows: rows, stackedInput, from: first, (UnsafePointer(operand.pointer), operand.stride),
        begun: min(rows, begun), into: gates.pointer, stride: gates.stride)
    case .lookup(let table, let ids, let isBiased):
      let ids = ids[first..<first + rows]
      guard let emptyRow else {
        ProjectionLookup.forward(table, isBiased: isBiased, ids, bias: bias, into: gates)
        return
      }
      let multiplied = min(rows, begun)
      ProjectionLookup.withRows(table, ids, nothing: emptyRow) { starts in
        if multiplied > 0, let first = starts.baseAddress {
          multipliers.recurrent[0][0].multiply(
            rows: multiplied, operand.pointer, stride: operand.stride, addedTo: first,
            into: gates.pointer, stride: gates.stride, turn: position)
        }
        for row in multiplied..<rows {
          guard let start = starts[row] else { continue }
          (gates.pointer + row * gates.stride).update(from: start, count: gates.columns)
        }
      }
    }
  }

  /// Fills the destination of a product that is kept apart with its bias; false without a bias.
  private func addRecurrentBias(_ product: PlannedProduct, to target: CellMatrix) -> Bool {
    guard let bias = weights.hiddenBias else { return false }
    target.fill(
      column: product.column, count: product.width,
      from: bias.storage.pointer + product.firstRow)
    return true
  }
}
