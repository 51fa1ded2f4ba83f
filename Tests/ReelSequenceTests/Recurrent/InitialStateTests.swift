import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// A learned initial state.
@Suite struct InitialStateTests {
  private static func configuration(_ directions: RecurrentDirections) -> RecurrentConfiguration {
    RecurrentConfiguration(
      inputSize: 3, hiddenSize: 5, layers: 2, directions: directions, learnsInitialState: true)
  }

  /// As it starts, with zeros, it is the network without: outputs, states, gradients.
  @Test(arguments: RecurrentCellKind.allCases, RecurrentDirections.allCases)
  func zerosChangeNothing(_ kind: RecurrentCellKind, _ directions: RecurrentDirections) throws {
    var plain = Self.configuration(directions)
    plain.learnsInitialState = false
    let lengths = [4, 0, 6, 1]
    let test = RecurrentCase(kind, plain, lengths: lengths, withState: false, seed: 41)
    var learned = RecurrentCase(
      kind, Self.configuration(directions), lengths: lengths, withState: false, seed: 41)
    var tensors = test.model.network.parameters.map { (name: $0.path, tensor: $0.tensor) }
    for (path, tensor) in learned.model.network.parameters where path.contains("initial_") {
      tensors.append((name: path, tensor: Tensor(zeros: tensor.shape)))
    }
    try learned.model.network.load(tensors)
    learned.model.input = test.model.input

    let weights = LossWeights(test, seed: 42)
    func run(_ model: WatchedNetwork) -> (value: Tensor, extra: [Tensor], gradients: Gradients) {
      valueAndGradient(of: model) { model in
        let (output, state) = model()
        let loss =
          TestLoss.allSteps(output, state, weights) + TestLoss.finalState(output, state, weights)
        return (loss, [output.padded()] + state)
      }
    }
    let (a, b) = (run(test.model), run(learned.model))
    expectSameBytes(b.value, a.value, "loss")
    for (a, b) in zip(a.extra, b.extra) { expectSameBytes(b, a, "output or state") }
    for entry in a.gradients.entries {
      expectSameBytes(b.gradients[entry.path]?.tensor, entry.gradient?.tensor, entry.path)
    }
    // And it learns from the start.
    for entry in b.gradients.entries where entry.path.contains("initial_") {
      #expect(entry.gradient?.tensor.values.contains { $0 != 0 } ?? false, "\(entry.path)")
    }
  }

  /// No state is the same as passing what was learned; the gradient of the learned state is the sum
  /// of that over the batch.
  @Test(arguments: RecurrentCellKind.allCases, RecurrentDirections.allCases)
  func absentIsTheLearnedState(_ kind: RecurrentCellKind, _ directions: RecurrentDirections) {
    var test = RecurrentCase(
      kind, Self.configuration(directions), lengths: [4, 0, 6, 1], withState: false, seed: 43)
    let weights = LossWeights(test, seed: 44)
    func run() -> (value: Tensor, extra: [Tensor], gradients: Gradients) {
      valueAndGradient(of: test.model) { model in
        let (output, state) = model()
        return (
          TestLoss.allSteps(output, state, weights) + TestLoss.finalState(output, state, weights),
          [output.padded()] + state
        )
      }
    }
    let absent = run()
    let names = test.model.network.stateNames
    test.model.state = names.map { name in
      let rows = test.model.network.parameters.filter { $0.path.contains("initial_\(name)") }
      return Tensor.concatenated(
        rows.map { Tensor.concatenated([$0.tensor, $0.tensor, $0.tensor, $0.tensor]) }
      ).reshaped([rows.count, 4, 5])
    }
    let passed = run()
    expectSameBytes(passed.value, absent.value, "loss")
    for (a, b) in zip(passed.extra, absent.extra) { expectSameBytes(a, b, "output or state") }
    for (component, name) in names.enumerated() {
      let learned = absent.gradients.entries.filter { $0.path.contains("initial_\(name)") }
      let sums = passed.gradients["state.\(component)"]?.tensor.sum(axis: 1)
      for (part, entry) in learned.enumerated() {
        expectClose(
          entry.gradient?.tensor, sums?.slice(part..<part + 1).reshaped([5]) ?? Tensor(0),
          entry.path)
      }
    }
    // A state that is passed takes its place.
    for entry in passed.gradients.entries where entry.path.contains("initial_") {
      #expect(entry.gradient == nil, "\(entry.path)")
    }
  }

  @Test func initialStateOfALayer() {
    var generator = RandomGenerator(seed: 1)
    var gru = GRU(
      inputSize: 3, hiddenSize: 2, directions: .bidirectional, learnsInitialState: true,
      using: &generator)
    gru.updateParameters { path, parameter in
      if path == "initial_hidden_l0" { parameter = Tensor(shape: [2], values: [1, 2]) }
      if path == "initial_hidden_l0_reverse" { parameter = Tensor(shape: [2], values: [3, 4]) }
    }
    let state = gru.initialState(batch: 2).hidden
    #expect(state.shape == [2, 2, 2])
    #expect(state.values == [1, 2, 1, 2, 3, 4, 3, 4])
    #expect(gru.zeroState(batch: 2).hidden.values.allSatisfy { $0 == 0 })
  }
}
