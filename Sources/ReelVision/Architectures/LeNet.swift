import ReelLayers

extension Architecture {
  /// LeNet-5 as published: C3 sees a part of S2 by the table, subsampling has trained coefficients,
  /// every layer up to F6 is squashed, and the output is the distance from fixed codes. 60,000 trained
  /// parameters at 32×32. Images of 28×28 get zeros around. Weights begin normal with variance
  /// 1/fan in, as LeCun, Bottou, Orr and Müller advise in the same year; the paper's own smaller ones
  /// need its second-order steps.
  public static let leNet5 = Architecture(
    name: "lenet-5", source: "LeCun, Bottou, Bengio and Haffner 1998", input: [1, 32, 32],
    classes: 10, initialization: .lecunNormal,
    layers: [
      "pad": .padding(to: 32),
      "c1": .convolution(6, kernel: 5),
      "squash1": .activation(.scaledTanh),
      "s2": .subsampling(2),
      "squash2": .activation(.scaledTanh),
      "c3": .tableConvolution(.leNetC3, kernel: 5),
      "squash3": .activation(.scaledTanh),
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
}
