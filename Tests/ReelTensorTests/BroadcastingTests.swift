import ReelTensor
import ReelTestSupport
import Testing

@Suite struct BroadcastingTests {
  static let pairs: [([Int], [Int])] = [
    ([], []), ([], [3]), ([3], []), ([], [2, 3]), ([4, 5], []), ([], [0]), ([0], []),
    ([1], [1]), ([1], [5]), ([5], [1]), ([1, 1], [5]), ([5], [1, 1]), ([1], [1, 1, 1]),
    ([3, 4], [4]), ([4], [3, 4]), ([3, 4], [1, 4]), ([3, 4], [3, 1]), ([3, 1], [1, 4]),
    ([1, 4], [3, 1]), ([3, 1], [4]), ([4], [3, 1]), ([3, 1], [1]), ([3, 1], [3, 1]),
    ([2, 3, 4], [3, 1]), ([2, 1, 4], [3, 1]), ([2, 1, 1], [3, 4]), ([1, 3, 1], [2, 1, 4]),
    ([2, 3, 1], [2, 1, 4]), ([5, 1, 3, 1], [4, 1, 2]), ([2, 3, 4], [2, 3, 4]),
    ([2, 1, 3, 1, 2], [2, 1, 2, 1]),
    ([0, 3], [3]), ([0, 3], [1, 3]), ([0, 3], [1, 1]), ([3, 0], [3, 1]), ([3, 0], [1]),
    ([1, 0], [4, 1]), ([4, 1], [1, 0]), ([0], [1]), ([0, 1], [1, 5]), ([2, 0, 3], [2, 1, 1]),
    ([2, 0, 3], [3]), ([0, 0], [1, 1]), ([], [2, 0]),
    ([700, 110], [110]), ([110], [700, 110]), ([700, 110], [700, 1]), ([70_001, 1], [1]),
    ([70_001], []), ([2, 300, 120], [300, 1]), ([3, 1, 120], [300, 1]), ([66_000], [2, 1]),
  ]

  @Test(arguments: pairs)
  func fourOperations(left: [Int], right: [Int]) {
    var random = TestRandom(3)
    let a = random.tensor(left, in: -2...2)
    let b = random.tensor(right, in: 0.5...2)
    // Reading 70,000 values once for each sample is enough; small ones are checked entirely.
    let samples = left.reduce(1, *) * right.reduce(1, *) > 10_000 ? 3 : 64
    let cases: [(String, ([Tensor]) -> Tensor, ([DoubleTensor]) -> DoubleTensor)] = [
      ("+", { $0[0] + $0[1] }, { $0[0] + $0[1] }),
      ("-", { $0[0] - $0[1] }, { $0[0] - $0[1] }),
      ("*", { $0[0] * $0[1] }, { $0[0] * $0[1] }),
      ("/", { $0[0] / $0[1] }, { $0[0] / $0[1] }),
    ]
    for (name, operation, oracle) in cases {
      let found = problems(
        name, [a, b], tolerance: 1e-4, samples: samples, operation: operation, oracle: oracle)
      #expect(found == [])
    }
  }

  @Test func shapesThatDoNotFitEndTheProgram() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor(zeros: [2, 3]) + Tensor(zeros: [2])
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor(zeros: [0, 3]) + Tensor(zeros: [2, 3])
    }
  }
}
