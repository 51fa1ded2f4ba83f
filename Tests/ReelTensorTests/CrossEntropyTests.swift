import ReelTensor
import ReelTestSupport
import Testing

@Suite struct CrossEntropyTests {
  @Test(arguments: [(0, 3), (1, 1), (1, 2), (4, 5), (7, 65), (300, 17), (900, 70)])
  func withSmoothingAndIgnoredRows(rows: Int, classes: Int) {
    var random = TestRandom(24)
    let logits = random.tensor([rows, classes], in: -3...3)
    let all = random.ids(rows, in: 0..<Int32(classes))
    var some = all
    for row in stride(from: 0, to: rows, by: 3) { some[row] = -1 - Int32(row) }
    for targets in [all, some] {
      for smoothing in [0, 0.1, 0.75] as [Float] {
        let found = problems(
          "crossEntropySum(smoothing: \(smoothing))", [logits], tolerance: 5e-5,
          samples: rows > 100 ? 12 : 64,
          operation: { $0[0].crossEntropySum(targets, smoothing: smoothing) },
          oracle: { $0[0].crossEntropySum(targets, smoothing: Double(smoothing)) })
        #expect(found == [])
      }
    }
  }

  @Test func nothingCounts() {
    let logits = Tensor(shape: [2, 2], values: [1, 2, .nan, 4])
    let (value, gradients) = valueAndGradient(at: [logits]) {
      $0[0].crossEntropySum([-1, -1], smoothing: 0.1)
    }
    #expect(value.scalar == 0)
    #expect(gradients[0]?.tensor.values == [0, 0, 0, 0])
  }

  @Test func aCertainLogitCostsNothingAndNeverOverflows() {
    let logits = Tensor(shape: [2, 3], values: [1000, 0, 0, -1000, 1000, 0])
    #expect(logits.crossEntropySum([0, 1], smoothing: 0).scalar == 0)
    #expect(logits.crossEntropySum([1, 0], smoothing: 0).scalar == 3000)
  }

  @Test func aClassThatDoesNotExistEndsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor(zeros: [1, 3]).crossEntropySum([3], smoothing: 0)
    }
  }
}
