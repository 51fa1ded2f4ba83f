import ReelLayers
import ReelTensor
import ReelTraining
import Testing

@Suite struct ClippingTests {
  private func norm(_ tensors: [Tensor]) -> Double {
    tensors.flatMap(\.values).reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  @Test func globalNormIsOverAllParameters() {
    // The weight has more values than one thread takes at a time.
    let model = TwoParameters(weight: pattern([3, 50_001], 1), bias: pattern([3], 2))
    let (a, b) = (pattern([3, 50_001], 3), pattern([3], 4))
    let gradients = model.gradients(weight: a, bias: b)
    #expect(abs(gradients.globalNorm() / norm([a, b]) - 1) < 1e-9)
    #expect(
      Threads.with(1) { gradients.globalNorm() } == Threads.with(4) { gradients.globalNorm() })
    #expect(abs(model.gradients(weight: nil, bias: b).globalNorm() / norm([b]) - 1) < 1e-9)
    #expect(model.gradients(weight: nil, bias: nil).globalNorm() == 0)
  }

  @Test func globalNormOfRowSparseGradients() {
    let model = Table(table: pattern([10, 3], 1))
    let sparse = model.sparseGradients([7, 2, 7], pattern([3, 3], 2))
    let dense = sparse["table"]?.tensor ?? Tensor(0)
    #expect(abs(sparse.globalNorm() / norm([dense]) - 1) < 1e-9)
  }

  @Test func clippingByGlobalNorm() {
    let model = TwoParameters(weight: pattern([2, 2], 1), bias: pattern([3], 2))
    let gradients = model.gradients(
      weight: Tensor(shape: [2, 2], values: [3, 0, 0, 0]),
      bias: Tensor(shape: [3], values: [0, 4, 0]))
    #expect(gradients.globalNorm() == 5)
    #expect(gradients.clip(globalNorm: 6) == 1)
    // PyTorch's formula, with its 1e-6.
    #expect(gradients.clip(globalNorm: 1) == Float(1 / (5 + 1e-6)))

    // The scale does to an update what clipped gradients would do.
    var scaled = model
    var optimizer = SGD(learningRate: 1)
    optimizer.update(&scaled, with: gradients, scale: gradients.clip(globalNorm: 1))
    #expect(abs(scaled.weight[0, 0] - (model.weight[0, 0] - 0.6)) < 1e-6)
    #expect(abs(scaled.bias[1] - (model.bias[1] - 0.8)) < 1e-6)
  }

  @Test(arguments: [Float.nan, .infinity])
  func aNormThatIsNoNumber(_ value: Float) {
    let model = TwoParameters(weight: pattern([2, 2], 1), bias: pattern([3], 2))
    let gradients = model.gradients(
      weight: Tensor(shape: [2, 2], values: [1, value, 1, 1]), bias: nil)
    #expect(!gradients.globalNorm().isFinite)
    #expect(gradients.clip(globalNorm: 1).isNaN)
  }

  @Test func clippingByValue() {
    let model = TwoParameters(weight: pattern([2, 3], 1), bias: pattern([3], 2))
    var gradients = model.gradients(
      weight: Tensor(shape: [2, 3], values: [-3, -0.5, 0, 0.25, 0.5, .infinity]), bias: nil)
    gradients.clip(value: 0.5)
    #expect(gradients["weight"]?.tensor.values == [-0.5, -0.5, 0, 0.25, 0.5, 0.5])
    #expect(gradients["bias"] == nil)
    var broken = model.gradients(
      weight: Tensor(shape: [2, 3], values: [.nan, 2, 0, 0, 0, 0]), bias: nil)
    broken.clip(value: 0.5)
    let values = broken["weight"]?.tensor.values ?? []
    #expect(values[0].isNaN && values[1] == 0.5)
  }

  @Test func clippingRowsByValue() {
    let model = Table(table: pattern([10, 2], 1))
    var gradients = model.sparseGradients(
      [7, 2], Tensor(shape: [2, 2], values: [3, 0, -4, 0.25]))
    gradients.clip(value: 1)
    guard case .rows(let rows) = gradients["table"] else {
      Issue.record("a row-sparse gradient was expected")
      return
    }
    #expect(rows.indices == [2, 7])
    #expect(rows.values.values == [-1, 0.25, 1, 0])
  }
}
