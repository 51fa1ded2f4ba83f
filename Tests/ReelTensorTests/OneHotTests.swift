import ReelTensor
import ReelTestSupport
import Testing

@Suite struct OneHotTests {
  @Test func dense() {
    let rows = OneHot([2, -1, 0], width: 3)
    #expect(rows.shape == [3, 3])
    #expect(rows.dense == Tensor(shape: [3, 3], values: [0, 0, 1, 0, 0, 0, 1, 0, 0]))
    #expect(OneHot([], width: 4).dense == Tensor(zeros: [0, 4]))
    #expect(OneHot([-1, -5], width: 0).dense == Tensor(zeros: [2, 0]))
  }

  /// Both ways: few of the ids occur, or more than half of them.
  static let cases: [(ids: [Int32], width: Int, output: Int)] = [
    ([], 5, 3), ([2], 5, 3), ([4, 0, 4, 4, 1], 5, 3), ([4, 0, 4, -1, 1], 50, 3), ([-1, -1], 5, 3),
    ([0], 1, 1), ([7, 3, 7], 20, 17), ([1, 0, 2, 3, -2], 4, 33), ([3, 1], 9, 0), ([9, 8], 40, 130),
  ]

  @Test(arguments: cases)
  func affineMap(ids: [Int32], width: Int, output: Int) {
    var random = TestRandom(31)
    let weight = random.tensor([output, width])
    let bias = random.tensor([output])
    let rows = OneHot(ids, width: width)
    let dense = DoubleTensor(rows.dense)
    let with = problems(
      "one-hot affineMap(\(ids))", [weight, bias],
      operation: { rows.affineMap(weight: $0[0], bias: $0[1]) },
      oracle: { dense.affineMap(weight: $0[0], bias: $0[1]) })
    #expect(with == [])
    let without = problems(
      "one-hot affineMap(\(ids)), no bias", [weight],
      operation: { rows.affineMap(weight: $0[0], bias: nil) },
      oracle: { dense.affineMap(weight: $0[0], bias: nil) })
    #expect(without == [])
  }

  @Test func manyRows() {
    var random = TestRandom(32)
    for width in [90, 1000] {
      let rows = OneHot(random.ids(120, in: -2..<Int32(width)), width: width)
      let dense = DoubleTensor(rows.dense)
      let found = problems(
        "one-hot affineMap", [random.tensor([40, width]), random.tensor([40])], samples: 6,
        operation: { rows.affineMap(weight: $0[0], bias: $0[1]) },
        oracle: { dense.affineMap(weight: $0[0], bias: $0[1]) })
      #expect(found == [])
    }
  }

  @Test(arguments: [[], [2], [4, 0, 4, 4, 1]] as [[Int32]])
  func columns(ids: [Int32]) {
    var random = TestRandom(33)
    for rows in [0, 1, 15, 16, 17, 64, 65, 200] {
      let found = problems(
        "gatheredColumns(\(ids))", [random.tensor([rows, 5])], samples: 8,
        operation: { $0[0].gatheredColumns(ids) },
        oracle: { $0[0].transposed().gatheredRows(ids) })
      #expect(found == [])
    }
  }

  @Test func theNumberOfThreadsChangesNothing() {
    var random = TestRandom(34)
    let weight = random.tensor([300, 1000])
    let rows = OneHot(random.ids(200, in: -1..<1000), width: 1000)
    func run(_ threads: Int) -> [[UInt32]] {
      Threads.with(threads) {
        let result = valueAndGradient(at: [weight]) { x in
          let y = rows.affineMap(weight: x[0], bias: nil)
          return (y.squared().sum(), y)
        }
        return [bits(result.extra)] + result.gradients.map { $0.map { bits($0.tensor) } ?? [] }
      }
    }
    #expect(run(1) == run(3))
  }

  /// A product would add 0 · NaN.
  @Test func columnsThatNobodyAsksForAreNotRead() throws {
    let (width, output) = (10_000, 6)
    var weight = Tensor(repeating: .nan, shape: [output, width])
    let ids: [Int32] = [9_999, 17, -1, 17, 0]
    weight.withMutableValues { values in
      for row in 0..<output { for id in ids where id >= 0 { values[row * width + Int(id)] = 2 } }
    }
    let rows = OneHot(ids, width: width)
    let (value, y, gradients) = valueAndGradient(at: [weight]) { x in
      let y = rows.affineMap(weight: x[0], bias: nil)
      return ((y * y).sum(), y)
    }
    #expect(value.scalar == Float(4 * output * 4))
    #expect(y.values == ids.flatMap { [Float](repeating: $0 < 0 ? 0 : 2, count: output) })
    let gradient = try #require(gradients[0]).tensor
    for row in 0..<output {
      let values = gradient.slice(row..<row + 1).values
      for (column, value) in values.enumerated() {
        #expect(value == Float(ids.filter { $0 == Int32(column) }.count * 4))
      }
    }
  }

  /// 50,000 rows of 10,000 numbers would be 2 GB; looked up, there is nothing of that size.
  @Test func noRowIsEverMade() async {
    await #expect(processExitsWith: .success) {
      let (count, width, output) = (50_000, 10_000, 8)
      let ids = (0..<count).map { Int32($0 * 7919 % width) }
      let rows = OneHot(ids, width: width)
      let weight = Tensor(repeating: 1, shape: [output, width])
      MemoryPool.resetPeak()
      let (value, gradients) = valueAndGradient(at: [weight]) { x in
        rows.affineMap(weight: x[0], bias: nil).sum()
      }
      #expect(value.scalar == Float(count * output))
      #expect(gradients[0]?.tensor[3, 77] == Float(count / width))
      let floats = 4 * (count * output + width * output)
      #expect(MemoryPool.statistics.peakBytes < 4 * floats)
    }
  }

  @Test func misuseEndsTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = OneHot([3], width: 3) }
    await #expect(processExitsWith: .failure) {
      _ = OneHot([2], width: 3).affineMap(weight: Tensor(zeros: [5, 4]), bias: nil)
    }
    await #expect(processExitsWith: .failure) {
      _ = OneHot([2], width: 3).affineMap(weight: Tensor(zeros: [5, 3]), bias: Tensor(zeros: [3]))
    }
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2, 3]).gatheredColumns([-1]) }
  }
}
