import ReelTensor
import ReelTestSupport
import Testing

@Suite struct AffineMapTests {
  static let sizes: [(rows: [Int], input: Int, output: Int)] =
    [0, 1, 3, 4, 5, 50, 300].map { (rows: [$0], input: 7, output: 5) }
    + [
      ([], 6, 4), ([2, 3], 9, 17), ([0, 4], 3, 2), ([3], 0, 4), ([30], 0, 4), ([3], 4, 0),
      ([30], 4, 0), ([3], 1, 1), ([1], 300, 33), ([700], 130, 33),
    ]

  @Test(arguments: sizes)
  func withAndWithoutBias(rows: [Int], input: Int, output: Int) {
    var random = TestRandom(23)
    let x = random.tensor(rows + [input])
    let weight = random.tensor([output, input])
    let bias = random.tensor([output])
    let with = problems(
      "affineMap", [x, weight, bias], samples: 8,
      operation: { $0[0].affineMap(weight: $0[1], bias: $0[2]) },
      oracle: { $0[0].affineMap(weight: $0[1], bias: $0[2]) })
    #expect(with == [])
    let without = problems(
      "affineMap, no bias", [x, weight], samples: 8,
      operation: { $0[0].affineMap(weight: $0[1], bias: nil) },
      oracle: { $0[0].affineMap(weight: $0[1], bias: nil) })
    #expect(without == [])
  }

  @Test func aWrongWidthEndsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor(zeros: [2, 3]).affineMap(weight: Tensor(zeros: [4, 5]), bias: nil)
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor(zeros: [2, 3]).affineMap(weight: Tensor(zeros: [4, 3]), bias: Tensor(zeros: [3]))
    }
  }
}
