import ReelLayers
import ReelTensor

/// What comes after the loop over time: gradients that are sums over all steps, as large products.
extension RecurrentPass {
  /// With D the gradient of the pre-activations [total, G·H]:
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
      let target = Self.empty([width, inputs])
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

    let hiddenWeight = accumulators.hiddenWeight ?? hiddenWeightGradient(gateGradients)
    var projection: Tensor?
    if let unprojected, let projected = accumulators.projected {
      let target = Self.empty([outputSize, hiddenSize])
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

  /// dW_hh = Dᵀ·h_previous, [G·H, P].
  private func hiddenWeightGradient(_ gateGradients: StepRows) -> Tensor {
    let result = Self.empty([gateWidth, outputSize])
    let gathered = gatheredPrevious()
    for product in products.joined() {
      let target = result.storage.pointer + product.firstRow * outputSize
      if product.operand == .hidden, gathered == nil, mask == nil, readsOutput {
        sumOfProductsWithOutput(product, gateGradients, into: target)
      } else {
        let states =
          product.operand == .written
          ? written.pointer
          : gathered?.pointer ?? (mask == nil ? previous[0] : masked).pointer
        sumOfProducts(
          product, gateGradients, from: 0, UnsafePointer(states), rows: layout.total, into: target)
      }
    }
    withExtendedLifetime(gathered) {}
    return result
  }

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

  static func empty(_ shape: [Int]) -> Tensor {
    Tensor(shape: shape, storage: Storage(count: shape.reduce(1, *)))
  }
}
