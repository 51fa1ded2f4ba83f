import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct WeightNormalizationTests {
  @Test(arguments: [[3, 4], [1, 1], [5, 2, 3], [2, 3, 2, 2], [0, 4], [40, 600]])
  func equation(shape: [Int]) {
    var random = TestRandom(20)
    let gains = [shape[0]] + [Int](repeating: 1, count: shape.count - 1)
    let found = problems(
      "weightNormalized", [random.tensor(shape, avoidingZero: true), random.tensor(gains)],
      operation: { $0[0].weightNormalized(gain: $0[1]) },
      oracle: { x in
        let columns = shape[1...].reduce(1, *)
        let norms = (0..<shape[0]).map { row in
          x[0].values[row * columns..<(row + 1) * columns].reduce(0) { $0 + $1 * $1 }
            .squareRoot()
        }
        return DoubleTensor(shape) { x[1].values[$0[0]] * x[0][$0] / norms[$0[0]] }
      })
    #expect(found == [])
  }

  @Test func zerosHaveNoDirection() {
    let v = Tensor(shape: [2, 2], values: [0, 0, 3, 4])
    let g = Tensor(shape: [2, 1], values: [7, 10])
    let (_, w, gradients) = valueAndGradient(at: [v, g]) { x in
      let w = x[0].weightNormalized(gain: x[1])
      return (w.sum(), w)
    }
    #expect(difference(w, DoubleTensor([2, 2], [0, 0, 6, 8]), tolerance: 1e-6, what: "w") == nil)
    for gradient in gradients {
      #expect(gradient?.tensor.values.prefix(1).allSatisfy { $0 == 0 } ?? false)
    }
  }

  @Test func threadsChangeNoBit() {
    var random = TestRandom(21)
    let (v, g) = (random.tensor([64, 800]), random.tensor([64, 1]))
    func run(_ threads: Int) -> [[UInt32]] {
      Threads.with(threads) {
        valueAndGradient(at: [v, g]) { $0[0].weightNormalized(gain: $0[1]).exp().sum() }
          .gradients.map { $0.map { bits($0.tensor) } ?? [] }
      }
    }
    #expect(run(1) == run(3))
  }

  @Test func shapesThatDoNotFitEndTheProgram() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor(zeros: [2, 3]).weightNormalized(gain: Tensor(zeros: [3, 1]))
    }
  }
}
