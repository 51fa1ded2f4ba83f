import ReelLayers
import ReelTensor

/// The parameters of one layer in one direction.
struct RecurrentPart<Cell: RecurrentCell>: Sendable {
  let suffix: String
  var cell: Cell
  var inputWeight: Tensor
  var hiddenWeight: Tensor
  var inputBias: Tensor?
  var hiddenBias: Tensor?
  /// [P, H].
  var projection: Tensor?
  /// One vector for each component of the state; empty where it is not learned.
  var initialState: [Tensor] = []

  init(
    _ configuration: RecurrentConfiguration, inputSize: Int, suffix: String, cell: Cell,
    using generator: inout RandomGenerator
  ) {
    let (hidden, output) = (configuration.hiddenSize, configuration.directionOutputSize)
    let width = Cell.gateCount * hidden
    self.suffix = suffix
    self.cell = cell
    inputWeight = Initialization.glorotUniform.matrix(
      out: width, in: inputSize, using: &generator)
    // Each gate's block is orthogonal by itself.
    hiddenWeight = Tensor(zeros: [width, output])
    for gate in 0..<Cell.gateCount {
      hiddenWeight.write(
        Initialization.orthogonal.matrix(out: hidden, in: output, using: &generator),
        at: gate * hidden, axis: 0)
    }
    if configuration.bias {
      var values = [Float](repeating: 0, count: width)
      for gate in Cell.unitBiasGates {
        for unit in 0..<hidden { values[gate * hidden + unit] = 1 }
      }
      inputBias = Tensor(shape: [width], values: values)
      hiddenBias = Tensor(zeros: [width])
    }
    if configuration.projectionSize != nil {
      projection = Initialization.glorotUniform.matrix(out: output, in: hidden, using: &generator)
    }
    if configuration.learnsInitialState {
      initialState = configuration.stateWidths(of: Cell.State.names.count).map {
        Tensor(zeros: [$0])
      }
    }
  }

  var weights: RecurrentWeights {
    RecurrentWeights(
      input: inputWeight, hidden: hiddenWeight, inputBias: inputBias, hiddenBias: hiddenBias,
      projection: projection)
  }

  mutating func visit<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("weight_ih\(suffix)", &inputWeight)
    visitor.visit("weight_hh\(suffix)", &hiddenWeight)
    visitor.visit("bias_ih\(suffix)", &inputBias)
    visitor.visit("bias_hh\(suffix)", &hiddenBias)
    visitor.visit("weight_hr\(suffix)", &projection)
    for (index, name) in Cell.State.names.enumerated() where index < initialState.count {
      visitor.visit("initial_\(name)\(suffix)", &initialState[index])
    }
    visitor.visit("cell\(suffix)", &cell)
  }
}
