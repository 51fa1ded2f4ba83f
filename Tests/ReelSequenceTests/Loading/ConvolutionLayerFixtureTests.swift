import ReelFormats
import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

/// Convolutional layers and batch normalization against PyTorch: outputs, gradients and moving
/// statistics.
@Suite struct ConvolutionLayerFixtureTests {
  private func expectEqual(_ came: Tensor?, _ wanted: Tensor, _ what: String) throws {
    let came = try #require(came)
    #expect(difference(came, DoubleTensor(wanted), tolerance: 1e-5, what: what) == nil)
  }

  /// Outputs and gradients of one layer, whose tensors have names that begin with `prefix`.
  private func check<M: Module>(
    _ layer: M, _ fixture: FixtureCase, _ prefix: String = "", apply: (M, Tensor) -> Tensor
  ) throws {
    let weights = try fixture("output_weight")
    let input = try fixture(prefix + "input")
    let (_, output, gradients) = valueAndGradient(of: layer) { layer in
      let output = apply(layer, input)
      return ((output * weights).sum(), output)
    }
    try expectEqual(output, fixture(prefix + "output"), prefix + "output")
    for entry in gradients.entries {
      try expectEqual(
        entry.gradient?.tensor, fixture("\(prefix)gradient.\(entry.path)"), prefix + entry.path)
    }
    let inInput = valueAndGradient(at: [input]) { (apply(layer, $0[0]) * weights).sum() }
      .gradients[0]
    try expectEqual(inInput?.tensor, fixture(prefix + "gradient.input"), prefix + "input")
  }

  private func checkLoaded<M: Module>(
    _ name: String, _ layer: M, apply: (M, Tensor) -> Tensor
  ) throws {
    let fixture = try Fixture("convolution_layers.safetensors")(case: name)
    var layer = layer
    try layer.load(fixture.group("parameter"))
    try check(layer, fixture, apply: apply)
  }

  @Test func layers() throws {
    var g = RandomGenerator(seed: 1)
    try checkLoaded(
      "conv1d",
      Convolution1D(3, 4, kernel: 3, dilation: 2, padding: .both([2]), using: &g)
    ) { $0($1) }
    try checkLoaded(
      "conv1d_norm",
      Convolution1D(4, 6, kernel: 2, stride: 3, groups: 2, normalizesWeight: true, using: &g)
    ) { $0($1) }
    try checkLoaded(
      "conv2d_norm",
      Convolution2D(
        3, 5, kernel: [3, 2], stride: [2, 1], padding: .both([1, 0]), normalizesWeight: true,
        using: &g)
    ) { $0($1) }
    try checkLoaded(
      "conv2d_depthwise",
      Convolution2D(4, 8, kernel: 3, padding: .same, groups: 4, bias: false, using: &g)
    ) { $0($1) }
    try checkLoaded(
      "conv3d_norm",
      Convolution3D(
        2, 3, kernel: [2, 3, 2], padding: .both([0, 1, 1]), normalizesWeight: true, using: &g)
    ) { $0($1) }
  }

  @Test func transposedLayers() throws {
    var g = RandomGenerator(seed: 1)
    try checkLoaded(
      "transposed1d_norm",
      TransposedConvolution1D(
        4, 6, kernel: 4, stride: 3, padding: .both([1]), outputPadding: 2, groups: 2,
        normalizesWeight: true, using: &g)
    ) { $0($1) }
    try checkLoaded(
      "transposed2d",
      TransposedConvolution2D(
        3, 2, kernel: [3, 2], stride: [2, 2], dilation: [1, 2], padding: .both([1, 0]),
        outputPadding: [1, 0], using: &g)
    ) { $0($1) }
    try checkLoaded(
      "transposed3d_norm",
      TransposedConvolution3D(
        2, 2, kernel: [2, 2, 2], stride: [1, 2, 2], normalizesWeight: true, using: &g)
    ) { $0($1) }
  }

  @Test(arguments: ["batch_norm", "batch_norm1d", "batch_norm2d", "batch_norm3d"])
  func batchNorm(name: String) throws {
    let fixture = try Fixture("convolution_layers.safetensors")(case: name)
    let momentum = try fixture("momentum").scalar
    var layer = BatchNorm(
      try fixture("parameter.weight").count, epsilon: try fixture("epsilon").scalar)
    try layer.load(fixture.group("parameter"))
    for step in ["1.", "2."] {
      try check(layer, fixture, step) { layer, x in
        var statistics: BatchStatistics? = BatchStatistics()
        return layer(x, statistics: &statistics)
      }
      var statistics: BatchStatistics? = BatchStatistics()
      _ = layer(try fixture(step + "input"), statistics: &statistics)
      layer.update(with: statistics, momentum: momentum)
      try expectEqual(layer.runningMean, fixture(step + "running_mean"), step + "running_mean")
      try expectEqual(layer.runningVariance, fixture(step + "running_var"), step + "running_var")
    }
    try check(layer, fixture, "3.") { $0($1) }
  }

  /// A residual network as PyTorch saves it, batch counts included, loads as it is.
  private struct Net: Module {
    var conv1, conv2: Convolution2D
    var bn1, bn2: BatchNorm
    var up: TransposedConvolution2D

    init() throws {
      var g = RandomGenerator(seed: 1)
      conv1 = try Convolution2D(
        2, 4, kernel: 3, stride: 2, padding: .both([1, 1]), bias: false, using: &g)
      bn1 = BatchNorm(4)
      conv2 = try Convolution2D(
        4, 4, kernel: [1, 3], padding: .same, groups: 2, bias: false, using: &g)
      bn2 = BatchNorm(4)
      up = try TransposedConvolution2D(
        4, 3, kernel: 2, stride: 2, normalizesWeight: true, using: &g)
    }

    mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
      visitor.visit("conv1", &conv1)
      visitor.visit("bn1", &bn1)
      visitor.visit("conv2", &conv2)
      visitor.visit("bn2", &bn2)
      visitor.visit("up", &up)
    }

    func callAsFunction(_ x: Tensor, statistics: inout BatchStatistics?) -> Tensor {
      let y = bn1(conv1(FeatureMaps(x)), statistics: &statistics).mapPositions { $0.relu() }
      let z = bn2(conv2(y), statistics: &statistics).mapPositions { ($0 + y.values).relu() }
      return up(z).tensor
    }
  }

  @Test func stateDict() throws {
    var net = try Net()
    let file = try Fixture("convolution_state_dict.safetensors").tensors
    #expect(file["bn1.num_batches_tracked"]?.scalar == 3)
    try net.load(file)
    let expected = FixtureCase(
      tensors: try Fixture("convolution_state_dict_expected.safetensors").tensors)
    let weights = try expected("output_weight")
    let input = try expected("input")
    for name in ["predicting", "training"] {
      var statistics: BatchStatistics? = name == "training" ? BatchStatistics() : nil
      let (_, output, gradients) = valueAndGradient(of: net) { net in
        let output = net(input, statistics: &statistics)
        return ((output * weights).sum(), output)
      }
      try expectEqual(output, expected("\(name).output"), name)
      for entry in gradients.entries {
        try expectEqual(
          entry.gradient?.tensor, expected("\(name).gradient.\(entry.path)"),
          "\(name): \(entry.path)")
      }
      let gradient = valueAndGradient(at: [input]) { x in
        var statistics: BatchStatistics? = name == "training" ? BatchStatistics() : nil
        return (net(x[0], statistics: &statistics) * weights).sum()
      }.gradients[0]
      try expectEqual(gradient?.tensor, expected("\(name).gradient.input"), "\(name): input")
      net.update(with: statistics)
    }
    for (path, buffer) in net.buffers {
      try expectEqual(buffer, expected("buffer.\(path)"), path)
    }
    #expect(net.buffers.count == 4)
  }
}
