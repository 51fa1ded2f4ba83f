import ReelLayers
import ReelTensor

/// The cells that a configuration file or a command line can name.
public enum RecurrentCellKind: String, Sendable, Codable, CaseIterable {
  case rnn
  case rnnReLU = "rnn-relu"
  case gru
  case gruResetBefore = "gru-reset-before"
  case lstm
  case lstmPeephole = "lstm-peephole"
  case lstmLayerNorm = "lstm-layer-norm"

  /// Names of the state's components, for example `hidden` and `cell`.
  public var stateNames: [String] {
    switch self {
    case .rnn, .rnnReLU, .gru, .gruResetBefore: HiddenState.names
    case .lstm, .lstmPeephole, .lstmLayerNorm: LSTMState.names
    }
  }

  /// Whether `RecurrentConfiguration.projectionSize` is for this cell.
  public var allowsProjection: Bool {
    switch self {
    case .rnn, .rnnReLU, .gru, .gruResetBefore: false
    case .lstm: LSTMCell.allowsProjection
    case .lstmPeephole: PeepholeLSTMCell.allowsProjection
    case .lstmLayerNorm: LayerNormLSTMCell.allowsProjection
    }
  }
}

/// A recurrent network whose cell is chosen at run time.
public enum RecurrentNetwork: Module {
  case rnn(RNN)
  case gru(GRU)
  case gruResetBefore(ResetBeforeGRU)
  case lstm(LSTM)
  case lstmPeephole(PeepholeLSTM)
  case lstmLayerNorm(LayerNormLSTM)

  public init(
    _ kind: RecurrentCellKind, _ configuration: RecurrentConfiguration,
    using generator: inout RandomGenerator
  ) {
    switch kind {
    case .rnn:
      self = .rnn(RNN(configuration, using: &generator))
    case .rnnReLU:
      self = .rnn(RNN(configuration, cell: RNNCell(activation: .relu), using: &generator))
    case .gru:
      self = .gru(GRU(configuration, using: &generator))
    case .gruResetBefore:
      self = .gruResetBefore(ResetBeforeGRU(configuration, using: &generator))
    case .lstm:
      self = .lstm(LSTM(configuration, using: &generator))
    case .lstmPeephole:
      self = .lstmPeephole(PeepholeLSTM(configuration, using: &generator))
    case .lstmLayerNorm:
      // Its bias stands behind the normalization, in the cell.
      var configuration = configuration
      configuration.bias = false
      self = .lstmLayerNorm(LayerNormLSTM(configuration, using: &generator))
    }
  }

  /// The components of the state, each [layers · directions, batch, hidden] (with a projection the
  /// first has its features); nil means zeros, or what the network has learned to start from.
  public typealias State = [Tensor]

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    // The network is moved out and back in, so that its parameters keep one owner.
    switch consume self {
    case .rnn(var network):
      network.visitParameters(&visitor)
      self = .rnn(network)
    case .gru(var network):
      network.visitParameters(&visitor)
      self = .gru(network)
    case .gruResetBefore(var network):
      network.visitParameters(&visitor)
      self = .gruResetBefore(network)
    case .lstm(var network):
      network.visitParameters(&visitor)
      self = .lstm(network)
    case .lstmPeephole(var network):
      network.visitParameters(&visitor)
      self = .lstmPeephole(network)
    case .lstmLayerNorm(var network):
      network.visitParameters(&visitor)
      self = .lstmLayerNorm(network)
    }
  }

  /// Vectors [n, in] projected into the first layer, for each direction; see
  /// ``Recurrent/projections(of:)``.
  package func projections(of vectors: Tensor) -> [Tensor] {
    switch self {
    case .rnn(let network): network.projections(of: vectors)
    case .gru(let network): network.projections(of: vectors)
    case .gruResetBefore(let network): network.projections(of: vectors)
    case .lstm(let network): network.projections(of: vectors)
    case .lstmPeephole(let network): network.projections(of: vectors)
    case .lstmLayerNorm(let network): network.projections(of: vectors)
    }
  }

  /// Reads rows of tables that `projections(of:)` made, for prediction: no dropout.
  package func callAsFunction(_ rows: TokenSequences, projections: [Tensor]) -> Sequences {
    switch self {
    case .rnn(let network): network(rows, projections: projections)
    case .gru(let network): network(rows, projections: projections)
    case .gruResetBefore(let network): network(rows, projections: projections)
    case .lstm(let network): network(rows, projections: projections)
    case .lstmPeephole(let network): network(rows, projections: projections)
    case .lstmLayerNorm(let network): network(rows, projections: projections)
    }
  }

  /// Reads a batch; with a generator, dropout is on.
  public func callAsFunction(
    _ input: SequenceInput, state: State? = nil, using generator: inout RandomGenerator?
  ) -> (output: Sequences, state: State) {
    switch self {
    case .rnn(let network): network.run(input, state, &generator)
    case .gru(let network): network.run(input, state, &generator)
    case .gruResetBefore(let network): network.run(input, state, &generator)
    case .lstm(let network): network.run(input, state, &generator)
    case .lstmPeephole(let network): network.run(input, state, &generator)
    case .lstmLayerNorm(let network): network.run(input, state, &generator)
    }
  }

  /// The network made ready to go step by step; see `TokenStepper`.
  func stepper(state: State?) -> any RecurrentStepper {
    switch self {
    case .rnn(let network): TypedRecurrentStepper(network, state: state)
    case .gru(let network): TypedRecurrentStepper(network, state: state)
    case .gruResetBefore(let network): TypedRecurrentStepper(network, state: state)
    case .lstm(let network): TypedRecurrentStepper(network, state: state)
    case .lstmPeephole(let network): TypedRecurrentStepper(network, state: state)
    case .lstmLayerNorm(let network): TypedRecurrentStepper(network, state: state)
    }
  }

  /// Names of the state's components, for example `hidden` and `cell`.
  public var stateNames: [String] {
    switch self {
    case .rnn, .gru, .gruResetBefore: HiddenState.names
    case .lstm, .lstmPeephole, .lstmLayerNorm: LSTMState.names
    }
  }

  /// The hyper-parameters the network was made with.
  public var configuration: RecurrentConfiguration {
    switch self {
    case .rnn(let network): network.configuration
    case .gru(let network): network.configuration
    case .gruResetBefore(let network): network.configuration
    case .lstm(let network): network.configuration
    case .lstmPeephole(let network): network.configuration
    case .lstmLayerNorm(let network): network.configuration
    }
  }
}

extension Recurrent {
  fileprivate func run(
    _ input: SequenceInput, _ state: [Tensor]?, _ generator: inout RandomGenerator?
  ) -> (output: Sequences, state: [Tensor]) {
    let state = state.map { State(components: $0) }
    let result =
      switch input {
      case .vectors(let sequences): self(sequences, state: state, using: &generator)
      case .oneHot(let tokens): self(oneHot: tokens, state: state, using: &generator)
      case .embedded(let tokens, let embedding):
        self(tokens, embedding: embedding, state: state, using: &generator)
      }
    return (result.output, result.state.components)
  }
}
