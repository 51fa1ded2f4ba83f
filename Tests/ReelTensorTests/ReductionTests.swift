import ReelTensor
import ReelTestSupport
import Testing

@Suite struct ReductionTests {
  static let shapes: [[Int]] = [
    [], [0], [1], [5], [17], [3, 4], [1, 7], [7, 1], [2, 3, 4], [2, 1, 3, 1], [0, 3], [3, 0],
    [2, 0, 4], [70_001], [300, 230], [600, 3, 40],
  ]

  static func samples(_ shape: [Int]) -> Int { shape.reduce(1, *) > 10_000 ? 5 : 64 }

  @Test(arguments: shapes)
  func overAllValues(shape: [Int]) {
    var random = TestRandom(4)
    let x = random.tensor(shape)
    let count = Double(x.count)
    let sums = problems(
      "sum", [x], tolerance: 5e-5, samples: Self.samples(shape), operation: { $0[0].sum() },
      oracle: { $0[0].sum() })
    #expect(sums == [])
    let means = problems(
      "mean", [x], tolerance: 5e-5, samples: Self.samples(shape), operation: { $0[0].mean() },
      oracle: { $0[0].sum().map { $0 / count } })
    #expect(means == [])
  }

  @Test(arguments: shapes.filter { !$0.isEmpty })
  func alongEachAxis(shape: [Int]) {
    var random = TestRandom(5)
    let x = random.tensor(shape)
    for axis in shape.indices {
      for keeping in [false, true] {
        let sums = problems(
          "sum(axis: \(axis))", [x], samples: Self.samples(shape),
          operation: { $0[0].sum(axis: axis, keepingAxis: keeping) },
          oracle: { $0[0].sum(axis: axis, keepingAxis: keeping) })
        #expect(sums == [])
        let length = Double(shape[axis])
        let means = problems(
          "mean(axis: \(axis))", [x], samples: Self.samples(shape),
          operation: { $0[0].mean(axis: axis, keepingAxis: keeping) },
          oracle: { $0[0].sum(axis: axis, keepingAxis: keeping).map { $0 / length } })
        #expect(means == [])
      }
    }
  }

  @Test(arguments: [0, 1, 15, 16, 17, 32_768, 32_769, 100_000])
  func sumOfSquares(count: Int) {
    var random = TestRandom(6)
    let x = random.tensor([count])
    let expected = x.values.reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect(abs(x.sumOfSquares() - expected) <= 1e-12 * expected)
  }

  @Test func aLongSumKeepsItsDigits() {
    let x = Tensor(repeating: 0.1, shape: [3_000_000])
    #expect(abs(Double(x.sum().scalar) / (3_000_000 * Double(Float(0.1))) - 1) < 1e-6)
  }

  @Test func largestValue() {
    #expect(Tensor(zeros: [0]).maximum() == -.infinity)
    #expect(Tensor(shape: [3], values: [-3, -1, -2]).maximum() == -1)
    #expect(Tensor(shape: [3], values: [3, .nan, 4]).maximum().isNaN)
    for count in [1, 15, 16, 17, 40, 1000] {
      var random = TestRandom(UInt64(count))
      let x = random.tensor([count], in: -5...(-1))
      #expect(x.maximum() == x.values.max())
    }
  }

  @Test func positionOfTheLargestValue() {
    let x = Tensor(shape: [2, 3], values: [1, 5, 5, -1, -2, -3])
    #expect(x.argumentMaximum() == [1, 0])
    #expect(Tensor(4).argumentMaximum() == [0])
    #expect(Tensor(zeros: [0, 4]).argumentMaximum() == [])
    #expect(Tensor(shape: [4, 1], values: [4, 3, 2, 1]).argumentMaximum() == [0, 0, 0, 0])
    var random = TestRandom(7)
    let y = random.tensor([37, 19])
    let expected = (0..<37).map { row -> Int in
      let values = y.values[row * 19..<(row + 1) * 19]
      return values.firstIndex(of: values.max() ?? 0)! - row * 19
    }
    #expect(y.argumentMaximum() == expected)
  }
}
