import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// The state is a value: absent it means zeros, passed on it continues, and it is never cut off
/// or remembered where nobody asked.
@Suite struct StateTests {
  /// No state and a state of zeros take the same path to the same bytes.
  @Test(arguments: RecurrentCellKind.allCases, RecurrentDirections.allCases)
  func noStateIsZeroState(_ kind: RecurrentCellKind, _ directions: RecurrentDirections) {
    let configuration = RecurrentConfiguration(
      inputSize: 3, hiddenSize: 5, layers: 2, directions: directions)
    var test = RecurrentCase(
      kind, configuration, lengths: [4, 0, 6, 1], withState: false, seed: 41)
    let weights = LossWeights(test, seed: 42)
    func run() -> (loss: Tensor, extra: [Tensor], gradients: Gradients) {
      let result = valueAndGradient(of: test.model) { model in
        let (output, state) = model()
        let loss =
          TestLoss.allSteps(output, state, weights) + TestLoss.finalState(output, state, weights)
        return (loss, [output.padded()] + state)
      }
      return (result.value, result.extra, result.gradients)
    }
    let absent = run()
    test.model.state = test.model.network.stateNames.map { _ in
      Tensor(zeros: [2 * directions.count, 4, 5])
    }
    let zeros = run()
    expectSameBytes(zeros.loss, absent.loss, "loss")
    for (a, b) in zip(zeros.extra, absent.extra) { expectSameBytes(a, b, "output or state") }
    for entry in absent.gradients.entries {
      expectSameBytes(
        zeros.gradients[entry.path]?.tensor, entry.gradient?.tensor, "gradient of \(entry.path)")
    }
  }

  /// One step at a time, each with the state of the last one, gives what the whole gives.
  @Test func stepByStep() {
    Self.expectStepwise(RNN.self)
    Self.expectStepwise(GRU.self)
    Self.expectStepwise(ResetBeforeGRU.self)
    Self.expectStepwise(LSTM.self)
    Self.expectStepwise(PeepholeLSTM.self)
    Self.expectStepwise(LayerNormLSTM.self)
  }

  private static func expectStepwise<Cell>(_ type: Recurrent<Cell>.Type) {
    var generator = RandomGenerator(seed: 43)
    for batch in [1, 3, 9] {
      let network = type.init(inputSize: 4, hiddenSize: 17, layers: 2, using: &generator)
      let input = generator.normal(shape: [batch, 6, 4])
      let (whole, final) = network(Sequences(input))
      var state: Cell.State?
      for time in 0..<6 {
        let x = input.slice(time..<time + 1, axis: 1).reshaped([batch, 4])
        let (output, next) = network.step(x, state: state)
        state = next
        let expected = whole.padded().slice(time..<time + 1, axis: 1).reshaped([batch, 17])
        expectClose(output, expected, "\(Cell.self) at \(time)", within: 2e-6)
      }
      for (a, b) in zip(state?.components ?? [], final.components) {
        expectClose(a, b, "state of \(Cell.self)", within: 2e-6)
      }
    }
  }

  /// Two windows joined by their state inside one call are one sequence, also for the gradient.
  @Test(arguments: RecurrentCellKind.allCases)
  func joinedWindows(_ kind: RecurrentCellKind) {
    let test = RecurrentCase(
      kind, RecurrentConfiguration(inputSize: 3, hiddenSize: 5, layers: 2), lengths: [7, 7],
      seed: 44)
    let weights = LossWeights(test, seed: 45)
    let whole = valueAndGradient(of: test.model) { model in
      let (output, _) = model()
      return (output.padded() * weights.output).sum()
    }
    let joined = valueAndGradient(of: test.model) { model in
      var none: RandomGenerator?
      let (first, state) = model.network(
        .vectors(Sequences(model.input.slice(0..<3, axis: 1))), state: model.state, using: &none)
      let (second, _) = model.network(
        .vectors(Sequences(model.input.slice(3..<7, axis: 1))), state: state, using: &none)
      return (Tensor.concatenated([first.padded(), second.padded()], axis: 1) * weights.output)
        .sum()
    }
    expectClose(joined.value, whole.value, "loss")
    for entry in whole.gradients.entries {
      guard let expected = entry.gradient?.tensor else { continue }
      expectClose(joined.gradients[entry.path]?.tensor, expected, entry.path)
    }
  }

  /// A state that came out of one call is a plain value in the next: truncated BPTT.
  @Test(arguments: RecurrentCellKind.allCases)
  func stateIsCutOffBetweenCalls(_ kind: RecurrentCellKind) {
    let test = RecurrentCase(
      kind, RecurrentConfiguration(inputSize: 3, hiddenSize: 5, layers: 2), lengths: [4, 4],
      seed: 46)
    func window(_ state: [Tensor]) -> (value: Tensor, extra: [Tensor], gradients: Gradients) {
      valueAndGradient(of: test.model.network) { network in
        var none: RandomGenerator?
        let (output, state) = network(
          .vectors(Sequences(test.model.input)), state: state, using: &none)
        return (output.values.squared().sum(), state)
      }
    }
    let passed = window(test.model.state).extra
    let copied = passed.map { Tensor(shape: $0.shape, values: $0.values) }
    let (a, b) = (window(passed), window(copied))
    expectSameBytes(a.value, b.value, "loss")
    for entry in a.gradients.entries {
      #expect(entry.gradient != nil)
      expectSameBytes(entry.gradient?.tensor, b.gradients[entry.path]?.tensor, entry.path)
    }
  }

  /// Whoever writes into an output before the gradient has gone back through it has a copy, for the layer
  /// still reads it: of sequences of one length all do, an RNN also of others.
  @Test(arguments: RecurrentCellKind.allCases, [[4, 4, 4], [2, 4, 3]])
  func anOutputThatIsWrittenStaysForTheGradient(_ kind: RecurrentCellKind, _ lengths: [Int]) {
    let test = RecurrentCase(
      kind, RecurrentConfiguration(inputSize: 3, hiddenSize: 5, layers: 2), lengths: lengths,
      seed: 48)
    func gradients(writing: Bool) -> Gradients {
      valueAndGradient(of: test.model) { model in
        // Nobody but the layer holds the output: the sum does not keep it.
        var values = model().output.values
        let loss = values.sum()
        values = values.detached()
        if writing {
          values.withMutableValues { values in
            for index in values.indices { values[index] = .nan }
          }
        }
        return loss
      }.gradients
    }
    let (plain, written) = (gradients(writing: false), gradients(writing: true))
    for entry in plain.entries {
      expectSameBytes(entry.gradient?.tensor, written[entry.path]?.tensor, entry.path)
    }
  }

  /// A layer never remembers: the same call twice gives the same bytes.
  @Test(arguments: RecurrentCellKind.allCases)
  func nothingIsRemembered(_ kind: RecurrentCellKind) {
    let test = RecurrentCase(
      kind, RecurrentConfiguration(inputSize: 3, hiddenSize: 5), lengths: [4, 2], seed: 47)
    let (first, second) = (test.model(), test.model())
    expectSameBytes(first.output.padded(), second.output.padded(), "output")
    for (a, b) in zip(first.state, second.state) { expectSameBytes(a, b, "state") }
  }
}
