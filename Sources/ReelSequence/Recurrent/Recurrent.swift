import ReelLayers
import ReelTensor

/// A recurrent network of any cell: stacked, in one direction or both, over ragged batches, with
/// the state passed in and returned.
///
/// Letters: B sequences, T time steps, H hidden units, G gates of the cell, L layers, D directions,
/// P features of a projected hidden state (P = H without a projection). Input: sequences of
/// `inputSize` features; output: sequences of D·P features. States: [L·D, B, P] for the hidden
/// state, [L·D, B, H] for a cell state.
///
/// Parameters have PyTorch's names and shapes: `weight_ih_l0` [G·H, in], `weight_hh_l0` [G·H, P],
/// `bias_ih_l0` and `bias_hh_l0` [G·H], with a projection `weight_hr_l0` [P, H], the same with `_l1`
/// (whose input has D·P features), and with `_reverse` for the backward direction. A learned initial
/// state is `initial_hidden_l0` [P] and `initial_cell_l0` [H]. A cell's own parameters stand under
/// `cell_l0.`. Recurrent blocks start orthogonal (Saxe et al. 2014), input weights and projections
/// by Glorot and Bengio 2010, biases at 0, the forget gate's at 1, initial states at 0.
///
/// ```swift
/// var generator = RandomGenerator(seed: 1)
/// let lstm = LSTM(inputSize: 12, hiddenSize: 64, layers: 2, using: &generator)
/// let (output, state) = lstm(batch)
/// ```
public struct Recurrent<Cell: RecurrentCell>: Module {
  /// The state of all layers and directions: hidden [L·D, B, P], a cell state [L·D, B, H].
  public typealias State = Cell.State

  public let configuration: RecurrentConfiguration
  /// Parameters layer by layer, forward before backward.
  var parts: [RecurrentPart<Cell>]

  /// - Parameter cell: a cell with settings of its own, used by every layer and direction; without
  ///   it `Cell.init(hiddenSize:)`.
  public init(
    _ configuration: RecurrentConfiguration, cell: Cell? = nil,
    using generator: inout RandomGenerator
  ) {
    let c = configuration
    let problem = c.problem(
      for: "\(Cell.self)", stateNames: State.names, allowsProjection: Cell.allowsProjection)
    precondition(problem == nil, "Recurrent: \(problem ?? "")")
    self.configuration = configuration
    parts = []
    for layer in 0..<c.layers {
      let input = layer == 0 ? c.inputSize : c.outputSize
      for direction in 0..<c.directions.count {
        parts.append(
          RecurrentPart(
            c, inputSize: input, suffix: "_l\(layer)\(direction == 1 ? "_reverse" : "")",
            cell: cell ?? Cell(hiddenSize: c.hiddenSize), using: &generator))
      }
    }
  }

  public init(
    inputSize: Int, hiddenSize: Int, layers: Int = 1, directions: RecurrentDirections = .forward,
    bias: Bool = true, dropout: Float = 0, recurrentDropout: Float = 0, zoneout: Float = 0,
    zoneoutCell: Float = 0, projectionSize: Int? = nil, learnsInitialState: Bool = false,
    cell: Cell? = nil, using generator: inout RandomGenerator
  ) {
    self.init(
      RecurrentConfiguration(
        inputSize: inputSize, hiddenSize: hiddenSize, layers: layers, directions: directions,
        bias: bias, dropout: dropout, recurrentDropout: recurrentDropout, zoneout: zoneout,
        zoneoutCell: zoneoutCell, projectionSize: projectionSize,
        learnsInitialState: learnsInitialState),
      cell: cell, using: &generator)
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    // PyTorch puts the layer into the name, not into the path: no child modules.
    for index in parts.indices { parts[index].visit(&visitor) }
  }

  /// Features of the output: D·P.
  public var outputSize: Int { configuration.outputSize }

  /// Reads a batch for prediction: no dropout.
  ///
  /// - Returns: the output of the last layer at every time step, and the state after each row's
  ///   own last step.
  public func callAsFunction(
    _ input: Sequences, state: State? = nil
  ) -> (output: Sequences, state: State) {
    var none: RandomGenerator?
    return self(input, state: state, using: &none)
  }

  /// Reads a batch; with a generator, dropout is on.
  public func callAsFunction(
    _ input: Sequences, state: State? = nil, using generator: inout RandomGenerator?
  ) -> (output: Sequences, state: State) {
    precondition(
      input.featureCount == configuration.inputSize,
      "Recurrent: input with \(input.featureCount) features, \(configuration.inputSize) expected")
    let inputs = [RecurrentInput](
      repeating: .vectors(input.values), count: configuration.directions.count)
    return run(inputs, input.layout, state: state, using: &generator)
  }

  /// Reads one-hot tokens: the first layer looks its projection up in the columns of its input
  /// weights. Same result and gradient as the dense one-hot batch, without its products.
  public func callAsFunction(
    oneHot tokens: TokenSequences, state: State? = nil, using generator: inout RandomGenerator?
  ) -> (output: Sequences, state: State) {
    let inputs = parts.prefix(configuration.directions.count).map { part in
      let (table, rows) = part.inputWeight.columnTable(for: tokens.ids)
      return RecurrentInput.lookup(table, ids: rows)
    }
    return run(inputs, tokens.layout, state: state, using: &generator)
  }

  /// Reads tokens through an embedding. Where tokens repeat, each is projected once and looked up
  /// instead of once for each time step: the same result and gradient up to rounding (row-sparse in
  /// the embedding), for less work.
  public func callAsFunction(
    _ tokens: TokenSequences, embedding: Embedding, state: State? = nil,
    using generator: inout RandomGenerator?
  ) -> (output: Sequences, state: State) {
    let (used, slots) = distinctRows(tokens.ids, of: embedding.weight.shape[0])
    guard used.count <= tokens.layout.total / 2 else {
      return self(embedding(tokens), state: state, using: &generator)
    }
    let vectors = embedding(used)
    let isWatched = vectors.isWatched || projectionWeights.contains { $0.isWatched }
    let tables = isWatched ? unbiasedProjections(of: vectors) : projections(of: vectors)
    let inputs = tables.map { RecurrentInput.lookup($0, ids: slots, isBiased: !isWatched) }
    return run(inputs, tokens.layout, state: state, using: &generator)
  }

  /// Vectors [n, in] projected into the first layer, with the bias, for each direction [n, G·H], perhaps with columns of
  /// zeros behind (`RowPadding`): for vectors that many batches share in prediction; see
  /// ``callAsFunction(_:projections:)``.
  package func projections(of vectors: Tensor) -> [Tensor] {
    precondition(
      !vectors.isWatched && !projectionWeights.contains { $0.isWatched },
      "Recurrent.projections: what is watched is projected without the bias")
    let plan = PlannedProduct.plan(Cell.phases, hiddenSize: configuration.hiddenSize)
    let vectors = checked(vectors).detached()
    return parts.prefix(configuration.directions.count).map { part in
      let weight = part.inputWeight.detached()
      let (rows, width) = (vectors.shape[0], weight.shape[0])
      let stride = RowPadding.stride(of: width)
      let table = Storage(count: rows * stride)
      AffineProduct.forward(
        rows: rows, vectors.storage.pointer, stride: vectors.shape[1], weight: weight,
        bias: part.weights.combinedBias(for: plan.products), into: table.pointer,
        outputStride: stride, isKept: true)
      for row in 0..<rows where stride > width {
        (table.pointer + row * stride + width).update(repeating: 0, count: stride - width)
      }
      return Tensor(shape: [rows, stride], storage: table)
    }
  }

  /// The weights and biases of a projection into the first layer.
  private var projectionWeights: [Tensor] {
    parts.prefix(configuration.directions.count).flatMap { part in
      [part.inputWeight] + [part.weights.inputBias, part.weights.hiddenBias].compactMap { $0 }
    }
  }

  /// The same without the bias, recorded.
  private func unbiasedProjections(of vectors: Tensor) -> [Tensor] {
    parts.prefix(configuration.directions.count).map {
      Tensor.matrixProduct(checked(vectors), $0.inputWeight, transposingB: true)
    }
  }

  private func checked(_ vectors: Tensor) -> Tensor {
    precondition(
      vectors.shape[1] == configuration.inputSize,
      "Recurrent: vectors of \(vectors.shape[1]) features, \(configuration.inputSize) expected")
    return vectors
  }

  /// Reads rows of tables that `projections(of:)` made, for prediction: nothing is projected again, and nobody asks for
  /// the state.
  package func callAsFunction(_ rows: TokenSequences, projections: [Tensor]) -> Sequences {
    precondition(
      projections.count == configuration.directions.count,
      "Recurrent: \(projections.count) tables of projections, one for each of "
        + "\(configuration.directions.count) directions expected")
    let inputs = projections.map { RecurrentInput.lookup($0, ids: rows.ids, isBiased: true) }
    var none: RandomGenerator?
    return sweep(inputs, rows.layout, state: nil, wantsFinals: false, using: &none).output
  }

  /// Reads one-hot tokens for prediction: no dropout.
  public func callAsFunction(
    oneHot tokens: TokenSequences, state: State? = nil
  ) -> (output: Sequences, state: State) {
    var none: RandomGenerator?
    return self(oneHot: tokens, state: state, using: &none)
  }

  /// One time step: x [B, in] and a state → output [B, D·P] and the next state. Calling it step by
  /// step gives what the whole sequence gives; not for the backward direction, which starts at the
  /// end.
  public func step(_ x: Tensor, state: State?) -> (output: Tensor, state: State) {
    precondition(
      configuration.directions == .forward,
      "Recurrent.step: directions \(configuration.directions.rawValue), only forward can go step "
        + "by step")
    precondition(x.rank == 2, "Recurrent.step: shape \(x.shape), [batch, feature] is expected")
    let layout = SequenceLayout(batch: x.shape[0], length: 1)
    let (output, state) = self(Sequences(values: x, layout: layout), state: state)
    return (output.values, state)
  }

  private func run(
    _ inputs: [RecurrentInput], _ layout: SequenceLayout, state: State?,
    using generator: inout RandomGenerator?
  ) -> (output: Sequences, state: State) {
    let (output, finals) = sweep(
      inputs, layout, state: state, wantsFinals: true, using: &generator)
    let final = State.names.indices.map { component in
      Tensor.stacked(finals.map { $0[component] })
    }
    return (output, State(components: final))
  }

  /// All layers, and the final states of their directions if the caller asks for them.
  private func sweep(
    _ inputs: [RecurrentInput], _ layout: SequenceLayout, state: State?, wantsFinals: Bool,
    using generator: inout RandomGenerator?
  ) -> (output: Sequences, finals: [[Tensor]]) {
    let directions = configuration.directions.count
    let components = state.map { checked($0, batch: layout.batch) }
    var inputs = inputs
    var finals: [[Tensor]] = []
    for layer in 0..<configuration.layers {
      if layer > 0 {
        let dropped = Dropout(configuration.dropout)(inputs[0].tensor, using: &generator)
        inputs = [RecurrentInput](repeating: .vectors(dropped), count: directions)
      }
      let calls = (0..<directions).map { direction in
        let index = layer * directions + direction
        var weights = parts[index].weights
        if case .lookup = inputs[direction] { weights.input = nil }
        return RecurrentDirection(
          cell: parts[index].cell, weights: weights,
          isReversed: configuration.directions == .backward || direction == 1,
          initial: components.map { $0.map { $0.part(index) } }
            ?? parts[index].initialState(batch: layout.batch),
          mask: recurrentMask(batch: layout.batch, using: &generator),
          zoneout: zoneouts(layout, using: &generator))
      }
      let result = RecurrentLayer.run(
        calls, inputs: inputs, layout: layout, wantsFinals: wantsFinals)
      finals += result.finals
      inputs = [.vectors(result.output)]
    }
    return (Sequences(values: inputs[0].tensor, layout: layout), finals)
  }

  private func recurrentMask(
    batch: Int, using generator: inout RandomGenerator?
  ) -> Tensor? {
    guard configuration.recurrentDropout > 0 else { return nil }
    return generator?.dropoutMask(
      shape: [batch, configuration.directionOutputSize],
      probability: configuration.recurrentDropout)
  }

  /// For each component of the state what keeps some of it; empty where none does.
  private func zoneouts(
    _ layout: SequenceLayout, using generator: inout RandomGenerator?
  ) -> [Zoneout?] {
    let probabilities = configuration.zoneoutProbabilities(of: State.names.count)
    guard probabilities.contains(where: { $0 > 0 }) else { return [] }
    return zip(probabilities, stateWidths).map { probability, width in
      Zoneout(probability, steps: layout.total, width: width, using: &generator)
    }
  }
}

extension Tensor {
  /// Part `index` of the first axis, without that axis.
  fileprivate func part(_ index: Int) -> Tensor {
    let rest = Array(shape.dropFirst())
    return shape[0] == 1 ? reshaped(rest) : slice(index..<index + 1).reshaped(rest)
  }

  /// Tensors of one shape along a new first axis.
  fileprivate static func stacked(_ tensors: [Tensor]) -> Tensor {
    let shape = [1] + tensors[0].shape
    return tensors.count == 1
      ? tensors[0].reshaped(shape) : .concatenated(tensors.map { $0.reshaped(shape) })
  }
}

public typealias RNN = Recurrent<RNNCell>
public typealias GRU = Recurrent<GRUCell>
public typealias ResetBeforeGRU = Recurrent<ResetBeforeGRUCell>
public typealias LSTM = Recurrent<LSTMCell>
public typealias PeepholeLSTM = Recurrent<PeepholeLSTMCell>
public typealias LayerNormLSTM = Recurrent<LayerNormLSTMCell>
