import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// What a training step holds at most, and that what it writes in place of something else was nobody's.
@Suite struct GradientMemoryTests {
  /// In blocks of one float for each unit, step and sequence. L layers keep their outputs, of an LSTM four
  /// gates and the cell state beside each, of a GRU three gates and a part that is kept apart. The gradient of
  /// the last layer's output is never there as a whole, for it comes from a narrow head. That of the layer
  /// below is: of an RNN in the place of D, which took that of the output; of an LSTM when the cell state is gone,
  /// of a GRU when the part that is kept apart is. With twice as many classes as units the head is not narrow, and
  /// the scores are two blocks, in whose place their gradient stands.
  @Test func blocksOfATrainingStep() async {
    await #expect(processExitsWith: .success) {
      let cases: [(RecurrentCellKind, layers: Int, classes: Int, blocks: Double)] = [
        (.rnn, 1, 2, 1), (.rnnReLU, 2, 2, 2), (.rnn, 3, 2, 3), (.lstm, 2, 2, 12), (.gru, 2, 2, 10),
        (.rnn, 1, 128, 4),
      ]
      for (kind, layers, classes, blocks) in cases {
        var generator = RandomGenerator(seed: 1)
        let (batch, steps, hidden) = (16, 2048, 64)
        let model = AllocationTests.Tagger(
          recurrent: RecurrentNetwork(
            kind, RecurrentConfiguration(inputSize: 4, hiddenSize: hidden, layers: layers),
            using: &generator),
          head: Linear(hidden, classes, using: &generator))
        let x = Sequences(generator.uniform(shape: [batch, steps, 4], in: -1...1))
        let targets = TokenSequences(
          [[Int32]](repeating: .init(repeating: 1, count: steps), count: batch))
        let before = MemoryPool.statistics.bytesInUse
        MemoryPool.resetPeak()
        _ = valueAndGradient(of: model) { model in
          var none: RandomGenerator?
          let output = model.recurrent(.vectors(x), state: nil, using: &none).output
          return crossEntropy(model.head(output), targets)
        }
        let block = Double(batch * steps * hidden * MemoryLayout<Float>.stride)
        let found = Double(MemoryPool.statistics.peakBytes - before) / block
        #expect(
          found >= blocks && found < blocks + 0.9,
          "\(kind), \(layers) layers, \(classes) classes: \(found)")
      }
    }
  }

  /// The gradient of a sum goes to both terms in one piece of memory.
  @Test func twoNetworksThatShareAGradient() {
    var generator = RandomGenerator(seed: 2)
    let first = RNN(inputSize: 3, hiddenSize: 5, using: &generator)
    let second = RNN(inputSize: 3, hiddenSize: 5, using: &generator)
    let x = Sequences(generator.uniform(shape: [2, 6, 3], in: -1...1))
    let weights = generator.uniform(shape: [12, 5], in: -1...1)
    func gradients(of network: RNN) -> [[Float]] {
      let (_, gradients) = valueAndGradient(of: network) { network in
        (network(x).output.values * weights).sum()
      }
      return gradients.entries.map { $0.gradient?.tensor.values ?? [] }
    }
    struct Both: Module {
      var first: RNN
      var second: RNN
      mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
        visitor.visit("first", &first)
        visitor.visit("second", &second)
      }
    }
    let (_, found) = valueAndGradient(of: Both(first: first, second: second)) { both in
      ((both.first(x).output.values + both.second(x).output.values) * weights).sum()
    }
    let expected = gradients(of: first) + gradients(of: second)
    #expect(found.entries.map { $0.gradient?.tensor.values ?? [] } == expected)
  }

  /// A gradient of the input that takes the place of D in several parts: sequence by sequence it is that of
  /// smaller batches.
  @Test func aLargeGradientOfTheInput() {
    var generator = RandomGenerator(seed: 5)
    let network = RNN(inputSize: 64, hiddenSize: 64, using: &generator)
    let (batch, steps) = (40, 450)
    let x = generator.uniform(shape: [batch, steps, 64], in: -1...1)
    func gradient(_ rows: Range<Int>) -> [Float] {
      let part = x.slice(rows, axis: 0)
      return valueAndGradient(at: [part]) { x in
        network(Sequences(x[0])).output.values.squared().sum()
      }.gradients[0]?.tensor.values ?? []
    }
    let parts = stride(from: 0, to: batch, by: 8).flatMap { gradient($0..<$0 + 8) }
    let all = gradient(0..<batch)
    #expect(all.count == parts.count)
    let isNear = zip(all, parts).allSatisfy { abs($0 - $1) < 1e-5 }
    #expect(isNear)
  }

  /// The gradient of the output of one step and of the final state, in one piece of memory: twice that of the
  /// output alone.
  @Test func anOutputAndAFinalStateThatShareAGradient() {
    var generator = RandomGenerator(seed: 4)
    let network = RNN(inputSize: 3, hiddenSize: 5, using: &generator)
    let x = Sequences(generator.uniform(shape: [4, 1, 3], in: -1...1))
    let weights = generator.uniform(shape: [4, 5], in: -1...1)
    func gradients(withState: Bool) -> [[Float]] {
      let (_, gradients) = valueAndGradient(of: network) { network in
        let (output, state) = network(x)
        let sum = withState ? output.values + state.hidden.reshaped([4, 5]) : output.values
        return (sum * weights).sum()
      }
      return gradients.entries.map { $0.gradient?.tensor.values ?? [] }
    }
    let expected = gradients(withState: false).map { $0.map { 2 * $0 } }
    #expect(gradients(withState: true) == expected)
  }

  /// What a network answered stays, whatever stands in its place on the way back.
  @Test(arguments: [true, false]) func theOutputStaysAsItWas(isEquallyLong: Bool) {
    var generator = RandomGenerator(seed: 3)
    let network = RNN(inputSize: 3, hiddenSize: 5, layers: 2, using: &generator)
    let x = Sequences(
      generator.uniform(shape: [3, 6, 3], in: -1...1), lengths: isEquallyLong ? nil : [4, 6, 1])
    let (_, outputs, gradients) = valueAndGradient(of: network) { network in
      let output = network(x).output
      return (output.values.squared().sum(), (output, output.values.values))
    }
    #expect(outputs.0.values.values == outputs.1)
    #expect(gradients.entries.allSatisfy { $0.gradient != nil })
  }
}
