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
    let widths = (0..<stateCount).map { width(ofState: $0) }
    let hidden = outputSize  // features of the hidden state
    let states = widths.map { Storage(count: piece.count * $0) }
    for component in 0..<stateCount {
      states[component].pointer.update(
        from: initial[component].storage.pointer + piece.lowerBound * widths[component],
        count: states[component].count)
    }
    func block(_ rows: StepRows) -> CellMatrix { rows.matrix(piece: index, first: 0, rows: 0) }
    var step = CellStep(
      hiddenSize: hiddenSize,
      gates: block(gates), recurrent: block(recurrent), previous: previous.map(block),
      next: zip(states, widths).map { CellMatrix($0.pointer, rows: 0, columns: $1, stride: $1) },
      written: block(written), saved: block(saved))

    let (isProjected, zonesOut) = (unprojected != nil, !zoneout.isEmpty)

    // Rows whose state is no longer zeros, the first ones: a product with zeros adds nothing.
    var begun = startsWithZeros ? 0 : piece.count
    for position in 0..<layout.longest {
      let time = time(at: position)
      let rows = activeRows(of: piece, at: time)
      guard rows > 0 else { continue }
      defer { begun = max(begun, rows) }
      let first = layout.offsets[time] + piece.lowerBound

      step.gates = gates.matrix(piece: index, first: first, rows: rows)
      if case .lookup(let table, let ids) = input {
        ProjectionLookup.forward(table, ids[first..<first + rows], bias: bias, into: step.gates)
      }
      step.recurrent = recurrent.matrix(piece: index, first: first, rows: rows)
      step.written = written.matrix(piece: index, first: first, rows: rows)
      step.saved = saved.matrix(piece: index, first: first, rows: rows)
      for component in 0..<stateCount {
        step.previous[component] = previousState(
          component, piece: index, position: position, first: first, rows: rows)
        if component > 0 || !readsOutput {
          step.previous[component].pointer.update(
            from: states[component].pointer, count: rows * widths[component])
        }
        step.next[component].rows = rows
      }
      if isProjected, let unprojected {
        step.next[0] = unprojected.matrix(piece: index, first: first, rows: rows)
      }
      var operand = step.previous[0]
      let factors = mask.map { $0.storage.pointer + piece.lowerBound * hidden }
      if let factors {
        operand = masked.matrix(piece: index, first: first, rows: rows)
        kernels.multiply(rows * hidden, step.previous[0].pointer, factors, operand.pointer)
      }

      if let stacked, case .vectors(let x) = input {
        let inputs = x.shape[1]
        stacked.multiply(
          rows: rows,
          [
            (UnsafePointer(x.storage.pointer + first * inputs), inputs),
            (UnsafePointer(operand.pointer), operand.stride),
          ],
          into: step.gates.pointer, stride: step.gates.stride)
      }
      for phase in products.indices {
        if let factors, products[phase].contains(where: { $0.operand == .written }) {
          // Every recurrent product sees the same units.
          kernels.multiply(rows * hidden, step.written.pointer, factors, step.written.pointer)
        }
        for (product, multiplier) in zip(products[phase], multipliers.recurrent[phase]) {
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
      if isProjected, let projection = multipliers.projection {
        projection.multiply(
          rows: rows, step.next[0].pointer, stride: step.next[0].stride, into: states[0].pointer,
          stride: hidden, accumulate: false, turn: position)
      }
      if zonesOut {
        for component in zoneout.indices {
          zoneout[component]?.forward(
            first: first, rows: rows, width: widths[component],
            previous: step.previous[component].pointer, state: states[component].pointer)
        }
      }
      output.write(first: first, rows: rows, width: hidden, states[0].pointer)
    }
    for component in 0..<stateCount {
      (final[component].storage.pointer + piece.lowerBound * widths[component]).update(
        from: states[component].pointer, count: states[component].count)
    }
  }

  /// Fills the destination of a product that is kept apart with its bias; false without a bias.
  private func addRecurrentBias(_ product: PlannedProduct, to target: CellMatrix) -> Bool {
    guard let bias = weights.hiddenBias else { return false }
    for row in 0..<target.rows {
      (target.pointer + row * target.stride + product.column).update(
        from: bias.storage.pointer + product.firstRow, count: product.width)
    }
    return true
  }
}
