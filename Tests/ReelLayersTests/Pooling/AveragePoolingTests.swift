import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct AveragePoolingTests {
  @Test(arguments: PoolingCase.all, [true, false])
  func oracle(_ test: PoolingCase, countsPadding: Bool) throws {
    let pooling = AveragePooling(
      test.window, stride: test.stride, padding: test.padding, roundsUp: test.roundsUp,
      countsPadding: countsPadding)
    var random = TestRandom(310)
    let found = problems(
      "AveragePooling \(test.testDescription) \(countsPadding)", [random.tensor(test.shape)],
      samples: 40, operation: { pooling($0[0]) },
      oracle: { x in
        x[0].pooled(test.exact) { inside, padded, _ in
          inside.reduce(0, +) / Double(countsPadding ? padded : inside.count)
        }
      })
    #expect(found == [])
    let size = Array(test.shape[2...])
    #expect(try pooling.outputSize(size) == size.indices.map { test.exact.count($0, size[$0]) })
  }

  /// PyTorch's windows, by their definition in rational numbers.
  private func windows(_ length: Int, _ positions: Int) -> [[Int]] {
    (0..<positions).map { position in
      (0..<length).filter { source in
        (source + 1) * positions > position * length && source * positions < (position + 1) * length
      }
    }
  }

  @Test(arguments: [
    ([2, 3, 7], [3]), ([2, 5, 6, 9], [4, 2]), ([1, 20, 5, 5], [1]), ([2, 3, 4, 3], [7, 5]),
    ([0, 3, 4, 4], [2]), ([1, 3, 4, 5, 6], [2, 3, 4]), ([1, 300, 8, 8], [1, 1]),
  ]) func adaptive(_ shape: [Int], _ output: [Int]) throws {
    let size = Array(shape[2...])
    let wanted = output.count == 1 ? size.map { _ in output[0] } : output
    let windows = zip(size, wanted).map { self.windows($0, $1) }
    let x = distinct(shape, 311)
    for kind in PoolingKind.allCases {
      let pooling = AdaptivePooling(kind, output: output)
      #expect(try pooling.outputSize(size) == wanted)
      let found = problems(
        "AdaptivePooling \(kind)", [x], samples: 40, operation: { pooling($0[0]) },
        oracle: { x in
          x[0].windowed(windows, limits: size) { inside, _, _ in
            kind == .max ? inside.max() ?? 0 : inside.reduce(0, +) / Double(inside.count)
          }
        })
      #expect(found == [])
    }
  }

  @Test(arguments: [[2, 3, 5], [3, 70, 7, 7], [1, 5, 3, 4, 2], [0, 4, 2, 2], [1, 512, 14, 14]])
  func global(_ shape: [Int]) {
    let x = distinct(shape, 312)
    let inner = [shape[0], shape[1], shape[2...].reduce(1, *)]
    let found =
      problems(
        "globalAveragePooled", [x], samples: 40,
        operation: { FeatureMaps($0[0]).globalAveragePooled() },
        oracle: { x in
          x[0].reshaped(inner).sum(axis: 2, keepingAxis: false).map { $0 / Double(inner[2]) }
        })
      + problems(
        "globalMaxPooled", [x], samples: 40,
        operation: { FeatureMaps($0[0]).globalMaxPooled() },
        oracle: { x in
          DoubleTensor([inner[0], inner[1]]) { index in
            (0..<inner[2]).reduce(-.infinity) {
              max($0, x[0].reshaped(inner)[[index[0], index[1], $1]])
            }
          }
        })
    #expect(found == [])
  }

  @Test func pyramids() {
    let x = distinct([2, 3, 6, 7], 313)
    let pooling = SpatialPyramidPooling(levels: [1, 2, 3])
    #expect(pooling.outputCount(channels: 3) == 3 * (1 + 4 + 9))
    let found = problems(
      "SpatialPyramidPooling", [x], samples: 60, operation: { pooling($0[0]) },
      oracle: { x in
        DoubleTensor.concatenated(
          [1, 2, 3].map { level in
            x[0].windowed([windows(6, level), windows(7, level)], limits: [6, 7]) { inside, _, _ in
              inside.max() ?? 0
            }.reshaped([2, 3 * level * level])
          }, axis: 1)
      })
    #expect(found == [])
    // One length whatever comes in.
    let average = SpatialPyramidPooling(levels: [1, 2, 4], .average)
    for shape in [[1, 5, 9, 13], [1, 5, 3, 2]] {
      #expect(average(distinct(shape, 314)).shape == [1, average.outputCount(channels: 5)])
    }
    #expect(
      average(distinct([2, 5, 9], 315)).shape == [2, average.outputCount(channels: 5, axes: 1)])
  }

  @Test func threadsChangeNoBit() {
    let x = distinct([2, 200, 17, 19], 316)
    func run(_ threads: Int) -> [[UInt32]] {
      Threads.with(threads) {
        let (_, y, gradients) = valueAndGradient(at: [x]) { x in
          let maps = FeatureMaps(x[0])
          let y = AveragePooling(3, stride: 2, padding: 1, countsPadding: false)(maps).tensor
          return (y.squared().sum() + maps.globalAveragePooled().squared().sum(), y)
        }
        return [bits(y)] + gradients.map { $0.map { bits($0.tensor) } ?? [] }
      }
    }
    let one = run(1)
    #expect(run(2) == one)
    #expect(run(5) == one)
  }

  @Test func whatDoesNotFit() async {
    #expect(
      throws: ConvolutionError(
        "adaptive pooling of size [4, 0] to [2]: at least 1 on every axis expected")
    ) {
      try AdaptivePooling(.max, output: 2).outputSize([4, 0])
    }
    #expect(throws: ConvolutionError.self) {
      try AdaptivePooling(.max, output: [2, 2]).outputSize([4])
    }
    #expect(throws: ConvolutionError.self) { try AveragePooling(5).outputSize([4]) }
    await #expect(processExitsWith: .failure) {
      _ = AdaptivePooling(.average, output: 0)(Tensor(zeros: [1, 1, 2, 2]))
    }
  }
}
