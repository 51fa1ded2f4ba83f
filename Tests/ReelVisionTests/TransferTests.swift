import ReelLayers
import ReelTensor
import ReelTestSupport
import ReelVision
import Testing

/// Starting from what another network has learned, in another shape or for other classes.
@Suite struct TransferTests {
  private let vgg = Architecture.vgg(
    "vgg", [[3], [4, 4], [5], [5], [6]], hidden: 7, input: [3, 64, 64], classes: 6)

  /// Affine maps turned into convolutions give the same scores at the training size, and a map of them
  /// for a larger image; one of its places sees what the small image was.
  @Test func convolutionalNetwork() throws {
    let network = try SmallNetworks.make(vgg)
    let convolutional = try vgg.fullyConvolutional()
    var generator = RandomGenerator(seed: 9)
    var large = try ImageNetwork(convolutional, using: &generator)
    #expect(large.takeParameters(from: network).count == network.parameters.count)
    let images = generator.normal(shape: [2, 3, 64, 64])
    let scores = network(images)
    #expect(large(images).shape == [2, 6, 1, 1])
    #expect(
      difference(
        large(images).reshaped([2, 6]), DoubleTensor(scores), tolerance: 1e-5, what: "scores")
        == nil)
    let wide = generator.normal(shape: [1, 3, 96, 160])
    try large.check(wide.shape)
    #expect(large(wide).shape == [1, 6, 2, 4])
  }

  @Test func convolutionalVGG16() throws {
    let table = try LayerTable(Architecture.vgg16.fullyConvolutional())
    #expect(table.parameters == 138_357_544 && table.output == [1000, 1, 1])
    #expect(table.rows(at: "classifier.0")[0].kernel == [7, 7])
    #expect(
      try LayerTable(Architecture.vgg16.fullyConvolutional(), input: [3, 384, 256]).output
        == [1000, 6, 2])
    #expect(
      try LayerTable(Architecture.resNet18.fullyConvolutional(), input: [3, 288, 224]).output
        == [1000, 3, 1])
  }

  /// The trunk of an FCN takes the weights of the VGG network it stands on.
  @Test func trunkOfFCN() throws {
    let network = try SmallNetworks.make(
      .vgg("vgg", [[2], [3], [4], [4], [5]], hidden: 6, input: [3, 224, 224], classes: 4))
    var generator = RandomGenerator(seed: 9)
    var fcn = try ImageNetwork(
      .fcn(.stride8, trunk: [[2], [3], [4], [4], [5]], hidden: 6, input: [3, 32, 32], classes: 3),
      using: &generator)
    let taken = fcn.takeParameters(from: network)
    #expect(taken.contains("features.0.weight") && taken.contains("classifier.0.weight"))
    #expect(taken.contains("classifier.3.bias") && taken.count == 14)
    // Up-sampling begins as bilinear interpolation: it keeps a constant inside.
    let up = try #require(fcn.parameters.first { $0.path == "upscore2.weight" }).tensor
    #expect(abs(up.values.reduce(0, +) - 3 * 4) < 1e-5)
    for size in [[32, 32], [50, 41], [64, 97]] {
      try fcn.check([3] + size)
      #expect(fcn(Tensor(zeros: [1, 3] + size)).shape == [1, 3] + size)
    }
  }

  @Test func head() throws {
    let network = try SmallNetworks.make(.resNetCIFAR8)
    #expect(try network.headPaths == ["linear"])
    var generator = RandomGenerator(seed: 2)
    let other = try network.replacingHead(classes: 3, using: &generator)
    #expect(other.classes == 3 && other(Tensor(zeros: [1, 3, 32, 32])).shape == [1, 3])
    var old: [String: Tensor] = [:]
    for (path, tensor) in network.savedTensors { old[path] = tensor }
    for (path, tensor) in other.savedTensors where !path.hasPrefix("linear") {
      #expect(bits(tensor) == bits(try #require(old[path])), "\(path)")
    }
    let same = try network.replacingHead(classes: 10, using: &generator)
    let fresh = try #require(same.parameters.first { $0.path == "linear.weight" }).tensor
    #expect(bits(fresh) != bits(try #require(old["linear.weight"])))
  }

  /// Frozen layers get no gradient, and their batch normalizations stay as they are.
  @Test func freezing() throws {
    var network = try SmallNetworks.make(.resNetCIFAR8)
    try network.freeze(["conv1", "bn1", "layer1", "layer2"])
    var generator = RandomGenerator(seed: 2)
    let images = generator.normal(shape: [2, 3, 32, 32])
    var statistics: BatchStatistics? = BatchStatistics()
    var none: RandomGenerator?
    let (_, gradients) = valueAndGradient(of: network) { network in
      let scores = network(images, statistics: &statistics, using: &none)
      return (scores * scores).sum()
    }
    for entry in gradients.entries {
      let isTrained = entry.path.hasPrefix("layer3") || entry.path.hasPrefix("linear")
      #expect((entry.gradient != nil) == isTrained, "\(entry.path)")
    }
    let before = network.buffers
    network.update(with: statistics)
    for (old, new) in zip(before, network.buffers) {
      #expect(
        (bits(old.tensor) != bits(new.tensor)) == old.path.hasPrefix("layer3"), "\(old.path)")
    }
    #expect(throws: NetworkError.self) { try network.freeze(["layer4"]) }
    try network.freeze([])
    #expect(network.frozen.isEmpty)
  }
}
