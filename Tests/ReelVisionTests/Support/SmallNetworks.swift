import ReelLayers
import ReelTensor
import ReelVision
import Testing

extension Architecture: CustomTestStringConvertible {
  public var testDescription: String { name }
}

/// Networks that a test computes in no time, one of each kind.
enum SmallNetworks {
  static let all: [Architecture] = [
    .perceptron, .twoLayer, .leNet5, .leNet5Modern, .resNetCIFAR8,
    .resNet("small", .basic, blocks: [1, 1], widths: [4, 8], isLarge: false, input: [3, 16, 16]),
    .resNet("neck", .bottleneck, blocks: [1, 2], widths: [4, 8], input: [3, 32, 32], classes: 5),
    .resNet("flat", .plain, blocks: [1, 1], widths: [4, 8], input: [3, 32, 32], classes: 5),
    .resNet(
      "pads", .bottleneck, blocks: [1, 2], widths: [2, 3], isLarge: false, shortcut: .padding,
      input: [3, 12, 12], classes: 5),
    .uNet("u", widths: [3, 4, 5], isPadded: false, input: [2, 44, 44], classes: 3),
    .uNet(
      "padded", widths: [3, 4, 5], isPadded: true, isNormalized: true, input: [2, 16, 24],
      classes: 3),
    .encoderDecoder, .encoderDecoderWithSkips,
    .recurrentLabelling("recurrent", widths: [3, 4], steps: 3, input: [2, 9, 11], classes: 4),
    .vgg("vgg", [[3], [4, 4], [5]], hidden: 7, input: [3, 16, 16], classes: 6),
    .fcn(
      .stride8, trunk: [[2, 2], [3, 3], [4], [4], [5]], hidden: 6, input: [3, 40, 50],
      classes: 3),
    .fcn(.stride16, trunk: [[2], [3], [4], [4], [5]], hidden: 6, input: [3, 33, 47], classes: 3),
    .fcn(.stride32, trunk: [[2], [3], [4], [4], [5]], hidden: 6, input: [3, 30, 30], classes: 3),
    various,
  ]

  /// Layers that no published architecture here has.
  static let various = Architecture(
    name: "various", source: "", input: [3, 12, 10], classes: 4,
    layers: [
      "conv1": .convolution(6, kernel: 3, padding: 1, groups: 3), "slope1": .parametricReLU(),
      "up": .upsampling(scale: 2, by: .bicubic), "drop": .spatialDropout(0.2),
      "pool": .averagePooling(3, stride: 2, padding: 1, roundsUp: true, countsPadding: false),
      "keep": .save("early"),
      "conv2": .convolution(8, kernel: 3, stride: 2, padding: 2, dilation: 2),
      "slope2": .parametricReLU(perChannel: false),
      "norm": .localResponseNorm(size: 3, alpha: 0.1, beta: 0.5, k: 1),
      "adaptive": .adaptiveAveragePooling([4, 3]), "soft": .activation(.softplus),
      "near": .upsampling(scale: 4, by: .nearest),
      "cut": .crop(toSizeOf: "early"),
      "join": .join("early", crop: .center, by: .concatenation),
      "flatten": .flatten, "fc1": .linear(5, bias: false), "bn": .batchNorm(),
      "elu": .activation(.elu(alpha: 1)), "fc2": .linear(.classes),
    ])

  /// Random weights, and moving statistics and biases that are not those of the beginning.
  static func make(_ architecture: Architecture, seed: UInt64 = 3) throws -> ImageNetwork {
    var generator = RandomGenerator(seed: seed)
    var network = try ImageNetwork(architecture, using: &generator)
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
}
