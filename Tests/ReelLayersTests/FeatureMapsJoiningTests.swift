import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct FeatureMapsJoiningTests {
  @Test(arguments: [[2, 3, 5], [2, 1, 4, 3], [0, 2, 3, 3], [1, 2, 2, 3, 2]])
  func concatenation(_ shape: [Int]) {
    var random = TestRandom(350)
    let parts = [2, 17, 1].map { channels in
      random.tensor([shape[0], channels] + shape[2...])
    }
    let found = problems(
      "concatenated", parts, samples: 30,
      operation: { FeatureMaps.concatenated($0.map { FeatureMaps($0) }).tensor },
      oracle: { DoubleTensor.concatenated($0, axis: 1) })
    #expect(found == [])
  }

  @Test(arguments: [[2, 3, 5], [2, 4, 3, 3], [0, 2, 3, 3], [3, 5, 1, 1], [1, 2, 2, 3, 2]])
  func flattening(_ shape: [Int]) {
    var random = TestRandom(351)
    let found = problems(
      "flattened", [random.tensor(shape)], samples: 30,
      operation: { FeatureMaps($0[0]).flattened() },
      oracle: { $0[0].reshaped([shape[0], shape[1...].reduce(1, *)]) })
    #expect(found == [])
  }

  @Test func sumsAndChannels() {
    var random = TestRandom(352)
    let found = problems(
      "sum", [random.tensor([2, 5, 3, 4]), random.tensor([2, 5, 3, 4])], samples: 30,
      operation: { x in (FeatureMaps(x[0]) + FeatureMaps(x[1])).channels(1..<4).tensor },
      oracle: { x in (x[0] + x[1]).slice(1..<4, axis: 1) })
    #expect(found == [])
  }

  @Test func threadsChangeNoBit() {
    var random = TestRandom(353)
    let (a, b) = (random.tensor([2, 30, 40, 41]), random.tensor([2, 7, 40, 41]))
    func run(_ threads: Int) -> [[UInt32]] {
      Threads.with(threads) {
        valueAndGradient(at: [a, b]) { x in
          FeatureMaps.concatenated(x.map { FeatureMaps($0) }).tensor.squared().sum()
        }.gradients.map { $0.map { bits($0.tensor) } ?? [] }
      }
    }
    #expect(run(3) == run(1))
  }

  @Test func whatDoesNotFitEndsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      _ = FeatureMaps.concatenated([
        FeatureMaps(Tensor(zeros: [1, 2, 3, 3])), FeatureMaps(Tensor(zeros: [1, 2, 3, 4])),
      ])
    }
    await #expect(processExitsWith: .failure) {
      _ = FeatureMaps(Tensor(zeros: [1, 2, 3, 3])) + FeatureMaps(Tensor(zeros: [1, 3, 3, 3]))
    }
  }
}
