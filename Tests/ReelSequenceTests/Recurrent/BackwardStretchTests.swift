import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// A way back in several stretches of time: with more than 1,024 time steps in all, where the gradient of the
/// output has not been made yet, and where D takes the place of an RNN's output.
@Suite struct BackwardStretchTests {
  struct Headed: Module {
    var recurrent: RecurrentNetwork
    var head: Linear
    var input: Tensor
    var state: [Tensor]

    mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
      visitor.visit("recurrent", &recurrent)
      visitor.visit("head", &head)
      visitor.visit("input", &input)
      for index in state.indices { visitor.visit("state.\(index)", &state[index]) }
    }
  }

  /// Equal lengths in stretches of unequal length, and ragged ones, some of them empty.
  static let lengths: [[Int]] = [
    [Int](repeating: 40, count: 41), (0..<60).map { $0 * 7 % 41 + $0 % 2 * 20 }, [1100],
  ]

  /// What a head of two scores gives an output of seven units is made stretch by stretch; in the reference it
  /// is made at once, for it comes from a product with ones.
  @Test(
    arguments: RecurrentCellKind.allCases,
    [RecurrentDirections.forward, .backward, .bidirectional])
  func gradientsAreThoseOfOneStretch(
    _ kind: RecurrentCellKind, _ directions: RecurrentDirections
  ) {
    var random = TestRandom(511)
    for (number, lengths) in Self.lengths.enumerated() {
      for (layers, withState, dropsOut) in [(1, true, false), (2, false, false), (1, true, true)] {
        var generator = RandomGenerator(seed: 12)
        var configuration = RecurrentConfiguration(
          inputSize: 3, hiddenSize: 7, layers: layers, directions: directions)
        if dropsOut { configuration.recurrentDropout = 0.3 }
        let network = RecurrentNetwork(kind, configuration, using: &generator)
        let longest = lengths.max() ?? 0
        let model = Headed(
          recurrent: network,
          head: Linear(7 * configuration.directions.count, 2, using: &generator),
          input: random.tensor([lengths.count, longest, 3]),
          state: withState
            ? network.stateNames.map { _ in
              random.tensor([layers * configuration.directions.count, lengths.count, 7])
            } : [])
        let total = lengths.reduce(0, +)
        let weights = random.tensor([total, 2])
        func gradients(isMadeAtOnce: Bool) -> [(path: String, values: [Float])] {
          let (_, gradients) = valueAndGradient(of: model) { model in
            var masks: RandomGenerator? = dropsOut ? RandomGenerator(seed: 13) : nil
            let (output, state) = model.recurrent(
              .vectors(Sequences(model.input, lengths: lengths)),
              state: withState ? model.state : nil, using: &masks)
            let ones = Tensor(repeating: 1, shape: output.values.shape)
            let values = isMadeAtOnce ? output.values * ones : output.values
            let final = state.reduce(Tensor(0)) { $0 + $1.squared().sum() }
            return (model.head(values) * weights).sum() + final
          }
          return gradients.entries.map { ($0.path, $0.gradient?.tensor.values ?? []) }
        }
        for (found, expected) in zip(gradients(isMadeAtOnce: false), gradients(isMadeAtOnce: true))
        {
          let scale = expected.values.reduce(0) { max($0, abs($1)) }
          let error = zip(found.values, expected.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
          #expect(
            found.values.count == expected.values.count && error <= 3e-5 * scale,
            "lengths \(number), \(layers) layers, dropout \(dropsOut), \(found.path): \(error) of \(scale)"
          )
        }
      }
    }
  }

  /// Where the loss reads the final state alone, an RNN's D takes the place of its output in several stretches.
  @Test(
    arguments: [RecurrentCellKind.rnn, .rnnReLU],
    [RecurrentDirections.forward, .backward, .bidirectional])
  func finalStatesOfLongSequences(_ kind: RecurrentCellKind, _ directions: RecurrentDirections) {
    for withState in [true, false] {
      let test = RecurrentCase(
        kind,
        RecurrentConfiguration(inputSize: 3, hiddenSize: 4, layers: 1, directions: directions),
        lengths: [Int](repeating: 90, count: 18), withState: withState, seed: 27)
      checkGradients(of: test, .finalState, coordinates: 6, seed: 37)
    }
  }

  /// The same bytes with any number of threads.
  @Test(arguments: [RecurrentCellKind.rnn, .gru, .lstm])
  func threads(_ kind: RecurrentCellKind) {
    var generator = RandomGenerator(seed: 14)
    let model = AllocationTests.Tagger(
      recurrent: RecurrentNetwork(
        kind, RecurrentConfiguration(inputSize: 4, hiddenSize: 24, layers: 2), using: &generator),
      head: Linear(24, 5, using: &generator))
    let x = Sequences(generator.uniform(shape: [30, 60, 4], in: -1...1))
    let targets = TokenSequences([[Int32]](repeating: .init(repeating: 1, count: 60), count: 30))
    let gradients = (1...3).map { threads in
      Threads.with(threads) {
        valueAndGradient(of: model) { model in
          var none: RandomGenerator?
          let output = model.recurrent(.vectors(x), state: nil, using: &none).output
          return crossEntropy(model.head(output), targets)
        }.gradients.entries.map { $0.gradient?.tensor.values ?? [] }
      }
    }
    #expect(gradients[0].count > 4 && gradients[1] == gradients[0] && gradients[2] == gradients[0])
  }
}
