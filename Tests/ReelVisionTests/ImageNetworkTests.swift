import ReelLayers
import ReelTensor
import ReelTestSupport
import ReelVision
import Testing

extension Architecture: CustomTestStringConvertible {
  public var testDescription: String { name }
}

@Suite struct ImageNetworkTests {
  private static let small: [Architecture] = [
    .perceptron, .twoLayer, .leNet5, .leNet5Modern, .resNetCIFAR8,
    .resNet("small", .basic, blocks: [1, 1], widths: [4, 8], isLarge: false, input: [3, 16, 16]),
    .resNet("neck", .bottleneck, blocks: [1, 2], widths: [4, 8], input: [3, 32, 32], classes: 5),
    .resNet("flat", .plain, blocks: [1, 1], widths: [4, 8], input: [3, 32, 32], classes: 5),
    .uNet(
      "u", widths: [3, 4, 5], isPadded: false, input: [2, 44, 44], classes: 3),
    .uNet(
      "padded", widths: [3, 4, 5], isPadded: true, isNormalized: true, input: [2, 16, 24],
      classes: 3),
    .encoderDecoder, .encoderDecoderWithSkips,
    .recurrentLabelling("recurrent", widths: [3, 4], steps: 3, input: [2, 9, 11], classes: 4),
    .vgg("vgg", [[3], [4, 4], [5]], hidden: 7, input: [3, 16, 16], classes: 6),
    .fcn(
      .stride8, trunk: [[2, 2], [3, 3], [4], [4], [5]], hidden: 6, input: [3, 40, 50],
      classes: 3),
    .fcn(
      .stride16, trunk: [[2], [3], [4], [4], [5]], hidden: 6, input: [3, 33, 47], classes: 3),
    .fcn(
      .stride32, trunk: [[2], [3], [4], [4], [5]], hidden: 6, input: [3, 30, 30], classes: 3),
  ]

  private static func network(_ architecture: Architecture) throws -> ImageNetwork {
    var generator = RandomGenerator(seed: 3)
    var network = try ImageNetwork(architecture, using: &generator)
    // Moving statistics of their own, so that folding has something to fold.
    network.updateBuffers { path, buffer in
      if path.hasSuffix("running_var") {
        buffer = generator.uniform(shape: buffer.shape, in: 0.5...2)
      } else if path.hasSuffix("running_mean") {
        buffer = generator.normal(shape: buffer.shape, deviation: 0.3)
      }
    }
    network.updateParameters { path, parameter in
      if parameter.shape.count == 1 {
        parameter = parameter + generator.normal(shape: parameter.shape, deviation: 0.2)
      }
    }
    return network
  }

  @Test(arguments: small)
  func shapesAndFolding(architecture: Architecture) throws {
    let network = try Self.network(architecture)
    let table = try network.table
    #expect(network.parameterCount == table.parameters)
    var generator = RandomGenerator(seed: 5)
    let images = generator.normal(shape: [2] + architecture.input)
    let scores = network(images)
    #expect(scores.shape == [2] + table.output)
    let folded = network.folded()
    #expect(
      difference(
        folded(images), DoubleTensor(scores), tolerance: 3e-5, what: "folded") == nil)
    #expect(folded.buffers.allSatisfy { !$0.path.hasSuffix("running_mean") })
    // An empty batch.
    #expect(network(Tensor(zeros: [0] + architecture.input)).shape == [0] + table.output)
  }

  @Test(arguments: small)
  func visiting(architecture: Architecture) throws {
    #expect(visitingProblems(of: try Self.network(architecture)) == [])
  }
}
