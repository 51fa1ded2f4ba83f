import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// Dropout between layers and in the recurrence. That both compute what their masks say is tested
/// against the oracle in `OracleForwardTests` and `OracleGradientTests`.
@Suite struct RecurrentDropoutTests {
  static let configuration = RecurrentConfiguration(
    inputSize: 3, hiddenSize: 6, layers: 3, directions: .bidirectional, dropout: 0.5,
    recurrentDropout: 0.5)

  @Test(arguments: RecurrentCellKind.allCases)
  func offWithoutGenerator(_ kind: RecurrentCellKind) throws {
    let test = RecurrentCase(kind, Self.configuration, lengths: [4, 6], seed: 81)
    var plain = Self.configuration
    (plain.dropout, plain.recurrentDropout) = (0, 0)
    var other = RecurrentCase(kind, plain, lengths: [4, 6], seed: 81)
    try other.model.network.load(
      test.model.network.parameters.map { (name: $0.path, tensor: $0.tensor) })
    let expected = bits(other.model().output.padded())
    #expect(bits(test.model().output.padded()) == expected)
    // Probability 0 with a generator draws nothing and changes nothing.
    #expect(bits(other.model(using: RandomGenerator(seed: 1)).output.padded()) == expected)
    #expect(bits(test.model(using: RandomGenerator(seed: 1)).output.padded()) != expected)
  }

  @Test(arguments: RecurrentCellKind.allCases)
  func seeded(_ kind: RecurrentCellKind) {
    let test = RecurrentCase(kind, Self.configuration, lengths: [4, 6], seed: 82)
    var generator: RandomGenerator? = RandomGenerator(seed: 1)
    func run() -> [UInt32] {
      bits(
        test.model.network(
          .vectors(Sequences(test.model.input, lengths: [4, 6])), using: &generator
        ).output.padded())
    }
    let first = run()
    let second = run()
    generator = RandomGenerator(seed: 1)
    #expect(first != second)
    #expect(run() == first)
    #expect(run() == second)
  }

  /// An identity network h' = x + m ⊙ h with p = ½, fed ones: a dropped unit stays at 1, a kept one
  /// (m = 2) doubles, at every step alike.
  @Test func oneMaskForAllSteps() throws {
    let size = 32
    var generator = RandomGenerator(seed: 83)
    var network = RNN(
      inputSize: size, hiddenSize: size, bias: false, recurrentDropout: 0.5,
      cell: RNNCell(activation: .relu), using: &generator)
    let identity = Tensor(
      shape: [size, size], values: (0..<size * size).map { $0 % (size + 1) == 0 ? 1 : 0 })
    network.updateParameters { _, parameter in parameter = identity }
    var dropout: RandomGenerator? = generator
    let ones = Sequences(Tensor(repeating: 1, shape: [40, 5, size]))
    let output = network(ones, using: &dropout).output.padded()
    var kept: [Bool] = []
    for row in 0..<40 {
      for unit in 0..<size {
        let values = (0..<5).map { output[row, $0, unit] }
        #expect(values == [1, 1, 1, 1, 1] || values == [1, 3, 7, 15, 31], "\(values)")
        kept.append(values[1] == 3)
      }
    }
    // Every row and unit has a mask of its own: 1,280 draws, so ±10 % is over 6 deviations.
    #expect(abs(kept.reduce(0) { $0 + ($1 ? 1 : 0) } - 640) < 120)
    #expect(Array(kept[0..<size]) != Array(kept[size..<2 * size]))
  }

  /// Inverted dropout keeps the mean of what it is applied to.
  @Test(arguments: [Float(0.1), 0.5, 0.8])
  func meanIsKept(_ probability: Float) {
    var generator: RandomGenerator? = RandomGenerator(seed: 84)
    let ones = Sequences(Tensor(repeating: 1, shape: [20, 50, 40]))
    let dropped = Dropout(probability)(ones, using: &generator).values
    let deviation = (probability / (1 - probability) / 40_000).squareRoot()
    #expect(abs(dropped.mean().scalar - 1) < 5 * deviation)
    let kept = 1 / (1 - probability)
    #expect(dropped.values.allSatisfy { $0 == 0 || $0 == kept })
  }
}
