import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct TokenSequencesTests {
  static let rows: [[Int32]] = [[1, 2], [], [3, 0, 2, 2], [-1, 1]]

  @Test func idsThereAndBack() {
    let tokens = TokenSequences(Self.rows)
    #expect(tokens.lengths == [2, 0, 4, 2])
    for (row, ids) in Self.rows.enumerated() { #expect(tokens[row] == ids) }
    #expect(TokenSequences([[Int32]]()).layout.batch == 0)
  }

  @Test func oneHotAndLookUpAreTheSame() {
    var generator = RandomGenerator(seed: 1)
    let tokens = TokenSequences(Self.rows)
    let hot = tokens.oneHot(classes: 4)
    #expect(hot[2].values == [0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0])
    #expect(hot[3].slice(0..<1).values == [0, 0, 0, 0])
    for bias in [true, false] {
      var layer = Linear(4, 3, bias: bias, using: &generator)
      if bias { layer.bias = generator.normal(shape: [3]) }
      let product = valueAndGradient(of: layer) { $0(hot).values.squared().sum() }
      let lookUp = valueAndGradient(of: layer) { $0(oneHot: tokens).values.squared().sum() }
      let line = difference(
        lookUp.value, DoubleTensor(product.value), tolerance: 1e-6, what: "one-hot")
      #expect(line == nil)
      for (a, b) in zip(lookUp.gradients.entries, product.gradients.entries) {
        guard let a = a.gradient?.tensor, let b = b.gradient?.tensor else {
          Issue.record("no gradient")
          continue
        }
        #expect(difference(a, DoubleTensor(b), tolerance: 1e-6, what: "one-hot") == nil)
      }
    }
  }

  @Test func layersKeepTheLayout() {
    var generator = RandomGenerator(seed: 2)
    let tokens = TokenSequences(Self.rows)
    let embedding = Embedding(vocabulary: 4, dimension: 3, using: &generator)
    let x = embedding(tokens)
    #expect(x.layout == tokens.layout)
    #expect(x[2] == embedding([3, 0, 2, 2]))
    let linear = Linear(3, 2, using: &generator)
    #expect(linear(x).layout == x.layout)
    let own = linear(x[2])
    #expect(difference(linear(x)[2], DoubleTensor(own), tolerance: 1e-6, what: "row") == nil)
    let norm = LayerNorm(3)
    #expect(norm(x)[0] == norm(x[0]))
    var none: RandomGenerator?
    #expect(Dropout(0.5)(x, using: &none).values == x.values)
  }

  /// The mean runs over all steps of all sequences; how the batch is ordered does not matter.
  @Test func crossEntropyOfRaggedRows() {
    var random = TestRandom(61)
    let rows = [3, 1, 0, 4].map { random.tensor([$0, 5]) }
    let targets: [[Int32]] = [[0, -1, 2], [4], [], [1, 1, 3, 0]]
    let loss = crossEntropy(Sequences(rows), TokenSequences(targets), smoothing: 0.1)
    let sum = zip(rows, targets).reduce(0) {
      $0 + DoubleTensor($1.0).crossEntropySum($1.1, smoothing: Double(Float(0.1))).scalar
    }
    #expect(abs(Double(loss.scalar) - sum / 7) < 1e-6)
  }

  @Test func layoutsThatDifferEndTheProgram() async {
    await #expect(processExitsWith: .failure) {
      _ = crossEntropy(Sequences(Tensor(zeros: [2, 3, 4])), TokenSequences([[1, 2, 3], [1, 2]]))
    }
  }
}
