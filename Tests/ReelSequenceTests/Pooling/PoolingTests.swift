import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// Every pooling against its equation in Double, value and gradient.
@Suite struct PoolingTests {
  /// Ragged batches with empty rows at the ends, in the middle, alone.
  static let batches: [[Int]] = [
    [4, 0, 7, 1, 7, 0, 2], [0, 3], [5, 5, 5], [1], [0, 0], [2, 9, 4, 0, 6, 3, 1, 8],
  ]

  @Test(arguments: batches)
  func mean(_ lengths: [Int]) {
    let x = input(lengths, features: 5, seed: 1)
    let found = problems("mean", [x]) {
      Sequences($0[0], lengths: lengths).meanPooled()
    } oracle: {
      PoolingOracle.mean($0[0], lengths)
    }
    #expect(found == [])
  }

  @Test(arguments: batches)
  func max(_ lengths: [Int]) {
    let x = input(lengths, features: 5, seed: 2)
    let found = problems("max", [x]) {
      Sequences($0[0], lengths: lengths).maxPooled()
    } oracle: {
      PoolingOracle.max($0[0], lengths)
    }
    #expect(found == [])
  }

  @Test(arguments: batches, RecurrentDirections.allCases)
  func finalStates(_ lengths: [Int], _ directions: RecurrentDirections) {
    let x = input(lengths, features: 6, seed: 3)
    let forward = directions == .forward ? 6 : directions == .backward ? 0 : 3
    let found = problems("final states", [x]) {
      Sequences($0[0], lengths: lengths).finalStates(directions)
    } oracle: {
      PoolingOracle.finalStates($0[0], lengths, forward: forward)
    }
    #expect(found == [])
  }

  @Test(arguments: batches)
  func additiveAttention(_ lengths: [Int]) {
    var random = TestRandom(4)
    let inputs = [
      input(lengths, features: 5, seed: 5), random.tensor([3, 5]), random.tensor([3]),
      random.tensor([3], in: -2...2),
    ]
    let found = problems("attention", inputs) {
      attention($0)(Sequences($0[0], lengths: lengths))
    } oracle: { x in
      PoolingOracle.rows(x[0], lengths) {
        PoolingOracle.weightedMean(
          $0, PoolingOracle.additiveWeights($0, weight: x[1], bias: x[2], query: x[3]))
      }
    }
    #expect(found == [])
  }

  /// Keys may be the sequences themselves.
  @Test(arguments: batches)
  func dotAttention(_ lengths: [Int]) {
    var random = TestRandom(6)
    let inputs = [input(lengths, features: 4, seed: 7), random.tensor([4], in: -2...2)]
    let found = problems("dot attention", inputs) {
      let x = Sequences($0[0], lengths: lengths)
      return x.attentionPooled(keys: x, query: $0[1])
    } oracle: {
      PoolingOracle.dotAttention($0[0], lengths, query: $0[1])
    }
    #expect(found == [])
  }

  @Test func attentionWeights() {
    var random = TestRandom(8)
    let lengths = [3, 0, 6]
    let x = input(lengths, features: 5, seed: 9)
    let inputs = [x, random.tensor([3, 5]), random.tensor([3]), random.tensor([3])]
    let exact = inputs.map { DoubleTensor($0) }
    let weights = attention(inputs).weights(Sequences(x, lengths: lengths))
    #expect(weights.map(\.count) == lengths)
    for (row, length) in lengths.enumerated() {
      let steps = (0..<length).map { time in (0..<5).map { exact[0][[row, time, $0]] } }
      let expected = PoolingOracle.additiveWeights(
        steps, weight: exact[1], bias: exact[2], query: exact[3])
      for (came, wanted) in zip(weights[row], expected) {
        #expect(abs(Double(came) - wanted) < 1e-6)
      }
    }
  }

  /// Scores far apart neither overflow nor divide by 0.
  @Test func extremeScores() {
    let x = Sequences(Tensor(shape: [1, 3, 1], values: [-1000, 1000, 999]))
    let y = x.attentionPooled(keys: x, query: Tensor(shape: [1], values: [10]))
    #expect(abs(y.scalar - 1000) < 1e-2)
  }

  private func attention(_ inputs: [Tensor]) -> AttentionPooling {
    var generator = RandomGenerator(seed: 1)
    var layer = AttentionPooling(
      features: inputs[1].shape[1], attentionSize: inputs[1].shape[0], using: &generator)
    layer.projection.weight = inputs[1]
    layer.projection.bias = inputs[2]
    layer.query = inputs[3]
    return layer
  }

  private func input(_ lengths: [Int], features: Int, seed: UInt64) -> Tensor {
    var random = TestRandom(seed)
    return random.tensor([lengths.count, (lengths.max() ?? 0) + 1, features])
  }
}
