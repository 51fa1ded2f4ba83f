import Foundation
import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct BinaryCrossEntropyTests {
  @Test(arguments: [[1, 1], [3, 88], [70, 5], [200, 33]])
  func valueAndGradient(_ shape: [Int]) {
    var random = TestRandom(UInt64(shape[0]))
    let logits = random.tensor(shape) * 4
    let targets = Tensor(
      shape: shape, values: random.tensor(shape).values.map { $0 > 0 ? Float(1) : 0.25 })
    let exact = DoubleTensor(targets).values
    let found = problems("binaryCrossEntropy", [logits], tolerance: 5e-5) {
      binaryCrossEntropy($0[0], targets)
    } oracle: { x in
      let sum = zip(x[0].values, exact).reduce(0.0) { sum, pair in
        let probability = 1 / (1 + exp(-pair.0))
        return sum - pair.1 * log(probability) - (1 - pair.1) * log(1 - probability)
      }
      return DoubleTensor([], [sum / Double(shape[0])])
    }
    #expect(found.isEmpty, "\(found)")
  }

  @Test func farLogitsStayFinite() {
    let logits = Tensor(shape: [1, 4], values: [1000, -1000, 1000, -1000])
    let targets = Tensor(shape: [1, 4], values: [1, 0, 0, 1])
    let result = ReelTensor.valueAndGradient(at: [logits]) { binaryCrossEntropy($0[0], targets) }
    #expect(result.value.scalar == 2000)
    #expect(result.gradients[0]?.tensor.values == [0, 0, 1, -1])
  }

  @Test func noRowsAndRaggedRows() {
    #expect(binaryCrossEntropy(Tensor(zeros: [0, 5]), Tensor(zeros: [0, 5])).scalar == 0)
    let lengths = [2, 0, 3]
    func sequences(_ shift: Float) -> Sequences {
      Sequences(
        Tensor(shape: [3, 4, 2], values: (0..<24).map { Float($0 % 5) / 4 - shift }),
        lengths: lengths)
    }
    let (logits, targets) = (sequences(0.3), sequences(0))
    // The mean over real steps: padding has no part in it.
    let byHand = [0, 2].reduce(Float(0)) { sum, row in
      sum + binaryCrossEntropy(logits[row], targets[row]).scalar * Float(lengths[row])
    }
    #expect(abs(binaryCrossEntropy(logits, targets).scalar - byHand / 5) < 1e-5)
  }

  @Test func theSameBytesWithAnyNumberOfThreads() {
    var random = TestRandom(9)
    let (logits, targets) = (random.tensor([500, 88]), random.tensor([500, 88]))
    let results = [1, 2, 3].map { threads in
      Threads.with(threads) {
        ReelTensor.valueAndGradient(at: [logits]) { binaryCrossEntropy($0[0], targets) }
      }
    }
    for result in results {
      #expect(result.value == results[0].value)
      #expect(result.gradients[0]?.tensor == results[0].gradients[0]?.tensor)
    }
  }
}
