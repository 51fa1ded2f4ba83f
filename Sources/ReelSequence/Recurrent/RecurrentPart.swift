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

  init(
    inputSize: Int, hiddenSize: Int, bias: Bool, suffix: String, cell: Cell,
    using generator: inout RandomGenerator
  ) {
    let width = Cell.gateCount * hiddenSize
    self.suffix = suffix
    self.cell = cell
    inputWeight = Initialization.glorotUniform.matrix(
      out: width, in: inputSize, using: &generator)
    // Each gate's block is orthogonal by itself.
    var blocks: [Tensor] = []
    for _ in 0..<Cell.gateCount {
      blocks.append(
        Initialization.orthogonal.matrix(out: hiddenSize, in: hiddenSize, using: &generator))
    }
    hiddenWeight = Tensor.concatenated(blocks)
    guard bias else { return }
    var values = [Float](repeating: 0, count: width)
    for gate in Cell.unitBiasGates {
      for unit in 0..<hiddenSize { values[gate * hiddenSize + unit] = 1 }
    }
    inputBias = Tensor(shape: [width], values: values)
    hiddenBias = Tensor(zeros: [width])
  }

  var weights: RecurrentWeights {
    RecurrentWeights(
      input: inputWeight, hidden: hiddenWeight, inputBias: inputBias, hiddenBias: hiddenBias)
  }

  mutating func visit<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("weight_ih\(suffix)", &inputWeight)
    visitor.visit("weight_hh\(suffix)", &hiddenWeight)
    visitor.visit("bias_ih\(suffix)", &inputBias)
    visitor.visit("bias_hh\(suffix)", &hiddenBias)
    visitor.visit("cell\(suffix)", &cell)
  }
}
