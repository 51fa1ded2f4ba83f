import ReelLayers
import ReelTensor

/// A network that reads sequences, of a kind chosen at run time: what every task has between its
/// input and its output.
public enum SequenceEncoder: Module {
  case recurrent(RecurrentNetwork)

  /// The components of the state; nil means the one to start from.
  public typealias State = [Tensor]

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    // The network is moved out and back in, so that its parameters keep one owner.
    switch consume self {
    case .recurrent(var network):
      network.visitParameters(&visitor)
      self = .recurrent(network)
    }
  }

  /// Reads a batch; with a generator, dropout is on.
  ///
  /// - Returns: the output at every time step, and the state after each row's own last step.
  public func callAsFunction(
    _ input: SequenceInput, state: State? = nil, using generator: inout RandomGenerator?
  ) -> (output: Sequences, state: State) {
    switch self {
    case .recurrent(let network): network(input, state: state, using: &generator)
    }
  }

  /// Reads whole sequences after which nothing comes: the output of `callAsFunction` alone.
  package func output(
    of input: SequenceInput, using generator: inout RandomGenerator?
  ) -> Sequences {
    switch self {
    case .recurrent(let network): network(input, using: &generator).output
    }
  }

  /// Vectors [n, in] made ready for the many batches that read them: tables of whatever a network
  /// computes from a vector alone. Of a recurrent network they are its input projections, one table
  /// for each direction.
  package func tables(of vectors: Tensor) -> [Tensor] {
    switch self {
    case .recurrent(let network): network.projections(of: vectors)
    }
  }

  /// Reads rows of what `tables(of:)` made, for prediction: no dropout.
  package func callAsFunction(_ rows: TokenSequences, tables: [Tensor]) -> Sequences {
    switch self {
    case .recurrent(let network): network(rows, projections: tables)
    }
  }

  /// The network made ready to read tokens one at a time, through an embedding or as one-hot rows.
  func stepper(embedding: Embedding?, state: State?) -> any EncoderStepper {
    switch self {
    case .recurrent(let network):
      RecurrentEncoderStepper(network.stepper(state: state), embedding: embedding)
    }
  }

  /// What a decoder starts from, each component [layers · directions, batch, feature]: of a recurrent
  /// network its state.
  package func summary(_ output: Sequences, _ state: State) -> [Tensor] {
    switch self {
    case .recurrent: state
    }
  }

  /// Layers and directions of a `summary`, and the features of each component.
  package var summaryShape: (layers: Int, directions: Int, sizes: [Int]) {
    switch self {
    case .recurrent(let network):
      let c = network.configuration
      return (c.layers, c.directions.count, c.stateWidths(of: network.stateNames.count))
    }
  }

  /// Names of the state's components, for example `hidden` and `cell`.
  public var stateNames: [String] {
    switch self {
    case .recurrent(let network): network.stateNames
    }
  }

  /// Features of the output at each time step.
  public var outputSize: Int {
    switch self {
    case .recurrent(let network): network.configuration.outputSize
    }
  }

  /// What the paths of its parameters begin with where a model names it by its kind.
  package var name: String {
    switch self {
    case .recurrent: "recurrent"
    }
  }
}
