import ReelFormats
import ReelLayers
import ReelSequence
import ReelTensor
import Testing

/// Outputs and gradients equal those of the paper's network built from PyTorch's layers, in Double:
/// on asymmetric weights and ragged lengths.
@Suite struct TCNFixtureTests {
  static let cases = [
    "causal": TCNConfiguration(inputSize: 3, channels: [4, 4, 5]),
    "causal_base_3": TCNConfiguration(
      inputSize: 4, channels: [4, 2], kernelSize: 2, dilationBase: 3),
    "centered": TCNConfiguration(inputSize: 3, channels: [5, 4], isCausal: false),
  ]

  @Test(arguments: cases.keys.sorted())
  func outputsAndGradients(_ name: String) throws {
    let expected = try Fixture("tcn.safetensors")(case: name)
    let configuration = try #require(Self.cases[name])
    var generator = RandomGenerator(seed: 1)
    var network = TCN(configuration, using: &generator)
    // Also the names: a missing or an unexpected one would throw.
    try network.load(expected.group("parameter"))
    let model = WatchedTCN(
      network: network, input: try expected("input"), lengths: try expected.integers("lengths"))
    let weight = try expected("output_weight")
    let (loss, output, gradients) = valueAndGradient(of: model) { model in
      let padded = model().output.padded()
      return ((padded * weight).sum(), padded)
    }
    expectClose(output, try expected("output"), "output")
    expectClose(loss, try expected("loss"), "loss")
    for entry in gradients.entries {
      let name =
        entry.path == "input"
        ? "input_gradient" : "gradient." + entry.path.dropFirst("network.".count)
      expectClose(entry.gradient?.tensor, try expected(name), name)
    }
  }
}
