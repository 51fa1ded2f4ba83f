import Foundation
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

  /// Where nobody else has the logits the gradient is made in their place; otherwise they stay.
  @Test func theGradientTakesThePlaceOfLogits() {
    let x = Tensor(shape: [2, 3], values: [1, 2, 3, -1, 0, 4])
    for staysInUse in [false, true] {
      let places = Places()
      let (_, values, gradients) = valueAndGradient(at: [x]) { x -> (Tensor, [Float]) in
        let logits = record(x[0].affine(scale: 2, offset: 0), from: [x[0]]) { gradient in
          places.gradient = gradient.address
          return [.dense(gradient.affine(scale: 2, offset: 0))]
        }
        places.logits = logits.address
        guard staysInUse else {
          return ((consume logits).crossEntropySum([0, 2], smoothing: 0), [])
        }
        let losses = logits.crossEntropySum([0, 2], smoothing: 0)
        let more = logits.crossEntropySum([1, 2], smoothing: 0)
        return (losses + more * 0, logits.values)
      }
      #expect((places.gradient == places.logits) == !staysInUse)
      #expect(values == (staysInUse ? [2, 4, 6, -2, 0, 8] : []))
      // p − [target], twice.
      let expected = [
        softmax([2, 4, 6], less: 0), softmax([-2, 0, 8], less: 2),
      ].joined().map { 2 * $0 }
      let found = gradients[0]?.tensor.values ?? []
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-6 } && found.count == 6)
    }
  }

  private final class Places: @unchecked Sendable {
    var logits: UInt?
    var gradient: UInt?
  }

  private func softmax(_ row: [Double], less target: Int) -> [Float] {
    let exponentials = row.map { Foundation.exp($0) }
    let sum = exponentials.reduce(0, +)
    return exponentials.enumerated().map { Float($1 / sum - ($0 == target ? 1 : 0)) }
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
