import ReelLayers
import ReelTensor

extension RecurrentPass {
  /// Everything that comes before the loop: the input projection of all steps at once, and the
  /// recurrent weights packed.
  ///
  /// gates = x·W_ihᵀ + b_ih + b_hh, without b_hh for products that are kept apart.
  func prepareForward() -> [[StepProduct]] {
    if case .vectors(let x) = input, let weight = weights.input {
      AffineProduct.forward(
        rows: layout.total, x.storage.pointer, stride: weight.shape[1], weight: weight,
        bias: bias, into: gates.pointer)
    }
    return products.map { phase in
      phase.map { product in
        StepProduct(
          k: hiddenSize, n: product.width, weights.hidden.storage,
          offset: product.firstRow * hiddenSize, stride: hiddenSize, transposed: true,
          uses: layout.longest)
      }
    }
  }

  /// The loop over time for one piece of the batch.
  func forward(piece index: Int, with multipliers: [[StepProduct]]) {
    let piece = pieces[index]
    let hidden = hiddenSize
    let states = (0..<stateCount).map { _ in Storage(count: piece.count * hidden) }
    for (state, initial) in zip(states, initial) {
      state.pointer.update(
        from: initial.storage.pointer + piece.lowerBound * hidden, count: state.count)
    }
    func block(_ rows: StepRows) -> CellMatrix { rows.matrix(piece: index, first: 0, rows: 0) }
    var step = CellStep(
      hiddenSize: hidden,
      gates: block(gates), recurrent: block(recurrent), previous: previous.map(block),
      next: states.map { CellMatrix($0.pointer, rows: 0, columns: hidden, stride: hidden) },
      written: block(written), saved: block(saved))

    for position in 0..<layout.longest {
      let time = time(at: position)
      let rows = activeRows(of: piece, at: time)
      guard rows > 0 else { continue }
      let first = layout.offsets[time] + piece.lowerBound

      step.gates = gates.matrix(piece: index, first: first, rows: rows)
      if case .lookup(let table, let ids) = input {
        ProjectionLookup.forward(table, ids[first..<first + rows], bias: bias, into: step.gates)
      }
      step.recurrent = recurrent.matrix(piece: index, first: first, rows: rows)
      step.written = written.matrix(piece: index, first: first, rows: rows)
      step.saved = saved.matrix(piece: index, first: first, rows: rows)
      for component in 0..<stateCount {
        step.previous[component] = previous[component].matrix(
          piece: index, first: first, rows: rows)
        step.previous[component].pointer.update(
          from: states[component].pointer, count: rows * hidden)
        step.next[component].rows = rows
      }
      var operand = step.previous[0]
      let factors = mask.map { $0.storage.pointer + piece.lowerBound * hidden }
      if let factors {
        operand = masked.matrix(piece: index, first: first, rows: rows)
        kernels.multiply(rows * hidden, step.previous[0].pointer, factors, operand.pointer)
      }

      for phase in products.indices {
        if let factors, products[phase].contains(where: { $0.operand == .written }) {
          // Every recurrent product sees the same units.
          kernels.multiply(rows * hidden, step.written.pointer, factors, step.written.pointer)
        }
        for (product, multiplier) in zip(products[phase], multipliers[phase]) {
          let left = product.operand == .hidden ? operand : step.written
          var target = step.gates
          var accumulate = true
          if product.destination == .recurrent {
            target = step.recurrent
            accumulate = addRecurrentBias(product, to: target)
          }
          multiplier.multiply(
            rows: rows, left.pointer, stride: left.stride,
            into: target.pointer + product.column, stride: target.stride, accumulate: accumulate)
        }
        step.phase = phase
        cell.forward(step)
      }
      (output.storage.pointer + first * hidden).update(
        from: states[0].pointer, count: rows * hidden)
    }
    for (state, final) in zip(states, final) {
      (final.storage.pointer + piece.lowerBound * hidden).update(
        from: state.pointer, count: state.count)
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
