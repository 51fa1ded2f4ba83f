import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct MaxPoolingTests {
  private func pooling(_ test: PoolingCase) -> MaxPooling {
    MaxPooling(
      test.window, stride: test.stride, padding: test.padding, dilation: test.dilation,
      roundsUp: test.roundsUp)
  }

  @Test(arguments: PoolingCase.all + PoolingCase.dilated) func oracle(_ test: PoolingCase) throws {
    let pooling = pooling(test)
    let x = distinct(test.shape, 300)
    let found = problems(
      "MaxPooling \(test.testDescription)", [x], samples: 40, operation: { pooling($0[0]) },
      oracle: { x in
        x[0].pooled(test.exact) { inside, _, _ in inside.max() ?? -.infinity }
      })
    #expect(found == [])
    let size = Array(test.shape[2...])
    #expect(try pooling.outputSize(size) == size.indices.map { test.exact.count($0, size[$0]) })
  }

  @Test(arguments: PoolingCase.all + PoolingCase.dilated) func unpooling(_ test: PoolingCase) {
    let (maps, indices) = pooling(test).withIndices(FeatureMaps(distinct(test.shape, 301)))
    #expect(indices.inputSize == Array(test.shape[2...]) && indices.outputSize == maps.size)
    // Where each maximum stands, by the oracle.
    let exact = DoubleTensor(distinct(test.shape, 301))
    let places = exact.pooled(test.exact) { inside, _, places in
      guard let best = inside.indices.max(by: { inside[$0] < inside[$1] }) else { return -1 }
      return Double(places[best])
    }
    #expect(indices.positions.map(Double.init) == places.values)
    let y = distinct(maps.shape, 302)
    let found = problems(
      "MaxUnpooling \(test.testDescription)", [y], samples: 40,
      operation: { MaxUnpooling(indices)($0[0]) },
      oracle: { y in
        let (pooled, size) = (maps.size.reduce(1, *), test.shape[2...].reduce(1, *))
        var result = DoubleTensor(test.shape) { _ in 0 }
        for (index, value) in y[0].values.enumerated() where places.values[index] >= 0 {
          result.values[index / pooled * size + Int(places.values[index])] += value
        }
        return result
      })
    #expect(found == [])
  }

  /// Any settings: values, sizes, and the gradient's sum, which only windows without positions
  /// lose.
  @Test(arguments: 0..<60) func randomSettings(_ number: Int) throws {
    var random = TestRandom(UInt64(3000 + number))
    let axes = 1 + number % 3
    func numbers(_ range: ClosedRange<Int>) -> [Int] {
      (0..<axes).map { _ in Int.random(in: range, using: &random) }
    }
    let (window, dilation) = (numbers(1...4), numbers(1...2))
    let spans = zip(window, dilation).map { ($0 - 1) * $1 + 1 }
    let test = PoolingCase(
      shape: [Int.random(in: 1...2, using: &random), [1, 5, 16, 19][number % 4]]
        + spans.map { $0 + Int.random(in: 0...5, using: &random) },
      window: window, stride: numbers(1...4),
      padding: spans.map {
        AxisPadding(
          before: Int.random(in: 0..<$0, using: &random),
          after: Int.random(in: 0..<$0, using: &random))
      },
      dilation: dilation, roundsUp: Bool.random(using: &random))
    let pooling = pooling(test)
    let x = distinct(test.shape, UInt64(number))
    let exact = DoubleTensor(x).pooled(test.exact) { inside, _, _ in inside.max() ?? -.infinity }
    #expect(try pooling.outputSize(Array(test.shape[2...])) == Array(exact.shape[2...]))
    let (_, y, gradients) = valueAndGradient(at: [x]) { x in
      let y = pooling(x[0])
      return (y.sum(), y)
    }
    #expect(difference(y, exact, tolerance: 0, what: test.testDescription) == nil)
    let seen = exact.values.count { $0 > -.infinity }
    #expect(gradients[0]?.tensor.sum().scalar == Float(seen))

    let average = AveragePooling(
      test.window, stride: test.stride, padding: spans.map { _ in AxisPadding(before: 0) },
      roundsUp: test.roundsUp)
    var plain = test
    (plain.padding, plain.dilation) = ([AxisPadding()], [1])
    let mean = DoubleTensor(x).pooled(plain.exact) { inside, padded, _ in
      inside.reduce(0, +) / Double(padded)
    }
    #expect(difference(average(x), mean, tolerance: 1e-6, what: plain.testDescription) == nil)
  }

  @Test func equalValuesAndSpecialOnes() {
    let x = Tensor(
      shape: [1, 1, 2, 6],
      values: [1, 1, -.infinity, -.infinity, .nan, 3, 1, 0, -.infinity, -.infinity, 5, .nan])
    let (maps, indices) = MaxPooling(2).withIndices(FeatureMaps(x))
    let y = maps.tensor.values
    #expect(y[0] == 1 && y[1] == -.infinity && y[2].isNaN)
    #expect(indices.positions[0] == 0 && indices.positions[1] == 2)
    let gradient = valueAndGradient(at: [x]) { MaxPooling(2)($0[0]).slice(0..<1, axis: 3).sum() }
      .gradients[0]
    #expect(gradient?.tensor.values == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test func sizes() throws {
    // AlexNet, GoogLeNet (rounded up) and ResNet.
    #expect(try MaxPooling(3, stride: 2).outputSize([55, 55]) == [27, 27])
    #expect(try MaxPooling(3, stride: 2, roundsUp: true).outputSize([112, 112]) == [56, 56])
    #expect(try MaxPooling(3, stride: 2, padding: 1).outputSize([112, 112]) == [56, 56])
    #expect(try MaxPooling(2).outputSize([7]) == [3])
  }

  @Test func whatDoesNotFit() async {
    func line(_ pooling: MaxPooling, _ size: [Int]) -> String? {
      do throws(ConvolutionError) {
        _ = try pooling.outputSize(size)
        return nil
      } catch {
        return error.description
      }
    }
    #expect(
      line(MaxPooling(3), [2, 5]) == "pooling window 3 is larger than input 2 on axis 0 of [2, 5]")
    #expect(
      line(MaxPooling(2, stride: 0), [4]) == "pooling stride 0: 1 or more expected")
    #expect(
      line(MaxPooling(2, padding: 2), [4])
        == "pooling padding 2 with a window that spans 2: less than that expected")
    #expect(
      line(MaxPooling([2, 2]), [4])
        == "pooling window [2, 2] for maps of size [4]: 1 or 1 number expected")
    #expect(line(MaxPooling(2), [4, 0]) == "pooling input 0: 1 or more expected")
    #expect(line(MaxPooling(.max, dilation: .max), [4]) != nil)
    await #expect(processExitsWith: .failure) { _ = MaxPooling(3)(Tensor(zeros: [1, 1, 2, 2])) }
    await #expect(processExitsWith: .failure) {
      let (_, indices) = MaxPooling(2).withIndices(FeatureMaps(Tensor(zeros: [1, 1, 4, 4])))
      _ = MaxUnpooling(indices)(Tensor(zeros: [1, 1, 3, 3]))
    }
  }

  @Test func threadsChangeNoBit() {
    let x = distinct([3, 37, 40, 33], 303)
    func run(_ threads: Int) -> [[UInt32]] {
      Threads.with(threads) {
        let pooling = MaxPooling(3, stride: 2, padding: 1)
        let (_, y, gradients) = valueAndGradient(at: [x]) { x in
          let y = pooling(x[0])
          return (y.squared().sum(), y)
        }
        return [bits(y)] + gradients.map { $0.map { bits($0.tensor) } ?? [] }
      }
    }
    let one = run(1)
    #expect(run(2) == one)
    #expect(run(5) == one)
  }
}
