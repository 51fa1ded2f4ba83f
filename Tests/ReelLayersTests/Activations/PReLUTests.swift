import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct PReLUTests {
  @Test(arguments: [
    ([3, 5], 5), ([3, 5], 1), ([2, 18, 3, 4], 18), ([2, 3, 9], 1), ([0, 3, 2, 2], 3),
  ])
  func oracle(_ shape: [Int], _ channels: Int) {
    var random = TestRandom(340)
    let x = random.tensor(shape, avoidingZero: true)
    let layer = PReLU(channels: channels)
    #expect(visitingProblems(of: layer) == [] && layer.weight.values.allSatisfy { $0 == 0.25 })
    let found = problems(
      "PReLU", [x, random.tensor([channels])], samples: 40,
      operation: { inputs in
        var layer = layer
        layer.weight = inputs[1]
        return layer(inputs[0])
      },
      oracle: { inputs in
        DoubleTensor(shape) { index in
          let (x, slope) = (inputs[0][index], inputs[1].values[channels == 1 ? 0 : index[1]])
          return x > 0 ? x : slope * x
        }
      })
    #expect(found == [])
  }

  @Test func threadsChangeNoBit() {
    var random = TestRandom(341)
    let x = random.tensor([4, 37, 60, 31])
    func run(_ threads: Int) -> [[UInt32]] {
      Threads.with(threads) {
        let layer = PReLU(channels: 37)
        let (_, gradients) = valueAndGradient(of: layer) { $0(x).squared().sum() }
        return gradients.entries.map { $0.gradient.map { bits($0.tensor) } ?? [] } + [
          bits(layer(x))
        ]
      }
    }
    #expect(run(3) == run(1))
  }

  @Test func whatDoesNotFitEndsTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = PReLU(channels: 3)(Tensor(zeros: [2, 4])) }
  }
}
