import ReelFormats
import ReelTensor
import ReelTestSupport
import Testing

/// Convolutions and transposed convolutions on one to three axes against PyTorch: outputs and
/// gradients. The file is made by `make_convolution_fixtures.py`.
@Suite struct ConvolutionFixtureTests {
  static let convolutions = [
    "odd_1d", "stride_over_kernel_1d", "even_dilated_1d", "groups_1d", "depthwise_1d", "wide_1d",
    "odd_2d", "uneven_2d", "stride_over_kernel_2d", "pointwise_2d", "groups_2d", "depthwise_2d",
    "multiplied_2d", "odd_3d", "uneven_3d",
  ]
  static let transposed = [
    "transposed_1d", "transposed_stride_1d", "transposed_gap_1d", "transposed_groups_1d",
    "transposed_2d", "transposed_uneven_2d", "transposed_depthwise_2d", "transposed_3d",
  ]

  /// Names of what is watched, in the order in which `apply` takes them.
  private static let watched = ["input", "weight", "bias"]

  private func check(
    _ name: String, apply: ([Tensor], FixtureCase) throws -> Tensor
  ) throws {
    let fixture = try Fixture("convolution.safetensors")(case: name)
    let inputs = try Self.watched.map { try fixture($0) }
    let weights = try fixture("output_weight")
    let (_, output, gradients) = try valueAndGradient(at: inputs) { inputs in
      let output = try apply(inputs, fixture)
      return ((output * weights).sum(), output)
    }
    func expect(_ came: Tensor?, _ wanted: String, tolerance: Double = 1e-5) throws {
      let line = difference(
        try #require(came), DoubleTensor(try fixture(wanted)), tolerance: tolerance,
        what: "\(name), \(wanted)")
      #expect(line == nil)
    }
    try expect(output, "output")
    for (what, gradient) in zip(Self.watched, gradients) {
      // The bias has two or three values, each a sum over all positions in which most cancels.
      try expect(
        gradient?.tensor, "gradient_\(what)", tolerance: what == "bias" ? 2e-4 : 1e-5)
    }
  }

  /// A row of the settings.
  private func setting(_ row: Int, _ fixture: FixtureCase) throws -> [Int] {
    let all = try fixture.integers("settings")
    let axes = all.count / 4
    return Array(all[row * axes..<(row + 1) * axes])
  }

  @Test(arguments: convolutions) func convolution(_ name: String) throws {
    try check(name) { x, fixture in
      try x[0].convolved(
        weight: x[1], bias: x[2], stride: setting(0, fixture), dilation: setting(1, fixture),
        padding: .both(setting(2, fixture)), groups: fixture.integers("groups")[0])
    }
  }

  @Test(arguments: transposed) func transposedConvolution(_ name: String) throws {
    try check(name) { x, fixture in
      try x[0].transposedConvolved(
        weight: x[1], bias: x[2], stride: setting(0, fixture), dilation: setting(1, fixture),
        padding: .both(setting(2, fixture)), outputPadding: setting(3, fixture),
        groups: fixture.integers("groups")[0])
    }
  }
}
