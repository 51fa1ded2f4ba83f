import Foundation
import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct LocalResponseNormTests {
  private func oracle(_ norm: LocalResponseNorm, _ x: DoubleTensor) -> DoubleTensor {
    DoubleTensor(x.shape) { index in
      var sum = 0.0
      for j in index[1] - norm.size / 2...index[1] + (norm.size - 1) / 2
      where (0..<x.shape[1]).contains(j) {
        var other = index
        other[1] = j
        sum += x[other] * x[other]
      }
      return x[index]
        * pow(Double(norm.k) + Double(norm.alpha) / Double(norm.size) * sum, -Double(norm.beta))
    }
  }

  @Test(arguments: [
    LocalResponseNorm(), .alexNet, LocalResponseNorm(size: 4, alpha: 2, beta: 0.5, k: 0.5),
    LocalResponseNorm(size: 1, alpha: 1, beta: 1), LocalResponseNorm(size: 9, alpha: 3, beta: 0.75),
    LocalResponseNorm(size: 3, alpha: 0),
  ]) func oracle(_ norm: LocalResponseNorm) {
    var random = TestRandom(395)
    for shape in [[2, 3, 4, 5], [3, 7], [2, 33, 3], [0, 4, 2, 2], [1, 64, 2, 2]] {
      let found = problems(
        "LocalResponseNorm", [random.tensor(shape, in: -3...3)], samples: 40,
        operation: { norm($0[0]) }, oracle: { oracle(norm, $0[0]) })
      #expect(found == [])
    }
  }

  @Test func threadsChangeNoBit() {
    var random = TestRandom(396)
    let x = random.tensor([3, 96, 27, 27], in: -5...5)
    func run(_ threads: Int) -> [[UInt32]] {
      Threads.with(threads) {
        valueAndGradient(at: [x]) { LocalResponseNorm.alexNet($0[0]).squared().sum() }.gradients
          .map { $0.map { bits($0.tensor) } ?? [] }
      }
    }
    #expect(run(3) == run(1))
  }

  @Test func whatMakesNoSenseEndsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      _ = LocalResponseNorm(size: 0)(Tensor(zeros: [1, 2]))
    }
  }
}
