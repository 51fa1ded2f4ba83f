import ReelLayers
import ReelTensor

/// The weights of one recurrent layer of a decoder, packed for many steps.
struct DecoderLayerWeights<Cell: RecurrentCell>: @unchecked Sendable {
  let cell: Cell
  let weights: RecurrentWeights
  let plan: [[PlannedProduct]]
  let recurrentWidth: Int
  let usesWritten: Bool
  /// What the input projection starts from, [G·H].
  let bias: Tensor?
  let hiddenSize: Int
  /// Features of the layer's whole input: E + A in the first layer, H in the others.
  let inputSize: Int

  init(_ part: RecurrentPart<Cell>) {
    var cell = part.cell
    cell.updateParameters { _, parameter in parameter = parameter.detached() }
    self.cell = cell
    let w = part.weights
    weights = RecurrentWeights(
      input: w.input?.detached(), hidden: w.hidden.detached(),
      inputBias: w.inputBias?.detached(), hiddenBias: w.hiddenBias?.detached())
    hiddenSize = w.hidden.shape[1]
    inputSize = part.inputWeight.shape[1]
    let planned = PlannedProduct.plan(Cell.phases, hiddenSize: hiddenSize)
    plan = planned.products
    recurrentWidth = planned.recurrentWidth
    usesWritten = planned.usesWritten
    bias = weights.combinedBias(for: plan)
  }

  var gateWidth: Int { Cell.gateCount * hiddenSize }

  /// Whether the first product meets all pre-activations, as the input's does: both are one sum then.
  private var startsWithAllGates: Bool {
    guard let first = plan.first?.first else { return false }
    return first.destination == .gates && first.width == gateWidth
  }

  private var inputWeight: Tensor { weights.input ?? Tensor(zeros: [gateWidth, inputSize]) }

  /// x·W_ihᵀ for columns of W_ih from `first` on.
  func inputProduct(from first: Int, use: StepProduct.Use) -> StepProduct {
    StepProduct(
      k: inputSize - first, n: gateWidth, inputWeight.storage, offset: first, stride: inputSize,
      transposed: true, use: use)
  }

  /// D·W_ih for the same columns.
  func inputGradientProduct(from first: Int, use: StepProduct.Use) -> StepProduct {
    StepProduct(
      k: gateWidth, n: inputSize - first, inputWeight.storage, offset: first, stride: inputSize,
      transposed: false, use: use)
  }

  func hiddenProducts(use: StepProduct.Use) -> [[StepProduct]] {
    plan.map { phase in
      phase.map { product in
        StepProduct(
          k: hiddenSize, n: product.width, weights.hidden.storage,
          offset: product.firstRow * hiddenSize, stride: hiddenSize, transposed: true, use: use)
      }
    }
  }

  func hiddenGradientProducts(use: StepProduct.Use) -> [[StepProduct]] {
    plan.map { phase in
      phase.map { product in
        StepProduct(
          k: product.width, n: hiddenSize, weights.hidden.storage,
          offset: product.firstRow * hiddenSize, stride: hiddenSize, transposed: false,
          use: use)
      }
    }
  }
}

/// What the steps of one recurrent layer of a decoder write: for every step when a backward pass
/// will follow.
struct DecoderLayerRows<Cell: RecurrentCell>: @unchecked Sendable {
  /// [total, G·H]: pre-activations, then what the cell makes of them, at last their gradients.
  let gates: StepRows
  let recurrent: StepRows
  let previous: [StepRows]
  let written: StepRows
  let saved: StepRows
  /// The input from the layer below, after dropout, [total, H]; nothing in the first layer.
  let input: StepRows
  /// Whether they are kept for the way back.
  let keeps: Bool

  init(
    _ layer: DecoderLayerWeights<Cell>, isFirst: Bool, total: Int, pieces: [Range<Int>],
    keeps: Bool
  ) {
    self.keeps = keeps
    let hidden = layer.hiddenSize
    func rows(_ width: Int) -> StepRows {
      StepRows(width: width, total: total, pieces: pieces, keeps: keeps)
    }
    // The first layer's projections are made before the loop.
    gates = StepRows(
      width: layer.gateWidth, total: total, pieces: pieces, keeps: keeps || isFirst)
    recurrent = rows(layer.recurrentWidth)
    previous = Cell.State.names.map { _ in rows(hidden) }
    written = rows(layer.usesWritten ? hidden : 0)
    saved = rows(Cell.savedWidth(hiddenSize: hidden))
    input = rows(isFirst ? 0 : hidden)
  }
}

extension DecoderLayerWeights {
  /// One step of a block of rows. `states` hold the state before and receive the one after.
  ///
  /// - Parameters:
  ///   - input: the product that joins the pre-activations, if any.
  ///   - accumulate: whether these hold something that it joins.
  func forward(
    _ rows: DecoderLayerRows<Cell>, piece: Int, first: Int, count: Int,
    states: [UnsafeMutablePointer<Float>], input: StepProduct.Term?, accumulate: Bool,
    products: [[StepProduct]]
  ) {
    func matrix(_ values: StepRows) -> CellMatrix {
      values.matrix(piece: piece, first: first, rows: count)
    }
    var step = CellStep(
      hiddenSize: hiddenSize, goesBack: rows.keeps, isCoarse: false,
      gates: matrix(rows.gates), recurrent: matrix(rows.recurrent),
      previous: rows.previous.map(matrix),
      next: states.map {
        CellMatrix($0, rows: count, columns: hiddenSize, stride: hiddenSize)
      },
      written: matrix(rows.written), saved: matrix(rows.saved))
    for (previous, state) in zip(step.previous, states) {
      previous.pointer.update(from: state, count: count * hiddenSize)
    }
    var terms: [StepProduct.Term] = []
    if let input { terms.append(input) }
    if !terms.isEmpty, !startsWithAllGates {
      StepProduct.multiply(
        rows: count, terms, into: step.gates.pointer, stride: step.gates.stride,
        accumulate: accumulate)
      terms.removeAll(keepingCapacity: true)
    }
    for phase in plan.indices {
      for (product, multiplier) in zip(plan[phase], products[phase]) {
        let left = product.operand == .hidden ? step.previous[0] : step.written
        var target = step.gates
        // The first product may find nothing but what joins it.
        var accumulate = terms.isEmpty || accumulate
        if product.destination == .recurrent {
          target = step.recurrent
          accumulate = fillRecurrentBias(product, of: target)
        }
        terms.append((multiplier, UnsafePointer(left.pointer), left.stride))
        StepProduct.multiply(
          rows: count, terms, into: target.pointer + product.column, stride: target.stride,
          accumulate: accumulate)
        terms.removeAll(keepingCapacity: true)
      }
      step.phase = phase
      cell.forward(step)
    }
  }

  /// Fills the destination of a product that is kept apart with its bias; false without a bias.
  private func fillRecurrentBias(_ product: PlannedProduct, of target: CellMatrix) -> Bool {
    guard let bias = weights.hiddenBias else { return false }
    for row in 0..<target.rows {
      (target.pointer + row * target.stride + product.column).update(
        from: bias.storage.pointer + product.firstRow, count: product.width)
    }
    return true
  }

  /// Fills pre-activations with the bias, for a product to be added.
  func fillBias(_ gates: CellMatrix) -> Bool {
    guard let bias else { return false }
    for row in 0..<gates.rows {
      (gates.pointer + row * gates.stride).update(from: bias.storage.pointer, count: gateWidth)
    }
    return true
  }
}
