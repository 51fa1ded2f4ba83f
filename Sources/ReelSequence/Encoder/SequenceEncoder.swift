import ReelLayers
import ReelTensor

/// A network that reads sequences, of a kind chosen at run time: what every task has between its
/// input and its output.
public enum SequenceEncoder: Module {
  case recurrent(RecurrentNetwork)
  case tcn(TCN)

  /// The components of the state, named by `stateNames`; nil means the one to start from. A network
  /// that is not causal has none.
  public typealias State = [Tensor]

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    // The network is moved out and back in, so that its parameters keep one owner.
    switch consume self {
    case .recurrent(var network):
      network.visitParameters(&visitor)
      self = .recurrent(network)
    case .tcn(var network):
      network.visitParameters(&visitor)
      self = .tcn(network)
    }
  }

  /// Reads a batch; with a generator, dropout is on.
  ///
  /// - Returns: the output at every time step, and the state after each row's own last step.
  public func callAsFunction(
    _ input: SequenceInput, state: State? = nil, using generator: inout RandomGenerator?
  ) -> (output: Sequences, state: State) {
    switch self {
    case .recurrent(let network): return network(input, state: state, using: &generator)
    case .tcn(let network):
      let result = network(
        network.vectors(input), state: state.map { TCN.State(components: $0) }, using: &generator)
      return (result.output, result.state.components)
    }
  }

  /// Reads whole sequences after which nothing comes: the output of `callAsFunction` alone.
  package func output(
    of input: SequenceInput, using generator: inout RandomGenerator?
  ) -> Sequences {
    switch self {
    case .recurrent(let network): network(input, using: &generator).output
    case .tcn(let network): network.output(of: network.vectors(input), using: &generator)
    }
  }

  /// The output at the last time step of each sequence, [batch, outputSize]; zeros for an empty one. Of a
  /// TCN most of what this does not depend on is left out: see ``TCN/lastOutput(of:using:)``.
  package func lastOutput(
    of input: SequenceInput, using generator: inout RandomGenerator?
  ) -> Tensor {
    switch self {
    case .recurrent: output(of: input, using: &generator).last
    case .tcn(let network): network.lastOutput(of: network.lastVectors(input), using: &generator)
    }
  }

  /// What each direction knows at its own end, [batch, outputSize]; of a TCN its last output.
  package func finalStates(
    of input: SequenceInput, _ directions: RecurrentDirections,
    using generator: inout RandomGenerator?
  ) -> Tensor {
    switch self {
    case .recurrent: output(of: input, using: &generator).finalStates(directions)
    case .tcn: lastOutput(of: input, using: &generator)
    }
  }

  /// Vectors [n, in] made ready for the many batches that read them: tables of whatever a network
  /// computes from a vector alone. Of a recurrent network they are its input projections, one table
  /// for each direction; a TCN, whose taps all read a vector, has the vectors themselves.
  package func tables(of vectors: Tensor) -> [Tensor] {
    switch self {
    case .recurrent(let network): network.projections(of: vectors)
    case .tcn: [vectors]
    }
  }

  /// Reads rows of what `tables(of:)` made, for prediction: no dropout.
  package func callAsFunction(_ rows: TokenSequences, tables: [Tensor]) -> Sequences {
    switch self {
    case .recurrent(let network): network(rows, projections: tables)
    case .tcn(let network): network.output(of: Embedding(weight: tables[0])(rows))
    }
  }

  /// The network made ready to read tokens one at a time, through an embedding or as one-hot rows.
  func stepper(embedding: Embedding?, state: State?) -> any EncoderStepper {
    switch self {
    case .recurrent(let network):
      RecurrentEncoderStepper(network.stepper(state: state), embedding: embedding)
    case .tcn(let network):
      TCNEncoderStepper(
        TCNStepper(network, state: state.map { TCN.State(components: $0) }), embedding: embedding)
    }
  }

  /// What a decoder starts from, each component [layers · directions, batch, feature]: of a recurrent
  /// network its state, of a TCN the mean of its output over time (as of Gehring et al. 2017, "A
  /// Convolutional Encoder Model for Neural Machine Translation").
  package func summary(_ output: Sequences, _ state: State) -> [Tensor] {
    switch self {
    case .recurrent: state
    case .tcn: [output.meanPooled().reshaped([1, output.layout.batch, output.featureCount])]
    }
  }

  /// Layers and directions of a `summary`, and the features of each component.
  package var summaryShape: (layers: Int, directions: Int, sizes: [Int]) {
    switch self {
    case .recurrent(let network):
      let c = network.configuration
      return (c.layers, c.directions.count, c.stateWidths(of: network.stateNames.count))
    case .tcn(let network): return (1, 1, [network.outputSize])
    }
  }

  /// Names of the state's components, for example `hidden` and `cell`.
  public var stateNames: [String] {
    switch self {
    case .recurrent(let network): network.stateNames
    case .tcn(let network): network.stateNames
    }
  }

  /// Features of the output at each time step.
  public var outputSize: Int {
    switch self {
    case .recurrent(let network): network.configuration.outputSize
    case .tcn(let network): network.outputSize
    }
  }

  /// Time steps that one output depends on, its own included; nil where it depends on all before it.
  public var receptiveField: Int? {
    switch self {
    case .recurrent: nil
    case .tcn(let network): network.receptiveField
    }
  }

  /// What the paths of its parameters begin with where a model names it by its kind.
  package var name: String {
    switch self {
    case .recurrent: "recurrent"
    case .tcn: "tcn"
    }
  }
}

extension TCN {
  /// What the first block reads: a TCN has no shorter way from tokens.
  fileprivate func vectors(_ input: SequenceInput) -> Sequences {
    switch input {
    case .vectors(let sequences): sequences
    case .oneHot(let tokens): tokens.oneHot(classes: configuration.inputSize)
    case .embedded(let tokens, let embedding): embedding(tokens)
    }
  }

  /// Of these what the last output may depend on: no token before that is looked up. (There is one block at
  /// least.)
  fileprivate func lastVectors(_ input: SequenceInput) -> Sequences {
    vectors(input.latest(configuration.lastStepReaches[0].count))
  }
}
