import ReelLayers

extension Architecture {
  /// LeNet-5 as published: C3 sees a part of S2 by the table, subsampling has trained coefficients,
  /// and the output is the distance from fixed codes. 60,000 trained parameters at 32×32. Images of
  /// 28×28 get zeros around.
  public static let leNet5 = Architecture(
    name: "lenet-5", source: "LeCun, Bottou, Bengio and Haffner 1998", input: [1, 32, 32],
    classes: 10, initialization: .lecunNormal,
    layers: [
      "pad": .padding(to: 32),
      "c1": .convolution(6, kernel: 5),
      "s2": .subsampling(2),
      "squash2": .activation(.scaledTanh),
      "c3": .tableConvolution(kernel: 5, connections: leNetConnections),
      "s4": .subsampling(2),
      "squash4": .activation(.scaledTanh),
      "c5": .convolution(120, kernel: 5),
      "squash5": .activation(.scaledTanh),
      "flatten": .flatten,
      "f6": .linear(84),
      "squash6": .activation(.scaledTanh),
      "output": .radialBasis(.classes),
    ])

  /// The same sizes with what came later: ReLU, max pooling, all connections, an affine output.
  public static let leNet5Modern = Architecture(
    name: "lenet-5-modern", source: "the sizes of LeCun et al. 1998", input: [1, 32, 32],
    classes: 10,
    layers: [
      "pad": .padding(to: 32),
      "conv1": .convolution(6, kernel: 5), "relu1": .relu, "pool1": .maxPooling(2),
      "conv2": .convolution(16, kernel: 5), "relu2": .relu, "pool2": .maxPooling(2),
      "flatten": .flatten,
      "fc1": .linear(120), "relu3": .relu,
      "fc2": .linear(84), "relu4": .relu,
      "fc3": .linear(.classes),
    ])

  /// Table I of LeCun et al. 1998: which of the 6 maps of S2 each of the 16 maps of C3 sees. 60
  /// connections.
  static let leNetConnections: [[Bool]] = [
    [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5],
    [0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5], [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5],
    [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5],
    [0, 1, 2, 3, 4, 5],
  ].map { seen in (0..<6).map { seen.contains($0) } }
}
