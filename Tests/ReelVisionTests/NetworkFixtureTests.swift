import ReelFormats
import ReelLayers
import ReelTensor
import ReelTestSupport
import ReelVision
import Testing

/// Whole networks with the weights of a PyTorch `state_dict`: outputs, gradients in every parameter
/// and in the images, and moving statistics.
@Suite struct NetworkFixtureTests {
  static let cases: [(String, Architecture)] = [
    (
      "resnet_basic",
      .resNet(
        "basic", .basic, blocks: [1, 2], widths: [4, 8], isLarge: false, input: [3, 12, 10],
        classes: 5)
    ),
    (
      "resnet_bottleneck",
      .resNet(
        "bottleneck", .bottleneck, blocks: [1, 2], widths: [2, 4], input: [3, 32, 24], classes: 5)
    ),
    (
      "inception_block",
      Architecture(
        name: "block", source: "", input: [3, 20, 18], classes: 7,
        layers: [
          "conv1": .unit(6, kernel: 3, padding: 1),
          "pool": .maxPooling(3, stride: 2, roundsUp: true),
          "inception3a": Architecture.inception(
            [4, 3, 5, 2, 4, 3], third: 3, unit: LayerDescription.unit),
          "aux1": .auxiliary([
            "pool": .adaptiveAveragePooling(4), "conv": .unit(3, kernel: 1),
            "flatten": .flatten, "fc1": .linear(5), "relu": .relu, "fc2": .linear(.classes),
          ]),
          "avgpool": .globalAveragePooling, "fc": .linear(.classes),
        ])
    ),
    ("googlenet", googLeNet),
    ("unet", .uNet("u", widths: [3, 4, 5], isPadded: false, input: [2, 44, 48], classes: 3)),
    (
      "fcn8",
      .fcn(
        .stride8, trunk: [[2, 2], [3, 3], [4], [4], [5]], hidden: 6, input: [3, 20, 26], classes: 3)
    ),
  ]

  private static var googLeNet: Architecture {
    var result = Architecture.googLeNetNormalized.narrowed(by: 16)
    result.input = [3, 64, 64]
    result.classes = 7
    return result
  }

  private func expectEqual(_ came: Tensor?, _ wanted: Tensor, _ what: String) throws {
    let came = try #require(came, "\(what)")
    #expect(difference(came, DoubleTensor(wanted), tolerance: 1e-4, what: what) == nil)
  }

  @Test(arguments: cases.map(\.0))
  func matches(name: String) throws {
    let architecture = try #require(Self.cases.first { $0.0 == name }).1
    let fixture = try Fixture(name)
    var generator = RandomGenerator(seed: 1)
    var network = try ImageNetwork(architecture, using: &generator)
    try network.load(fixture.stateDict)
    let images = try fixture("input")

    try expectEqual(network(images), fixture("predicting.output"), "predicting")
    try expectEqual(network.folded()(images), fixture("predicting.output"), "folded")

    let weight = try fixture("output_weight")
    /// The loss of the script, without dropout.
    func loss(
      _ network: ImageNetwork, _ images: Tensor, _ statistics: inout BatchStatistics?
    ) -> (Tensor, NetworkOutputs) {
      var none: RandomGenerator?
      let outputs = network.outputs(
        FeatureMaps(images), statistics: &statistics, using: &none)
      var loss = (outputs.result.tensor * weight).sum()
      for side in outputs.auxiliaries { loss = loss + 0.3 * (side.value.tensor * weight).sum() }
      return (loss, outputs)
    }

    // Of the whole GoogLeNet the script has gradients with the moving statistics.
    let trains = name != "googlenet"
    for recomputed in [nil, 1, 3] {
      network.recomputedBlocks = recomputed
      var statistics = trains ? BatchStatistics() : nil
      let (_, outputs, gradients) = valueAndGradient(of: network) {
        loss($0, images, &statistics)
      }
      try expectEqual(outputs.result.tensor, fixture("output"), "output")
      for (place, side) in outputs.auxiliaries.enumerated() {
        #expect(side.name == "aux\(place + 1)")
        try expectEqual(side.value.tensor, fixture(side.name), side.name)
      }
      for entry in gradients.entries {
        try expectEqual(
          entry.gradient?.tensor, fixture("gradient.\(entry.path)"), entry.path)
      }
      let inImages = valueAndGradient(at: [images]) { images in
        var statistics = trains ? BatchStatistics() : nil
        return loss(network, images[0], &statistics).0
      }.gradients[0]
      try expectEqual(inImages?.tensor, fixture("gradient.input"), "input")
      var updated = network
      updated.update(with: statistics)
      for (path, buffer) in updated.buffers {
        try expectEqual(buffer, fixture("buffer.\(path)"), path)
      }
    }
  }
}
