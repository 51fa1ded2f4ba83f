import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct SubsamplingTests {
  @Test(arguments: [
    ([2, 3, 6, 5], 2), ([1, 17, 9], 3), ([0, 2, 4, 4], 2), ([2, 2, 2, 4, 3], 2),
  ])
  func oracle(_ shape: [Int], _ window: Int) throws {
    var random = TestRandom(370)
    let layer = SubsamplingLayer(shape[1], window: window)
    #expect(visitingProblems(of: layer) == [])
    let axes = shape.count - 2
    func all(_ value: Int) -> [Int] { [Int](repeating: value, count: axes) }
    let settings = PoolingSettings(
      window: all(window), stride: all(window), before: all(0), after: all(0), dilation: all(1))
    let found = problems(
      "SubsamplingLayer",
      [random.tensor(shape), random.tensor([shape[1]]), random.tensor([shape[1]])], samples: 30,
      operation: { inputs in
        var layer = layer
        (layer.weight, layer.bias) = (inputs[1], inputs[2])
        return layer(inputs[0])
      },
      oracle: { inputs in
        let sums = inputs[0].pooled(settings) { inside, _, _ in inside.reduce(0, +) }
        return DoubleTensor(sums.shape) {
          inputs[1].values[$0[1]] * sums[$0] + inputs[2].values[$0[1]]
        }
      })
    #expect(found == [])
    #expect(try layer.outputSize(Array(shape[2...])) == shape[2...].map { $0 / window })
  }

  /// S2 and S4 of LeNet-5.
  @Test func parameters() {
    #expect(SubsamplingLayer(6).parameterCount == 12)
    #expect(SubsamplingLayer(16).parameterCount == 32)
  }

  @Test func threadsChangeNoBit() {
    var random = TestRandom(371)
    let layer = SubsamplingLayer(23)
    let x = random.tensor([9, 23, 60, 50])
    func run(_ threads: Int) -> [[UInt32]] {
      Threads.with(threads) {
        let (_, gradients) = valueAndGradient(of: layer) { $0(x).squared().sum() }
        return gradients.entries.map { $0.gradient.map { bits($0.tensor) } ?? [] }
      }
    }
    #expect(run(3) == run(1))
  }
}
