import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct LayerTests {
  @Test(arguments: [[5], [1, 5], [7, 5], [2, 3, 5], [0, 5]])
  func linear(shape: [Int]) {
    var generator = RandomGenerator(seed: 1)
    var random = TestRandom(50)
    let x = random.tensor(shape)
    for bias in [true, false] {
      var layer = Linear(5, 3, bias: bias, using: &generator)
      if bias { layer.bias = random.tensor([3]) }
      let expected = DoubleTensor(x).affineMap(
        weight: DoubleTensor(layer.weight), bias: layer.bias.map { DoubleTensor($0) })
      #expect(difference(layer(x), expected, tolerance: 1e-5, what: "Linear") == nil)
    }
    #expect(Linear(5, 3, using: &generator).bias == Tensor(zeros: [3]))
    #expect(Linear(5, 3, bias: false, using: &generator).bias == nil)
  }

  @Test func linearOfOneHotRows() {
    var generator = RandomGenerator(seed: 1)
    var random = TestRandom(52)
    for bias in [true, false] {
      var layer = Linear(5, 3, bias: bias, using: &generator)
      if bias { layer.bias = random.tensor([3]) }
      let x = OneHot([4, -1, 0, 4], width: 5)
      #expect(
        difference(layer(x), DoubleTensor(layer(x.dense)), tolerance: 1e-6, what: "one-hot") == nil)
    }
  }

  @Test func embedding() {
    var generator = RandomGenerator(seed: 2)
    let layer = Embedding(vocabulary: 4, dimension: 3, using: &generator)
    let y = layer([2, -1, 0])
    #expect(y.shape == [3, 3])
    #expect(y.slice(0..<1).values == layer.weight.slice(2..<3).values)
    #expect(y.slice(1..<2).values == [0, 0, 0])
    #expect(layer([]).shape == [0, 3])
  }

  @Test func layerNorm() {
    var random = TestRandom(51)
    var layer = LayerNorm(6, epsilon: 0.01)
    #expect(layer.weight == Tensor(repeating: 1, shape: [6]) && layer.bias == Tensor(zeros: [6]))
    (layer.weight, layer.bias) = (random.tensor([6]), random.tensor([6]))
    let x = random.tensor([2, 4, 6])
    let expected = DoubleTensor(x).layerNormalized(
      gain: DoubleTensor(layer.weight), bias: DoubleTensor(layer.bias),
      epsilon: Double(Float(0.01)))
    #expect(difference(layer(x), expected, tolerance: 1e-5, what: "LayerNorm") == nil)
  }

  @Test func sizesOfZeroEndTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = LayerNorm(0) }
    await #expect(processExitsWith: .failure) {
      var generator = RandomGenerator(seed: 1)
      _ = Linear(0, 3, using: &generator)
    }
    await #expect(processExitsWith: .failure) {
      var generator = RandomGenerator(seed: 1)
      _ = Embedding(vocabulary: 3, dimension: 0, using: &generator)
    }
    await #expect(processExitsWith: .failure) { _ = Dropout(1) }
    await #expect(processExitsWith: .failure) { _ = Dropout(.nan) }
  }
}
