import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// A way back in several stretches of time: where the gradient of the output has not been made yet, and where D
/// takes the place of an RNN's output. An output of 256 features and 1,640 rows is three stretches, or six where D takes its place.
@Suite struct BackwardStretchTests {
  static let hidden = 256

  /// 41 sequences of one length, ragged ones with some empty, and a single one.
  static let lengths: [[Int]] = [
    [Int](repeating: 40, count: 41), (0..<60).map { $0 * 7 % 41 + $0 % 2 * 20 }, [1100],
  ]

  struct Headed: Module {
    var recurrent: RecurrentNetwork
    var head: Linear
    var input: Tensor
    var state: [Tensor]

    init(
      _ kind: RecurrentCellKind, _ configuration: RecurrentConfiguration, lengths: [Int],
      withState: Bool, _ random: inout TestRandom
    ) {
      var generator = RandomGenerator(seed: 12)
      let features = configuration.hiddenSize * configuration.directions.count
      recurrent = RecurrentNetwork(kind, configuration, using: &generator)
      head = Linear(features, 2, using: &generator)
      input = random.tensor([lengths.count, lengths.max() ?? 0, configuration.inputSize])
      let parts = configuration.layers * configuration.directions.count
      state =
        withState
        ? recurrent.stateNames.map { _ in
          random.tensor([parts, lengths.count, configuration.hiddenSize])
        } : []
    }

    mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
      visitor.visit("recurrent", &recurrent)
      visitor.visit("head", &head)
      visitor.visit("input", &input)
      for index in state.indices { visitor.visit("state.\(index)", &state[index]) }
    }

    func callAsFunction(lengths: [Int], dropsOut: Bool) -> (output: Sequences, state: [Tensor]) {
      var masks: RandomGenerator? = dropsOut ? RandomGenerator(seed: 13) : nil
      return recurrent(
        .vectors(Sequences(input, lengths: lengths)), state: state.isEmpty ? nil : state,
        using: &masks)
    }
  }

  private func expectNear<Extra>(
    _ found: (value: Tensor, extra: Extra, gradients: Gradients),
    _ expected: (value: Tensor, extra: Extra, gradients: Gradients), _ what: String
  ) {
    for (found, expected) in zip(found.gradients.entries, expected.gradients.entries) {
      let (came, exact) = (
        found.gradient?.tensor.values ?? [], expected.gradient?.tensor.values ?? []
      )
      let scale = exact.reduce(0) { max($0, abs($1)) }
      let errors = zip(came, exact).map { abs($0 - $1) }
      let isNear = errors.allSatisfy { $0 <= 1e-4 * scale }
      #expect(
        came.count == exact.count && isNear,
        "\(what), \(found.path): \(errors.max() ?? 0) of \(scale)")
    }
  }

  /// What a narrow head gives the output is made stretch by stretch; in the reference it is there at once, for it
  /// comes from a product with ones, and the output is somebody else's, too.
  @Test(arguments: RecurrentCellKind.allCases, RecurrentDirections.allCases)
  func gradientsAreThoseOfOneStretch(
    _ kind: RecurrentCellKind, _ directions: RecurrentDirections
  ) {
    var random = TestRandom(511)
    for (number, lengths) in Self.lengths.enumerated() {
      // The single sequence has all kinds of one stretch.
      let (layers, withState, dropsOut) = [(1, true, false), (2, false, false), (1, true, true)][
        number]
      var configuration = RecurrentConfiguration(
        inputSize: 3, hiddenSize: Self.hidden, layers: layers, directions: directions)
      if dropsOut { configuration.recurrentDropout = 0.3 }
      let model = Headed(
        kind, configuration, lengths: lengths, withState: withState, &random)
      let weights = random.tensor([lengths.reduce(0, +), 2])
      func run(isMadeAtOnce: Bool) -> (
        value: Tensor, extra: Tensor?, gradients: Gradients
      ) {
        valueAndGradient(of: model) { model in
          let (output, state) = model(lengths: lengths, dropsOut: dropsOut)
          let ones = Tensor(repeating: 1, shape: output.values.shape)
          let values = isMadeAtOnce ? output.values * ones : output.values
          let final = state.reduce(Tensor(0)) { $0 + $1.squared().sum() }
          return (
            (model.head(values) * weights).sum() + final, isMadeAtOnce ? output.values : nil
          )
        }
      }
      expectNear(
        run(isMadeAtOnce: false), run(isMadeAtOnce: true),
        "lengths \(number), \(layers) layers, dropout \(dropsOut)")
    }
  }

  /// Where the loss reads the final state alone, D takes the place of an RNN's output; with the output in other
  /// hands it does not, and that stays as it was.
  @Test(
    arguments: [RecurrentCellKind.rnn, .rnnReLU], RecurrentDirections.allCases)
  func finalStates(_ kind: RecurrentCellKind, _ directions: RecurrentDirections) {
    var random = TestRandom(512)
    let one = [Int](repeating: 1, count: 30)
    for (layers, withState, lengths) in [
      (1, true, Self.lengths[0]), (1, false, Self.lengths[0]), (2, true, Self.lengths[0]),
      (1, true, one), (1, false, one),
    ] {
      let configuration = RecurrentConfiguration(
        inputSize: 3, hiddenSize: Self.hidden, layers: layers, directions: directions)
      let model = Headed(
        kind, configuration, lengths: lengths, withState: withState, &random)
      func run(isHeld: Bool) -> (
        value: Tensor, extra: (Tensor, [Float])?, gradients: Gradients
      ) {
        valueAndGradient(of: model) { model in
          let (output, state) = model(lengths: lengths, dropsOut: false)
          let held = isHeld ? (output.values, output.values.values) : nil
          return (state.reduce(Tensor(0)) { $0 + $1.squared().sum() }, held)
        }
      }
      let held = run(isHeld: true)
      expectNear(
        run(isHeld: false), held,
        "\(layers) layers, \(lengths[0]) steps, with state: \(withState)")
      if lengths == one, !withState {
        // Nothing is before the only step; memory that was used before holds something else.
        withExtendedLifetime(Tensor(repeating: 1, shape: [Self.hidden, Self.hidden])) {}
        let found = run(isHeld: false).gradients.entries.filter {
          $0.path.contains("weight_hh")
        }
        #expect(!found.isEmpty)
        for entry in found {
          let isZero = entry.gradient?.tensor.values.allSatisfy { $0 == 0 } ?? false
          #expect(isZero, "\(entry.path)")
        }
      }
      // A failed comparison of so many values would be printed for minutes.
      let isAsItWas = held.extra.map { $0.0.values == $0.1 } ?? false
      #expect(isAsItWas, "the output was written over")
    }
  }

  /// An output that somebody still has is not written over: it comes back from the closure, or a branch of the
  /// graph that the loss does not use has it.
  @Test(arguments: [RecurrentCellKind.rnn, .rnnReLU], [false, true])
  func outputsOfOthersStay(_ kind: RecurrentCellKind, _ isOfABranch: Bool) {
    var random = TestRandom(513)
    let lengths = Self.lengths[0]
    let configuration = RecurrentConfiguration(inputSize: 3, hiddenSize: Self.hidden)
    let model = Headed(kind, configuration, lengths: lengths, withState: false, &random)
    let (_, found, _) = valueAndGradient(of: model) { model in
      let output = model(lengths: lengths, dropsOut: false).output
      let before = output.values.values
      let kept = isOfABranch ? output.values.reshaped([output.values.count]) : output.values
      return (model.head(output).values.squared().sum(), (kept, before))
    }
    let isAsItWas = found.0.values == found.1
    #expect(isAsItWas)
  }

  /// The same bytes with any number of threads.
  @Test(arguments: [RecurrentCellKind.rnn, .gru, .lstm])
  func threads(_ kind: RecurrentCellKind) {
    var random = TestRandom(514)
    for lengths in Self.lengths.prefix(2) {
      let model = Headed(
        kind, RecurrentConfiguration(inputSize: 3, hiddenSize: Self.hidden), lengths: lengths,
        withState: true, &random)
      let gradients = (1...3).map { threads in
        Threads.with(threads) {
          valueAndGradient(of: model) { model in
            model.head(model(lengths: lengths, dropsOut: false).output).values.squared().sum()
          }.gradients.entries.map { $0.gradient?.tensor.values ?? [] }
        }
      }
      let areSame = gradients[1] == gradients[0] && gradients[2] == gradients[0]
      #expect(gradients[0].count > 4 && areSame)
    }
  }
}
