import ReelTensor
import ReelTestSupport
import Testing

@Suite struct LayerNormalizationTests {
  @Test(arguments: [
    [4], [1, 4], [3, 2], [3, 17], [2, 3, 33], [0, 5], [600, 7], [300, 250], [2, 40_000],
  ])
  func alongTheLastAxis(shape: [Int]) {
    var random = TestRandom(21)
    let columns = shape[shape.count - 1]
    let x = random.tensor(shape, in: -3...3)
    let gain = random.tensor([columns], in: 0.5...2)
    let bias = random.tensor([columns])
    let found = problems(
      "layerNormalized", [x, gain, bias], tolerance: 2e-4, samples: x.count > 10_000 ? 4 : 40,
      operation: { $0[0].layerNormalized(gain: $0[1], bias: $0[2], epsilon: 1e-3) },
      oracle: { $0[0].layerNormalized(gain: $0[1], bias: $0[2], epsilon: Double(Float(1e-3))) })
    #expect(found == [])
  }

  @Test func equalValuesBecomeTheBias() {
    let x = Tensor(repeating: 1234.5, shape: [2, 5])
    let bias = Tensor(shape: [5], values: [1, 2, 3, 4, 5])
    let y = x.layerNormalized(gain: Tensor(repeating: 7, shape: [5]), bias: bias, epsilon: 1e-5)
    #expect(y.values == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5])
  }

  /// Mean 1,000, deviation 1: a variance taken as E[x²] − E[x]² would lose every digit.
  @Test func aLargeMeanKeepsTheDigits() {
    var random = TestRandom(22)
    let x = random.tensor([4, 100]) + 1000
    let (gain, bias) = (Tensor(repeating: 1, shape: [100]), Tensor(zeros: [100]))
    let y = x.layerNormalized(gain: gain, bias: bias, epsilon: 1e-5)
    let expected = DoubleTensor(x).layerNormalized(
      gain: DoubleTensor(gain), bias: DoubleTensor(bias), epsilon: 1e-5)
    #expect(difference(y, expected, tolerance: 1e-3, what: "layerNormalized") == nil)
  }

  @Test func anEmptyAxis() {
    let none = Tensor(zeros: [0])
    #expect(
      Tensor(zeros: [3, 0]).layerNormalized(gain: none, bias: none, epsilon: 1).shape == [3, 0])
  }
}
