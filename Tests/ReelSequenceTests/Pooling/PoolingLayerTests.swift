import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// The poolings as a layer behind an encoder.
@Suite struct PoolingLayerTests {
  private let lengths = [6, 0, 11, 1, 3, 11]

  private func layer(_ kind: Pooling, features: Int, _ directions: RecurrentDirections = .forward)
    -> PoolingLayer
  {
    var generator = RandomGenerator(seed: 3)
    return PoolingLayer(
      kind, features: features, directions: directions, attentionSize: 7, using: &generator)
  }

  @Test(arguments: Pooling.allCases)
  func visits(_ kind: Pooling) {
    let layer = layer(kind, features: 5)
    #expect(visitingProblems(of: layer) == [])
    #expect(
      layer.parameters.map(\.path)
        == (kind == .attention
          ? ["attention.projection.weight", "attention.projection.bias", "attention.query"] : []))
  }

  /// Final states are the state that the network itself returns for its last layer.
  @Test(arguments: RecurrentDirections.allCases)
  func finalStatesAreTheNetworksOwn(_ directions: RecurrentDirections) {
    var generator = RandomGenerator(seed: 4)
    var random = TestRandom(5)
    let network = GRU(
      inputSize: 3, hiddenSize: 4, layers: 2, directions: directions, using: &generator)
    let (output, state) = network(
      Sequences(random.tensor([lengths.count, 11, 3]), lengths: lengths))
    let pooled = layer(
      .finalStates, features: 4 * directions.count, directions)(output)
    let hidden = state.hidden
    let count = directions.count
    for row in lengths.indices {
      for direction in 0..<count {
        for unit in 0..<4 {
          #expect(
            pooled[row, direction * 4 + unit] == hidden[count + direction, row, unit],
            "row \(row), direction \(direction), unit \(unit)")
        }
      }
    }
  }

  /// What stands behind the end of a row is never read, and a row's neighbours do not matter.
  @Test(arguments: Pooling.allCases)
  func neighboursAndPadding(_ kind: Pooling) {
    var random = TestRandom(6)
    let layer = layer(kind, features: 6, .bidirectional)
    let x = random.tensor([lengths.count, 11, 6])
    let together = layer(Sequences(x, lengths: lengths))
    var values = x.values
    for (row, length) in lengths.enumerated() {
      for index in (row * 11 + length) * 6..<(row + 1) * 66 { values[index] = .nan }
    }
    let poisoned = layer(Sequences(Tensor(shape: x.shape, values: values), lengths: lengths))
    #expect(bits(poisoned) == bits(together))
    for (row, length) in lengths.enumerated() {
      let alone = layer(
        Sequences(
          Tensor(shape: [1, 11, 6], values: Array(x.values[row * 66..<(row + 1) * 66])),
          lengths: [length]))
      for feature in 0..<6 {
        #expect(abs(alone[0, feature] - together[row, feature]) < 1e-6)
        if length == 0 { #expect(together[row, feature] == 0) }
      }
    }
  }

  /// Large enough that the work is cut into several pieces.
  @Test(arguments: Pooling.allCases)
  func threads(_ kind: Pooling) {
    var random = TestRandom(7)
    let lengths = (0..<61).map { $0 * 17 % 43 }
    let x = random.tensor([lengths.count, 43, 98])
    let weights = random.tensor([lengths.count, 98])
    let layer = layer(kind, features: 98, .bidirectional)
    func run(_ threads: Int) -> [[UInt32]] {
      Threads.with(threads) {
        let parameters = [x] + layer.parameters.map(\.tensor)
        let result = valueAndGradient(at: parameters) { watched in
          var copy = layer
          var next = 1
          copy.updateParameters { _, parameter in
            parameter = watched[next]
            next += 1
          }
          let y = copy(Sequences(watched[0], lengths: lengths))
          return ((y * weights).sum(), y)
        }
        return [bits(result.value), bits(result.extra)]
          + result.gradients.map { $0.map { bits($0.tensor) } ?? [] }
      }
    }
    let one = run(1)
    #expect(one.allSatisfy { !$0.isEmpty })
    for threads in [2, 3] { #expect(run(threads) == one) }
  }
}
