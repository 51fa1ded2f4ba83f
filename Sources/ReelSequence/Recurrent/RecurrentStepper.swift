import ReelLayers
import ReelTensor

/// Runs a trained recurrent network one time step at a time, for one sequence, at the cost of its
/// arithmetic: everything is laid out beforehand, nothing but a vector for weights in 8 bits is
/// allocated, nothing recorded. What `Recurrent.step` gives, faster; for generation.
protocol RecurrentStepper: AnyObject {
  /// The output of the last layer after the last step, [P] (hidden, or what that is projected to);
  /// valid until the next one.
  var output: UnsafePointer<Float> { get }

  /// The state after the last step, each component [layers, 1, P or hidden].
  var state: [Tensor] { get }

  /// One step. `projection` [G·H] is W_ih·x + b_ih + b_hh of the first layer, as `projections`
  /// makes them.
  func step(projection: UnsafePointer<Float>)

  /// The first layer's input projection of every row of `inputs` [rows, in] → [rows, G·H].
  func projections(of inputs: Tensor) -> Tensor

  /// The same of every one-hot row: [in, G·H].
  var oneHotProjections: Tensor { get }

  /// G·H.
  var projectionSize: Int { get }
}

final class TypedRecurrentStepper<Cell: RecurrentCell>: RecurrentStepper {
  private var layers: [StepLayer<Cell>]
  private(set) var output: UnsafePointer<Float>
  private let configuration: RecurrentConfiguration

  /// - Parameter state: each component [layers, 1, P or hidden]; nil means the learned initial state,
  ///   or zeros.
  init(_ network: Recurrent<Cell>, state: [Tensor]?) {
    precondition(
      network.configuration.directions == .forward,
      "RecurrentStepper: only a forward network can go step by step")
    let configuration = network.configuration
    self.configuration = configuration
    let state = state.map { network.checked(Cell.State(components: $0), batch: 1) }
    // What each step reads; the first layer's projections are looked up.
    let bytesRead = network.parts.enumerated().reduce(0) { sum, part in
      let weights = part.element.weights
      return sum + weights.hidden.byteCount + (weights.projection?.byteCount ?? 0)
        + (part.offset == 0 ? 0 : weights.input?.byteCount ?? 0)
    }
    let sharesProducts = bytesRead > VectorProduct.cachedBytes
    layers = network.parts.enumerated().map { index, part in
      StepLayer(part, configuration, sharesProducts: sharesProducts) { component in
        guard let state else {
          return component < part.initialState.count ? part.initialState[component].values : nil
        }
        let size = state[component].shape[2]
        return Array(state[component].values[index * size..<(index + 1) * size])
      }
    }
    output = layers[layers.count - 1].output
  }

  var state: [Tensor] {
    Cell.State.names.indices.map { component in
      Tensor(
        shape: [layers.count, 1, configuration.stateWidths(of: component + 1)[component]],
        values: layers.flatMap { $0.stateValues(component) })
    }
  }

  func step(projection: UnsafePointer<Float>) {
    // The pointer is handed on: asking a layer for it would copy the layer.
    var below = layers[0].step { gates, width in gates.update(from: projection, count: width) }
    for index in 1..<max(layers.count, 1) { below = layers[index].step(input: below) }
    output = below
  }

  func projections(of inputs: Tensor) -> Tensor { layers[0].projections(of: inputs) }
  var oneHotProjections: Tensor { layers[0].oneHotProjections }
  var projectionSize: Int { Cell.gateCount * configuration.hiddenSize }
}

/// One layer with the buffers of its step.
private struct StepLayer<Cell: RecurrentCell> {
  private let cell: Cell
  private let weights: RecurrentWeights
  private let bias: Tensor?
  private let products: [[PlannedProduct]]
  private let sharesProducts: Bool
  /// For each component of the state the share of it that stays; empty where none does.
  private let zoneout: [Float]
  /// Features of the output.
  private let outputSize: Int
  /// Whether the state is what the cell writes, without projection and zoneout.
  private let isPlain: Bool
  private let storage: Storage
  /// The step from one half of the state buffers to the other, and back.
  private var steps: [CellStep]
  private var turn = 0

  init(
    _ part: RecurrentPart<Cell>, _ configuration: RecurrentConfiguration, sharesProducts: Bool,
    initial: (Int) -> [Float]?
  ) {
    let hiddenSize = configuration.hiddenSize
    cell = part.cell
    self.sharesProducts = sharesProducts
    weights = part.weights
    let plan = PlannedProduct.plan(Cell.phases, hiddenSize: hiddenSize)
    products = plan.products
    bias = weights.combinedBias(for: plan.products)

    let states = Cell.State.names.count
    let gateWidth = Cell.gateCount * hiddenSize
    let stateWidths = configuration.stateWidths(of: states)
    let probabilities = configuration.zoneoutProbabilities(of: states)
    let zonesOut = probabilities.contains { $0 > 0 }
    zoneout = zonesOut ? probabilities : []
    isPlain = !zonesOut && part.projection == nil
    outputSize = configuration.directionOutputSize
    let widths =
      [gateWidth, plan.recurrentWidth, hiddenSize, Cell.savedWidth(hiddenSize: hiddenSize)]
      + stateWidths + stateWidths + [weights.projection == nil ? 0 : hiddenSize]
    let buffer = Storage(count: widths.reduce(0, +))
    var next = buffer.pointer
    let blocks = widths.map { width in
      defer { next += width }
      return CellMatrix(next, rows: 1, columns: width, stride: width)
    }
    for component in 0..<states {
      let block = blocks[4 + component].pointer
      block.update(repeating: 0, count: stateWidths[component])
      if let values = initial(component) {
        block.update(from: values, count: stateWidths[component])
      }
    }
    storage = buffer
    let halves = [0, 1].map { half in Array(blocks[4 + half * states..<4 + (half + 1) * states]) }
    let isProjected = weights.projection != nil
    steps = [0, 1].map { half in
      var next = halves[1 - half]
      // The cell's output, before it is the state.
      if isProjected { next[0] = blocks[4 + 2 * states] }
      return CellStep(
        hiddenSize: hiddenSize, goesBack: false, isCoarse: false, gates: blocks[0],
        recurrent: blocks[1], previous: halves[half], next: next, written: blocks[2],
        saved: blocks[3])
    }
  }

  /// The newest output: what the last step wrote, which the next one reads.
  var output: UnsafePointer<Float> { UnsafePointer(steps[turn].previous[0].pointer) }

  func stateValues(_ component: Int) -> [Float] {
    let block = steps[turn].previous[component]
    return Array(UnsafeBufferPointer(start: block.pointer, count: block.columns))
  }

  func projections(of inputs: Tensor) -> Tensor {
    guard let weight = weights.input else { return inputs }
    return inputs.detached().affineMap(weight: weight, bias: bias)
  }

  var oneHotProjections: Tensor {
    guard let weight = weights.input else { return Tensor(zeros: [0, 0]) }
    let columns = weight.detached().transposed()
    return bias.map { columns + $0 } ?? columns
  }

  /// - Returns: the output, which the layer above reads.
  mutating func step(input: UnsafePointer<Float>) -> UnsafePointer<Float> {
    guard let weight = weights.input else { return output }
    let bias = bias?.storage.pointer
    let (sharesProducts, descending) = (sharesProducts, turn == 1)
    return step { gates, width in
      VectorProduct.compute(
        rows: width, columns: weight.shape[1], weight.storage, input, bias: bias, into: gates,
        accumulate: false, isShared: sharesProducts, descending: descending)
    }
  }

  mutating func step(
    _ project: (UnsafeMutablePointer<Float>, Int) -> Void
  ) -> UnsafePointer<Float> {
    let hidden = weights.hidden.storage
    let bias = weights.hiddenBias?.storage.pointer
    let size = outputSize
    project(steps[turn].gates.pointer, steps[turn].gates.columns)
    for phase in products.indices {
      for product in products[phase] {
        let left =
          product.operand == .hidden
          ? steps[turn].previous[0].pointer : steps[turn].written.pointer
        let isApart = product.destination == .recurrent
        let target = isApart ? steps[turn].recurrent.pointer : steps[turn].gates.pointer
        VectorProduct.compute(
          rows: product.width, columns: size, hidden, offset: product.firstRow * size, left,
          bias: isApart ? bias.map { UnsafePointer($0 + product.firstRow) } : nil,
          into: target + product.column, accumulate: !isApart, isShared: sharesProducts,
          descending: turn == 1)
      }
      steps[turn].phase = phase
      cell.forward(steps[turn])
    }
    if !isPlain { finishState() }
    turn = 1 - turn
    return output
  }

  /// Makes the new state of what the cell wrote.
  private func finishState() {
    if let projection = weights.projection {
      VectorProduct.compute(
        rows: outputSize, columns: projection.shape[1], projection.storage,
        steps[turn].next[0].pointer, bias: nil, into: steps[1 - turn].previous[0].pointer,
        accumulate: false, isShared: sharesProducts, descending: turn == 1)
    }
    for (component, share) in zoneout.enumerated() where share > 0 {
      let (previous, next) = (steps[turn].previous[component], steps[1 - turn].previous[component])
      Zoneout.blend(next.columns, previous.pointer, next.pointer, share)
    }
  }
}
