import Foundation
import ReelFormats
import ReelLayers
import ReelTensor
import ReelTraining
import ReelVision
import Testing

/// The code of `Guides/Vision.md`.
@Suite struct VisionGuideTests {
  @Test func whatIsThere() throws {
    #expect(Architecture.all.count == 47)
    let table = try LayerTable(.named("resnet-50"), input: [3, 288, 288], classes: 10)
    #expect(table.parameters == 23_528_522 && table.multiplyAdds == 6_756_306_944)
    #expect(table.output == [10])
  }

  @Test func ownNetwork() throws {
    func block(_ width: Width) -> LayerDescription {
      .residual(
        [
          "conv1": .convolution(width, kernel: 3, padding: 1, bias: false), "bn1": .batchNorm(),
          "relu": .relu,
          "conv2": .convolution(width, kernel: 3, padding: 1, bias: false), "bn2": .batchNorm(),
        ])
    }
    let small = Architecture(
      name: "small", source: "this guide", input: [1, 28, 28], classes: 10,
      layers: [
        "stem": .sequence([.convolution(16, kernel: 3, stride: 2, padding: 1), .relu]),
        "blocks": .sequence([block(16), block(16)]),
        "pool": .globalAveragePooling, "fc": .linear(.classes),
      ])

    var generator = RandomGenerator(seed: 1)
    var drops: RandomGenerator? = RandomGenerator(seed: 2)
    var network = try ImageNetwork(small, using: &generator)
    var optimizer = Adam(learningRate: 0.01)
    let images = generator.normal(shape: [20, 1, 28, 28])
    let classes = (0..<20).map { Int32($0 % 10) }
    var losses: [Float] = []
    for _ in 0..<10 {
      var statistics: BatchStatistics? = BatchStatistics()
      let (loss, gradients) = valueAndGradient(of: network) { network in
        crossEntropy(network(images, statistics: &statistics, using: &drops), classes)
      }
      optimizer.update(&network, with: gradients)
      network.update(with: statistics)
      losses.append(loss.scalar)
    }
    #expect(losses[9] < losses[0])
    let scores = network(images)
    #expect(scores.shape == [20, 10])
    let fast = network.folded()
    #expect(zip(fast(images).values, scores.values).allSatisfy { abs($0 - $1) < 1e-3 })
    #expect(
      throws: NetworkError(
        "images of shape [3, 28, 28] for small: 1 channels, height and width expected")
    ) { try network.check([3, 28, 28]) }

    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "vision-guide-\(UUID().uuidString).safetensors"
    ).path(percentEncoded: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    var file = NamedTensors()
    for (name, tensor) in network.savedTensors { file.append(name, tensor) }
    try Safetensors.write(file, to: path)
    try network.load(Safetensors.read(path).tensors)

    var other = try network.replacingHead(classes: 3, using: &generator)
    try other.freeze(["stem", "blocks.0"])
    #expect(other(images).shape == [20, 3])
  }

  @Test func largerImages() throws {
    var generator = RandomGenerator(seed: 1)
    let vgg = Architecture.vgg(
      "vgg", [[4], [8]], hidden: 16, input: [3, 32, 32], classes: 5)
    let trained = try ImageNetwork(vgg, using: &generator)
    var wide = try ImageNetwork(vgg.fullyConvolutional(), using: &generator)
    wide.takeParameters(from: trained)
    #expect(wide(Tensor(zeros: [1, 3, 32, 32])).shape == [1, 5, 1, 1])
    #expect(wide(Tensor(zeros: [1, 3, 48, 64])).shape == [1, 5, 5, 9])
    var deep = try ImageNetwork(.resNetCIFAR(depth: 110), using: &generator)
    deep.recomputedBlocks = 6
  }
}
