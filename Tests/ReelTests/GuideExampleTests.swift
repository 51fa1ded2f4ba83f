import Foundation
import Reel
import Testing

// begin Guides/Recurrence.md
struct ElmanByHand: Module {
  var inputWeight: Tensor  // [H, I]
  var hiddenWeight: Tensor  // [H, H]
  var bias: Tensor  // [H]

  init(inputSize: Int, hiddenSize: Int, using generator: inout RandomGenerator) {
    inputWeight = Initialization.glorotUniform.matrix(
      out: hiddenSize, in: inputSize, using: &generator)
    hiddenWeight = Initialization.orthogonal.matrix(
      out: hiddenSize, in: hiddenSize, using: &generator)
    bias = Tensor(zeros: [hiddenSize])
  }

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("weight_ih_l0", &inputWeight)
    visitor.visit("weight_hh_l0", &hiddenWeight)
    visitor.visit("bias_ih_l0", &bias)
  }

  /// x: T tensors [B, I]; state: h before the first step, [B, H]. Returns h after each step.
  func callAsFunction(_ x: [Tensor], state: Tensor) -> [Tensor] {
    var h = state
    return x.map { x in
      let input = Tensor.matrixProduct(x, inputWeight, transposingB: true)
      let recurrent = Tensor.matrixProduct(h, hiddenWeight, transposingB: true)
      h = (input + recurrent + bias).tanh()
      return h
    }
  }
}
// end Guides/Recurrence.md

// begin Guides/Recurrence.md
extension ElmanByHand {
  /// From the gradient of the loss in each output to its gradient in each weight, the bias and the
  /// first state.
  func backward(
    x: [Tensor], state: Tensor, outputs h: [Tensor], outputGradients: [Tensor]
  ) -> (inputWeight: Tensor, hiddenWeight: Tensor, bias: Tensor, state: Tensor) {
    var dInputWeight = Tensor(zeros: inputWeight.shape)
    var dHiddenWeight = Tensor(zeros: hiddenWeight.shape)
    var dBias = Tensor(zeros: bias.shape)
    var dh = Tensor(zeros: state.shape)
    for t in x.indices.reversed() {
      dh = dh + outputGradients[t]
      let da = dh * (1 - h[t].squared())
      let before = t == 0 ? state : h[t - 1]
      dInputWeight = dInputWeight + Tensor.matrixProduct(da, x[t], transposingA: true)
      dHiddenWeight = dHiddenWeight + Tensor.matrixProduct(da, before, transposingA: true)
      dBias = dBias + da.sum(axis: 0)
      dh = Tensor.matrixProduct(da, hiddenWeight)
    }
    return (dInputWeight, dHiddenWeight, dBias, dh)
  }
}
// end Guides/Recurrence.md

// begin Guides/Recurrence.md
struct Tagger: Module {
  var embedding: Embedding
  var lstm: LSTM
  var head: Linear

  init(vocabulary: Int, tags: Int, using generator: inout RandomGenerator) {
    embedding = Embedding(vocabulary: vocabulary, dimension: 16, using: &generator)
    lstm = LSTM(inputSize: 16, hiddenSize: 32, using: &generator)
    head = Linear(32, tags, using: &generator)
  }

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("embedding", &embedding)
    visitor.visit("lstm", &lstm)
    visitor.visit("head", &head)
  }

  func callAsFunction(
    _ tokens: TokenSequences, state: LSTM.State? = nil
  ) -> (logits: Sequences, state: LSTM.State) {
    let (output, state) = lstm(embedding(tokens), state: state)
    return (head(output), state)
  }
}
// end Guides/Recurrence.md

// begin Guides/Recurrence.md
/// The update-gate network of Collins, Sohl-Dickstein and Sussillo 2017, gates in the order g | c:
///
///     g = σ(W_ig·x + b_ig + W_hg·h + b_hg)
///     c = tanh(W_ic·x + b_ic + W_hc·h + b_hc)
///     h' = g ⊙ h + (1 − g) ⊙ c
struct UpdateGateCell: RecurrentCell {
  typealias State = HiddenState
  static var gateCount: Int { 2 }
  /// The bias of g starts at 1: at first the state is rather kept than replaced.
  static var unitBiasGates: [Int] { [0] }

  init(hiddenSize: Int) {}

  func forward(_ step: CellStep) {
    let size = step.hiddenSize
    step.gates.columns(0..<size).applySigmoid()
    step.gates.columns(size..<2 * size).applyTanh()
    for row in 0..<step.rows {
      for unit in 0..<size {
        let (g, c) = (step.gates[row, unit], step.gates[row, size + unit])
        step.next[0][row, unit] = g * step.previous[0][row, unit] + (1 - g) * c
      }
    }
  }

  func backward(_ step: CellGradientStep) {
    let size = step.hiddenSize
    for row in 0..<step.rows {
      for unit in 0..<size {
        let (g, c) = (step.gates[row, unit], step.gates[row, size + unit])
        let dh = step.state[0][row, unit]
        step.gates[row, unit] = dh * (step.previous[0][row, unit] - c) * g * (1 - g)
        step.gates[row, size + unit] = dh * (1 - g) * (1 - c * c)
        step.state[0][row, unit] = dh * g
      }
    }
  }
}

typealias UpdateGateNetwork = Recurrent<UpdateGateCell>
// end Guides/Recurrence.md

/// The examples of the guides, compiled and run.
struct GuideExampleTests {
  @Test(arguments: ["Guides/Recurrence.md"])
  func examplesAreThoseOfTheGuide(_ guide: String) throws {
    // The declarations come first in this file, the statements after them; a guide mixes both.
    let blocks = try DocumentedCode.blocks(of: guide)
    let files = [#filePath, DocumentedCode.path("Tests/ReelTests/GuideDropInTests.swift")]
    let regions = try files.flatMap { try DocumentedCode.regions(of: guide, in: $0) }
    #expect(!blocks.isEmpty)
    func firstLine(_ piece: String) -> Substring { piece.prefix { $0 != "\n" } }
    for block in blocks where !regions.contains(block) {
      Issue.record("\(guide): the block that begins '\(firstLine(block))' is in no test")
    }
    for region in regions where !blocks.contains(region) {
      Issue.record("the region that begins '\(firstLine(region))' is not in \(guide)")
    }
    #expect(blocks.count == regions.count)
  }

  @Test func theLoopByHandTheGradientByHandAndTheLayerAgree() throws {
    // begin Guides/Recurrence.md
    let (batchSize, steps, inputSize, hiddenSize) = (2, 5, 3, 4)
    var generator = RandomGenerator(seed: 1)
    let model = ElmanByHand(inputSize: inputSize, hiddenSize: hiddenSize, using: &generator)
    let batch = generator.normal(shape: [batchSize, steps, inputSize])
    let target = generator.normal(shape: [batchSize, hiddenSize])
    let state = Tensor(zeros: [batchSize, hiddenSize])
    let x = (0..<steps).map { t in
      batch.slice(t..<t + 1, axis: 1).reshaped([batchSize, inputSize])
    }

    let (loss, gradients) = valueAndGradient(of: model) { model in
      let outputs = model(x, state: state)
      return (outputs[steps - 1] - target).squared().sum()
    }
    // end Guides/Recurrence.md
    #expect(loss.scalar > 0)

    // begin Guides/Recurrence.md
    let outputs = model(x, state: state)
    var outputGradients = outputs.map { Tensor(zeros: $0.shape) }
    outputGradients[steps - 1] = 2 * (outputs[steps - 1] - target)
    let byHand = model.backward(
      x: x, state: state, outputs: outputs, outputGradients: outputGradients)
    // end Guides/Recurrence.md
    try expectClose(gradients["weight_ih_l0"], byHand.inputWeight)
    try expectClose(gradients["weight_hh_l0"], byHand.hiddenWeight)
    try expectClose(gradients["bias_ih_l0"], byHand.bias)
    #expect(byHand.state.shape == [batchSize, hiddenSize])

    // begin Guides/Recurrence.md
    var layer = RNN(inputSize: inputSize, hiddenSize: hiddenSize, using: &generator)
    var tensors = NamedTensors(model.parameters)
    tensors["bias_hh_l0"] = Tensor(zeros: [hiddenSize])
    try layer.load(tensors)
    let (output, final) = layer(Sequences(batch))
    // end Guides/Recurrence.md
    expectClose(output.last, outputs[steps - 1])
    expectClose(final.hidden.reshaped([batchSize, hiddenSize]), outputs[steps - 1])
    for row in 0..<batchSize {
      let rows = outputs.map { $0.slice(row..<row + 1) }
      expectClose(output[row], Tensor.concatenated(rows))
    }
  }

  @Test func raggedBatches() {
    var generator = RandomGenerator(seed: 2)
    // begin Guides/Recurrence.md
    let lstm = LSTM(
      inputSize: 3, hiddenSize: 4, layers: 2, directions: .bidirectional, using: &generator)
    let rows = [5, 0, 2].map { generator.normal(shape: [$0, 3]) }
    let (output, state) = lstm(Sequences(rows))
    let second = output[2]  // [2, 8]: two steps, both directions
    let last = output.last  // [3, 8]: the last step of each row; zeros for the empty one
    let padded = output.padded()  // [3, 5, 8]
    let cells = state.cell  // [4, 3, 4]: layers · directions, rows, hidden
    // end Guides/Recurrence.md
    #expect(second.shape == [2, 8])
    #expect(last.shape == [3, 8])
    #expect(padded.shape == [3, 5, 8])
    #expect(cells.shape == [4, 3, 4])
    #expect(last.slice(1..<2) == Tensor(zeros: [1, 8]))
    expectClose(lstm(Sequences([rows[2]])).output[0], second)
  }

  @Test func truncatedBackpropagation() {
    let text = (0..<400).map { Int32($0 * $0 % 7) }
    let windows = stride(from: 0, to: 200, by: 20).map { start in
      (
        inputs: TokenSequences([
          Array(text[start..<start + 20]), Array(text[200 + start..<220 + start]),
        ]),
        targets: TokenSequences([
          Array(text[start + 1..<start + 21]),
          Array(text[201 + start..<min(221 + start, 400)]) + (start == 180 ? [-1] : []),
        ])
      )
    }
    var losses: [Float] = []
    // begin Guides/Recurrence.md
    var generator = RandomGenerator(seed: 1)
    var model = Tagger(vocabulary: 7, tags: 7, using: &generator)
    var optimizer = Adam(learningRate: 0.01)
    for _ in 0..<10 {
      var state: LSTM.State?
      for window in windows {
        let (loss, next, gradients) = valueAndGradient(of: model) { model in
          let (logits, next) = model(window.inputs, state: state)
          return (crossEntropy(logits, window.targets), next)
        }
        state = next
        let scale = gradients.clip(globalNorm: 5)
        if scale.isFinite { optimizer.update(&model, with: gradients, scale: scale) }
        losses.append(loss.scalar)
      }
    }
    // end Guides/Recurrence.md
    #expect(losses[losses.count - 1] < losses[0] / 4)
  }

  @Test func ownCellEqualsItsEquations() throws {
    var generator = RandomGenerator(seed: 3)
    let network = UpdateGateNetwork(inputSize: 3, hiddenSize: 4, using: &generator)
    let rows = [5, 2].map { generator.normal(shape: [$0, 3]) }
    let weights = [5, 2].map { generator.normal(shape: [$0, 4]) }
    let initial = generator.normal(shape: [1, 2, 4])

    func loss(_ outputs: [Tensor]) -> Tensor {
      zip(outputs, weights).reduce(Tensor(0)) { $0 + ($1.0 * $1.1).sum() }
    }
    let layer = valueAndGradient(of: network) { network in
      let (output, _) = network(Sequences(rows), state: HiddenState(hidden: initial))
      return loss([output[0], output[1]])
    }
    // The same from the equations, row by row and step by step, with the library's gradients.
    let equations = valueAndGradient(of: network) { network in
      let p = network.parameters.map(\.tensor)
      return loss(
        rows.indices.map { row in
          var h = initial.slice(row..<row + 1, axis: 1).reshaped([1, 4])
          return Tensor.concatenated(
            (0..<rows[row].shape[0]).map { t in
              let x = rows[row].slice(t..<t + 1)
              let a =
                Tensor.matrixProduct(x, p[0], transposingB: true) + p[2]
                + Tensor.matrixProduct(h, p[1], transposingB: true) + p[3]
              let g = a.slice(0..<4, axis: 1).sigmoid()
              let c = a.slice(4..<8, axis: 1).tanh()
              h = g * h + (1 - g) * c
              return h
            })
        })
    }
    expectClose(layer.value, equations.value)
    for entry in equations.gradients.entries {
      try expectClose(layer.gradients[entry.path], #require(entry.gradient).tensor)
    }
  }

  @Test func ownCellHasWhatEveryCellHas() {
    var generator = RandomGenerator(seed: 4)
    // begin Guides/Recurrence.md
    let network = UpdateGateNetwork(
      inputSize: 3, hiddenSize: 4, layers: 2, directions: .bidirectional, using: &generator)
    let (output, state) = network(Sequences([5, 2].map { generator.normal(shape: [$0, 3]) }))
    // end Guides/Recurrence.md
    #expect(output.featureCount == 8)
    #expect(state.hidden.shape == [4, 2, 4])
  }

  @Test func weightsOfAnotherLibrary() throws {
    var generator = RandomGenerator(seed: 5)
    let path = NSTemporaryDirectory() + "reel-guide-\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let other = LSTM(inputSize: 12, hiddenSize: 64, layers: 2, using: &generator)
    try Safetensors.write(NamedTensors(other.parameters), to: path)
    // begin Guides/Recurrence.md
    var lstm = LSTM(inputSize: 12, hiddenSize: 64, layers: 2, using: &generator)
    try lstm.load(Safetensors.read(path).tensors)
    // end Guides/Recurrence.md
    #expect(lstm.parameters.map(\.tensor) == other.parameters.map(\.tensor))
  }

  private func expectClose(
    _ came: Tensor, _ expected: Tensor, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(came.shape == expected.shape, sourceLocation: sourceLocation)
    let furthest = zip(came.values, expected.values).map { abs($0 - $1) }.max() ?? 0
    #expect(furthest < 1e-4, sourceLocation: sourceLocation)
  }

  private func expectClose(
    _ came: Gradient?, _ expected: Tensor, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    expectClose(
      try #require(came, sourceLocation: sourceLocation).tensor, expected,
      sourceLocation: sourceLocation)
  }
}
