import ReelTensor
import ReelTestSupport
import Testing

@Suite struct SoftmaxTests {
  static let shapes: [[Int]] = [
    [], [1], [4], [3, 1], [3, 5], [2, 3, 17], [5, 65], [0, 4], [4, 0], [2, 0, 3], [300, 60],
    [2, 40_000], [2000, 40],
  ]

  @Test(arguments: shapes)
  func alongTheLastAxis(shape: [Int]) {
    var random = TestRandom(8)
    let x = random.tensor(shape, in: -4...4)
    let samples = x.count > 10_000 ? 4 : 64
    let soft = problems(
      "softmax", [x], samples: samples, operation: { $0[0].softmax() },
      oracle: { $0[0].softmax() })
    #expect(soft == [])
    let logarithm = problems(
      "logSoftmax", [x], samples: samples, operation: { $0[0].logSoftmax() },
      oracle: { $0[0].logSoftmax() })
    #expect(logarithm == [])
  }

  @Test func largeLogitsDoNotOverflow() {
    let x = Tensor(shape: [2, 3], values: [1000, 999, -1000, -1000, -1001, -1002])
    let y = x.softmax()
    #expect(difference(y, DoubleTensor(x).softmax(), tolerance: 1e-6, what: "softmax") == nil)
    let z = x.logSoftmax()
    #expect(difference(z, DoubleTensor(x).logSoftmax(), tolerance: 1e-6, what: "log") == nil)
  }

  @Test func everyRowSumsToOne() {
    var random = TestRandom(9)
    let y = random.tensor([50, 333], in: -10...10).softmax().sum(axis: 1)
    #expect(y.values.allSatisfy { abs($0 - 1) < 1e-5 })
  }
}
