import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// `visitParameters` forgets no stored tensor, and what it changes, it changes in place.
@Suite struct RecurrentVisitingTests {
  static let configuration = RecurrentConfiguration(
    inputSize: 3, hiddenSize: 4, layers: 2, directions: .bidirectional)

  @Test(arguments: RecurrentCellKind.allCases)
  func networks(_ kind: RecurrentCellKind) {
    var generator = RandomGenerator(seed: 1)
    let network = RecurrentNetwork(kind, Self.configuration, using: &generator)
    #expect(visitingProblems(of: network) == [])
  }

  @Test func layers() {
    var generator = RandomGenerator(seed: 1)
    #expect(visitingProblems(of: RNN(Self.configuration, using: &generator)) == [])
    #expect(visitingProblems(of: GRU(Self.configuration, using: &generator)) == [])
    #expect(visitingProblems(of: ResetBeforeGRU(Self.configuration, using: &generator)) == [])
    #expect(visitingProblems(of: LSTM(Self.configuration, using: &generator)) == [])
    #expect(visitingProblems(of: PeepholeLSTM(Self.configuration, using: &generator)) == [])
    #expect(visitingProblems(of: LayerNormLSTM(Self.configuration, using: &generator)) == [])
    #expect(visitingProblems(of: MGU(Self.configuration, using: &generator)) == [])
    #expect(visitingProblems(of: LeakyRNN(Self.configuration, using: &generator)) == [])
  }

  /// PyTorch's names and shapes, in PyTorch's order.
  @Test func names() {
    var generator = RandomGenerator(seed: 1)
    let lstm = LSTM(
      inputSize: 3, hiddenSize: 4, layers: 2, directions: .bidirectional, using: &generator)
    var expected: [String] = []
    for suffix in ["_l0", "_l0_reverse", "_l1", "_l1_reverse"] {
      let input = suffix.hasPrefix("_l0") ? 3 : 8
      expected += [
        "weight_ih\(suffix) [16, \(input)]", "weight_hh\(suffix) [16, 4]",
        "bias_ih\(suffix) [16]", "bias_hh\(suffix) [16]",
      ]
    }
    #expect(lstm.parameters.map { "\($0.path) \($0.tensor.shape)" } == expected)
    let peephole = PeepholeLSTM(inputSize: 3, hiddenSize: 4, bias: false, using: &generator)
    #expect(
      peephole.parameters.map(\.path) == ["weight_ih_l0", "weight_hh_l0", "cell_l0.peephole"])
  }
}
