import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

/// Weights packed once say what weights packed at every call say.
@Suite struct PreparedConvolutionTests {
  /// By all ways: few tiles and many of 3×3 taps, 1×1, a stride, groups, depthwise.
  @Test(arguments: [
    ([3, 3], 1, 1, 9), ([3, 3], 1, 1, 40), ([1, 1], 1, 1, 12), ([5, 5], 2, 1, 21),
    ([3, 3], 1, 4, 20), ([3, 3], 1, 16, 20),
  ])
  func saysTheSame(_ kernel: [Int], _ stride: Int, _ groups: Int, _ size: Int) throws {
    var generator = RandomGenerator(seed: 1)
    let layer = try Convolution2D(
      16, 32, kernel: kernel, stride: [stride, stride],
      padding: .explicit([
        AxisPadding(before: kernel[0] / 2, after: kernel[0] / 2),
        AxisPadding(before: kernel[1] / 2, after: kernel[1] / 2),
      ]), groups: groups, using: &generator)
    let x = generator.normal(shape: [2, 16, size, size])
    let prepared = layer.prepared()
    let expected = layer(x)
    for _ in 0..<2 {
      for (came, wanted) in zip(prepared(x).values, expected.values) {
        #expect(abs(came - wanted) < 1e-5 * (1 + abs(wanted)))
      }
    }
    #expect(prepared(x).values == prepared(x).values)
  }

  /// Parts of another precision are not taken for those of this one.
  @Test func asExactAsAsked() throws {
    var generator = RandomGenerator(seed: 4)
    let layer = try Convolution2D(64, 64, kernel: [2, 3], using: &generator)
    let x = generator.normal(shape: [2, 64, 12, 12])
    let prepared = layer.prepared()
    for precision in [ProductPrecision.highest, .medium, .high, .medium, .highest] {
      let (came, wanted) = ProductPrecision.with(precision) { (prepared(x), layer(x)) }
      #expect(came.values == wanted.values, "\(precision)")
    }
  }

  /// Another weight is not answered with the old one.
  @Test func aChangeUndoesIt() throws {
    var generator = RandomGenerator(seed: 2)
    var layer = try Convolution2D(8, 8, kernel: 3, padding: .same, using: &generator).prepared()
    let x = generator.normal(shape: [1, 8, 30, 30])
    let before = layer(x)
    layer.updateParameters { _, parameter in parameter = parameter * 2 }
    #expect(
      zip(layer(x).values, before.values).allSatisfy { abs($0 - 2 * $1) < 1e-4 * (1 + abs($1)) })
  }

  /// Whoever watches the weights gets their gradients.
  @Test func gradientsPassThrough() throws {
    var generator = RandomGenerator(seed: 3)
    let layer = try Convolution2D(8, 8, kernel: 3, padding: .same, using: &generator)
    let x = generator.normal(shape: [1, 8, 30, 30])
    func gradients(_ layer: Convolution2D) -> [[Float]] {
      valueAndGradient(of: layer) { $0(x).squared().sum() }.gradients.entries.compactMap {
        $0.gradient?.tensor.values
      }
    }
    #expect(gradients(layer.prepared()) == gradients(layer))
    #expect(gradients(layer).count == 2)
  }
}
