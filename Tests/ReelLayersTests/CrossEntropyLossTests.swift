import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct CrossEntropyLossTests {
  @Test(arguments: [0, 0.2] as [Float])
  func meanOverTheRowsThatCount(smoothing: Float) {
    var random = TestRandom(52)
    let targets: [Int32] = [2, -1, 0, 3, -100]
    let found = problems(
      "crossEntropy", [random.tensor([5, 4], in: -2...2)],
      operation: { crossEntropy($0[0], targets, smoothing: smoothing) },
      oracle: {
        $0[0].crossEntropySum(targets, smoothing: Double(smoothing)).map { $0 / 3 }
      })
    #expect(found == [])
  }

  /// Handed logits that nobody else has, every form of the loss makes the gradient in their place.
  @Test func theGradientTakesThePlaceOfLogitsThatAreHandedOver() {
    let x = Tensor(shape: [4, 3], values: (0..<12).map { Float($0 % 5) })
    let tokens = TokenSequences([[0, 1], [2, 1]])
    let losses: [@Sendable (consuming Tensor) -> Tensor] = [
      { crossEntropy($0, [0, 1, 2, 1]) },
      { crossEntropy(Sequences(values: $0, layout: tokens.layout), tokens) },
      { crossEntropy(FeatureMaps(values: $0, batch: 1, size: [2, 2]), [0, 1, 2, 1]) },
    ]
    for loss in losses {
      let places = Places()
      _ = valueAndGradient(at: [x]) { x in
        let logits = record(x[0].affine(scale: 2, offset: 0), from: [x[0]]) { gradient in
          places.gradient = gradient.address
          return [.dense(gradient.affine(scale: 2, offset: 0))]
        }
        places.logits = logits.address
        return loss(consume logits)
      }
      #expect(places.gradient != nil && places.gradient == places.logits)
    }
  }

  private final class Places: @unchecked Sendable {
    var logits: UInt?
    var gradient: UInt?
  }

  @Test func nothingCounts() {
    let (value, gradients) = valueAndGradient(at: [Tensor(zeros: [2, 3])]) {
      crossEntropy($0[0], [-1, -1])
    }
    #expect(value.scalar == 0)
    #expect(gradients[0]?.tensor == Tensor(zeros: [2, 3]))
    #expect(crossEntropy(Tensor(zeros: [0, 3]), []).scalar == 0)
  }

  @Test func equalLogitsCostTheLogarithmOfTheClasses() {
    let loss = crossEntropy(Tensor(zeros: [3, 8]), [0, 5, 7], smoothing: 0.1).scalar
    #expect(abs(loss - 2.0794415) < 1e-6)
  }

  /// Rows that do not count change neither the loss nor the other gradients.
  @Test func ignoredRowsAreAsIfAbsent() {
    var random = TestRandom(53)
    let logits = random.tensor([3, 4])
    let padded = Tensor.concatenated([logits, Tensor(repeating: .nan, shape: [2, 4])])
    let plain = valueAndGradient(at: [logits]) { crossEntropy($0[0], [1, 2, 3], smoothing: 0.1) }
    let more = valueAndGradient(at: [padded]) {
      crossEntropy($0[0], [1, 2, 3, -1, -1], smoothing: 0.1)
    }
    #expect(plain.value == more.value)
    #expect(
      more.gradients[0]?.tensor.values
        == (plain.gradients[0]?.tensor.values ?? []) + [Float](repeating: 0, count: 8))
  }
}
