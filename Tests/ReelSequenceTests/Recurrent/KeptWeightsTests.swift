import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// What prediction keeps of weights, packed for products, is gone once the weights change.
@Suite struct KeptWeightsTests {
  /// Everything that packs weights: products of all steps at once, of a few rows at each step, of heads.
  private struct Network: Module {
    var recurrent: LSTM
    var gated: GRU
    var head: Linear

    init(seed: UInt64) {
      var generator = RandomGenerator(seed: seed)
      recurrent = LSTM(
        inputSize: 24, hiddenSize: 64, layers: 2, directions: .bidirectional, using: &generator)
      gated = GRU(inputSize: 128, hiddenSize: 48, using: &generator)
      head = Linear(48, 96, using: &generator)
    }

    mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
      visitor.visit("recurrent", &recurrent)
      visitor.visit("gated", &gated)
      visitor.visit("head", &head)
    }

    func callAsFunction(_ input: Sequences) -> Tensor {
      let inner = gated(recurrent(input).output).output
      return head(inner.values)
    }

    /// The same values in buffers of their own.
    var copy: Network {
      var copy = self
      copy.updateParameters { _, parameter in
        parameter = Tensor(shape: parameter.shape, values: parameter.values)
      }
      return copy
    }
  }

  @Test func weightsThatChangeInPlace() {
    var random = TestRandom(61)
    let input = Sequences(random.tensor([16, 40, 24]), lengths: (0..<16).map { 40 - $0 })
    var network = Network(seed: 62)
    var seen: [[UInt32]] = []
    for _ in 0..<3 {
      let came = network(input)
      expectSameBytes(network(input), came, "asked again")
      expectSameBytes(network.copy(input), came, "a copy that has kept nothing")
      let isNew = !seen.contains(bits(came))
      #expect(isNew)
      seen.append(bits(came))
      network.updateParameters { _, parameter in
        parameter.withMutableValues { values in
          for index in values.indices { values[index] *= 1.25 }
        }
      }
    }
  }

  /// What one precision packed is not for another one.
  @Test func eachPrecisionKeepsItsOwn() {
    var random = TestRandom(65)
    let input = Sequences(random.tensor([40, 30, 24]), lengths: [Int](repeating: 30, count: 40))
    let network = Network(seed: 66)
    for precision in [ProductPrecision.highest, .medium, .high, .medium, .highest] {
      ProductPrecision.with(precision) {
        expectSameBytes(network(input), network.copy(input), "at \(precision) precision")
      }
    }
  }

  /// A copy of the model shares what is kept with it, until one of them changes.
  @Test func aCopyKeepsItsOwn() {
    var random = TestRandom(63)
    let input = Sequences(random.tensor([16, 30, 24]), lengths: [Int](repeating: 30, count: 16))
    var network = Network(seed: 64)
    let before = network(input)
    let snapshot = network
    network.updateParameters { _, parameter in
      parameter.withMutableValues { values in
        for index in values.indices { values[index] += 0.01 }
      }
    }
    expectSameBytes(snapshot(input), before, "the snapshot")
    expectSameBytes(network(input), network.copy(input), "a copy that has kept nothing")
    let isNew = bits(network(input)) != bits(before)
    #expect(isNew)
  }
}
