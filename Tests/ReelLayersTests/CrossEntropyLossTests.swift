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
