import Foundation
import ReelLayers
import ReelTensor
import ReelTestSupport
import ReelVision
import Testing

@Suite struct ImageNetworkTests {
  @Test(arguments: SmallNetworks.all)
  func shapesAndFolding(architecture: Architecture) throws {
    let network = try SmallNetworks.make(architecture)
    let table = try network.table
    #expect(network.parameterCount == table.parameters)
    var generator = RandomGenerator(seed: 5)
    let images = generator.normal(shape: [2] + architecture.input)
    let scores = network(images)
    #expect(scores.shape == [2] + table.output)
    #expect(scores.values.allSatisfy { $0.isFinite })
    let folded = network.folded()
    // Twenty layers of Winograd's convolutions round in another order.
    #expect(
      difference(folded(images), DoubleTensor(scores), tolerance: 3e-5, what: "folded") == nil)
    #expect(folded.buffers.allSatisfy { !$0.path.hasSuffix("running_mean") })
    #expect(network(Tensor(zeros: [0] + architecture.input)).shape == [0] + table.output)
  }

  /// The size that the table gives for each layer is the one that comes out.
  @Test(arguments: SmallNetworks.all)
  func featureShapes(architecture: Architecture) throws {
    let network = try SmallNetworks.make(architecture)
    var generator = RandomGenerator(seed: 5)
    let images = FeatureMaps(generator.normal(shape: [2] + architecture.input))
    let rows = try network.table.rows.filter { !$0.name.isEmpty }
    // Where layers share a path the last one is meant; within a recurrent part paths are its own.
    var last: [String: [Int]] = [:]
    for row in rows { last[row.name] = row.output }
    let paths = last.keys.sorted()
    var (statistics, none): (BatchStatistics?, RandomGenerator?)
    let values = try network.features(
      images, at: paths, statistics: &statistics, using: &none)
    for (path, value) in zip(paths, values) {
      #expect(value.shape == [2] + (last[path] ?? []), "\(path)")
    }
    #expect(throws: NetworkError("\(architecture.name) has no layer \"nowhere\"")) {
      try network.features(images, at: ["nowhere"], statistics: &statistics, using: &none)
    }
  }

  @Test(arguments: SmallNetworks.all)
  func visiting(architecture: Architecture) throws {
    #expect(visitingProblems(of: try SmallNetworks.make(architecture)) == [])
  }

  @Test(arguments: Architecture.all + SmallNetworks.all)
  func coding(architecture: Architecture) throws {
    let data = try JSONEncoder().encode(architecture)
    #expect(try JSONDecoder().decode(Architecture.self, from: data) == architecture)
    #expect(!String(decoding: data, as: UTF8.self).contains("\"_0\""))
  }

  /// He et al. 2016, section 4.1: the two that are compared have the same number of parameters.
  @Test(arguments: [[2, 2, 2, 2], [3, 4, 6, 3]])
  func shortcutsThatPadHaveNoParameters(blocks: [Int]) throws {
    func parameters(_ block: ResidualBlock, _ shortcut: ResidualShortcut) throws -> Int {
      try SmallNetworks.make(
        .resNet(
          "r", block, blocks: blocks, widths: [2, 4, 6, 8], isLarge: false, shortcut: shortcut,
          input: [1, 16, 16])
      ).parameterCount
    }
    let plain = try parameters(.plain, .padding)
    #expect(try parameters(.basic, .padding) == plain)
    // Three 1×1 convolutions, with a scale and a shift for each output.
    let projections = 2 * 4 + 4 * 6 + 6 * 8 + 2 * (4 + 6 + 8)
    #expect(try parameters(.basic, .projection) == plain + projections)
  }

  /// What is asked for of the layers within is what they hand on, fused or not.
  @Test func featuresAreTheLayersOutputs() throws {
    let network = try SmallNetworks.make(
      .resNet(
        "small", .basic, blocks: [1, 1], widths: [4, 8], isLarge: false, input: [3, 16, 16])
    ).folded()
    var generator = RandomGenerator(seed: 7)
    let images = FeatureMaps(generator.normal(shape: [1, 3, 16, 16]))
    var (statistics, none): (BatchStatistics?, RandomGenerator?)
    let values = try network.features(
      images, at: ["conv1", "relu", "layer1.0", "fc"], statistics: &statistics, using: &none)
    #expect(bits(values[0].tensor.relu()) == bits(values[1].tensor))
    #expect(values[0].tensor.values.contains { $0 < 0 })
    #expect(values[2].tensor.values.allSatisfy { $0 >= 0 })
    #expect(bits(values[3].tensor) == bits(network(images.tensor)))
  }

  @Test func sameBytesWithAnyNumberOfThreads() throws {
    let network = try SmallNetworks.make(
      .resNet(
        "neck", .bottleneck, blocks: [1, 2], widths: [4, 8], input: [3, 64, 64], classes: 5))
    var generator = RandomGenerator(seed: 5)
    let images = generator.normal(shape: [4, 3, 64, 64])
    func run() -> [[UInt32]] {
      var statistics: BatchStatistics? = BatchStatistics()
      var drops: RandomGenerator? = RandomGenerator(seed: 1)
      let (_, gradients) = valueAndGradient(of: network) { network in
        let scores = network(images, statistics: &statistics, using: &drops)
        return (scores * scores).sum()
      }
      return gradients.entries.compactMap { $0.gradient.map { bits($0.tensor) } }
    }
    let single = Threads.with(1) { run() }
    let double = Threads.with(2) { run() }
    #expect(single == double)
  }
}
