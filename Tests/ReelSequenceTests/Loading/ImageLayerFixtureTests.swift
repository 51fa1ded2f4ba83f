import ReelFormats
import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

/// Pooling, interpolation, normalization, activations and losses of maps against PyTorch; written
/// by `make_image_layer_fixtures.py`.
@Suite struct ImageLayerFixtureTests {
  typealias Function = @Sendable (Tensor) -> Tensor

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let function: Function

    init(_ name: String, _ function: @escaping Function) {
      (self.name, self.function) = (name, function)
    }

    var testDescription: String { name }
  }

  private static let one = AxisPadding(before: 1, after: 1)

  static let pooling: [Case] = [
    Case("max_1d") { MaxPooling(3, stride: 2, padding: 1)($0) },
    Case("max_2x2") { MaxPooling(2)($0) },
    Case("max_resnet") { MaxPooling(3, stride: 2, padding: 1)($0) },
    Case("max_googlenet") { MaxPooling(3, stride: 2, roundsUp: true)($0) },
    Case("max_ceil_padded") {
      MaxPooling([3, 2], stride: [3], padding: [one], roundsUp: true)($0)
    },
    Case("max_ceil_small") { MaxPooling(3, stride: 2, roundsUp: true)($0) },
    Case("max_dilated") {
      MaxPooling([2, 3], stride: [2], padding: [one], dilation: [3, 2])($0)
    },
    Case("max_3d") { MaxPooling([2], stride: [2, 1, 2])($0) },
    Case("average_1d") { AveragePooling(3, stride: 2, padding: 1)($0) },
    Case("average_2x2") { AveragePooling(2)($0) },
    Case("average_padded") { AveragePooling(3, stride: 2, padding: 1)($0) },
    Case("average_uncounted") {
      AveragePooling(3, stride: 1, padding: 1, countsPadding: false)($0)
    },
    Case("average_ceil") { AveragePooling(3, stride: 2, padding: 1, roundsUp: true)($0) },
    Case("average_ceil_uncounted") {
      AveragePooling(3, stride: 2, padding: 1, roundsUp: true, countsPadding: false)($0)
    },
    Case("average_3d") { AveragePooling([2], padding: [AxisPadding(), one, one])($0) },
    Case("adaptive_average") { AdaptivePooling(.average, output: [3, 4])($0) },
    Case("adaptive_average_more") { AdaptivePooling(.average, output: [5, 6])($0) },
    Case("adaptive_max") { AdaptivePooling(.max, output: [3, 4])($0) },
    Case("adaptive_max_more") { AdaptivePooling(.max, output: [5, 6])($0) },
    Case("unpooled") { x in
      let (maps, indices) = MaxPooling(2).withIndices(FeatureMaps(x))
      return MaxUnpooling(indices)(maps.mapPositions { $0 * $0 }).tensor
    },
  ]

  static let resampling: [Case] = [
    Case("nearest_scale") { Upsampling(.nearest, scale: 2)($0) },
    Case("nearest_size") { Upsampling(.nearest, size: [7, 3])($0) },
    Case("bilinear_scale") { Upsampling(.bilinear, scale: 2)($0) },
    Case("bilinear_uneven") { Upsampling(.bilinear, scale: [2.5, 1.7])($0) },
    Case("bilinear_size") { Upsampling(.bilinear, size: [7, 3])($0) },
    Case("bilinear_aligned") { Upsampling(.bilinear, size: [7, 9], alignsCorners: true)($0) },
    Case("linear") { Upsampling(.bilinear, scale: 1.5)($0) },
    Case("trilinear_aligned") { Upsampling(.bilinear, size: [4, 5, 3], alignsCorners: true)($0) },
    Case("bicubic_scale") { Upsampling(.bicubic, scale: 2)($0) },
    Case("bicubic_size") { Upsampling(.bicubic, size: [7, 3])($0) },
    Case("bicubic_aligned") { Upsampling(.bicubic, size: [7, 9], alignsCorners: true)($0) },
  ]

  static let ofValues: [Case] = [
    Case("local_response") { LocalResponseNorm()($0 * 3) },
    Case("local_response_alexnet") { LocalResponseNorm.alexNet($0 * 3) },
    Case("local_response_even") { LocalResponseNorm(size: 4, alpha: 2, beta: 0.5, k: 0.5)($0 * 3) },
    Case("relu") { Activation.relu($0 * 4) },
    Case("leaky_relu") { Activation.leakyReLU(slope: 0.2)($0 * 4) },
    Case("tanh") { Activation.tanh($0 * 4) },
    Case("sigmoid") { Activation.sigmoid($0 * 4) },
    Case("elu") { Activation.elu(alpha: 0.7)($0 * 4) },
    Case("gelu") { Activation.gelu($0 * 4) },
    Case("gelu_tanh") { Activation.geluTanh($0 * 4) },
    Case("silu") { Activation.silu($0 * 4) },
    Case("softplus") { Activation.softplus($0 * 4) },
    Case("flattened") { FeatureMaps($0).flattened() },
    Case("softmax") { FeatureMaps($0 * 4).softmax().tensor },
  ]

  private func expectEqual(_ came: Tensor?, _ wanted: Tensor, _ what: String) throws {
    let came = try #require(came)
    #expect(difference(came, DoubleTensor(wanted), tolerance: 1e-5, what: what) == nil)
  }

  @Test(arguments: pooling + resampling + ofValues) func function(_ test: Case) throws {
    let fixture = try Fixture("image_layers.safetensors")(case: test.name)
    let weights = try fixture("output_weight")
    let (_, output, gradients) = try valueAndGradient(at: [fixture("input")]) { x in
      let y = test.function(x[0])
      return ((y * weights).sum(), y)
    }
    try expectEqual(output, fixture("output"), "\(test.name): output")
    try expectEqual(
      gradients[0]?.tensor, fixture("gradient.input"), "\(test.name): gradient in the input")
  }

  @Test func indices() throws {
    let fixture = try Fixture("image_layers.safetensors")(case: "indices")
    let pooled = MaxPooling(3, stride: 2, padding: 1).withIndices(
      FeatureMaps(try fixture("input")))
    #expect(try pooled.indices.positions.map { Int($0) } == fixture.integers("indices"))
  }

  @Test(arguments: ["prelu_one", "prelu_channels"]) func prelu(name: String) throws {
    let fixture = try Fixture("image_layers.safetensors")(case: name)
    var layer = PReLU(channels: try fixture("parameter.weight").count)
    try layer.load(fixture.group("parameter"))
    let (weights, input) = (try fixture("output_weight"), try fixture("input"))
    let (_, output, gradients) = valueAndGradient(of: layer) { layer in
      let y = layer(input)
      return ((y * weights).sum(), y)
    }
    try expectEqual(output, fixture("output"), "output")
    try expectEqual(gradients["weight"]?.tensor, fixture("gradient.weight"), "weight")
    let inInput = valueAndGradient(at: [input]) { (layer($0[0]) * weights).sum() }.gradients[0]
    try expectEqual(inInput?.tensor, fixture("gradient.input"), "input")
  }

  @Test(arguments: [("loss", Int32(255), Float(0)), ("loss_smoothed", 3, 0.1)])
  func loss(name: String, ignored: Int32, smoothing: Float) throws {
    let fixture = try Fixture("image_layers.safetensors")(case: name)
    let labels = try fixture.integers("labels").map { Int32($0) }
    let (loss, gradients) = try valueAndGradient(at: [fixture("input")]) {
      crossEntropy(FeatureMaps($0[0] * 3), labels, ignoring: ignored, smoothing: smoothing)
    }
    try expectEqual(loss, fixture("output"), "loss")
    try expectEqual(gradients[0]?.tensor, fixture("gradient.input"), "gradient")
  }
}
