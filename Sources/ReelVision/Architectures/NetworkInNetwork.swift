import ReelLayers

extension Architecture {
  /// Network in Network for CIFAR-10, with the widths of its authors' model: 966,986 parameters.
  public static let networkInNetwork = Architecture(
    name: "nin", source: "Lin, Chen and Yan 2014, the authors' CIFAR-10 model",
    input: [3, 32, 32], classes: 10,
    layers: [
      "conv1": .convolution(192, kernel: 5, padding: 2), "relu1": .relu,
      "cccp1": .convolution(160, kernel: 1), "relu_cccp1": .relu,
      "cccp2": .convolution(96, kernel: 1), "relu_cccp2": .relu,
      "pool1": .maxPooling(3, stride: 2, roundsUp: true), "drop1": .dropout(0.5),
      "conv2": .convolution(192, kernel: 5, padding: 2), "relu2": .relu,
      "cccp3": .convolution(192, kernel: 1), "relu_cccp3": .relu,
      "cccp4": .convolution(192, kernel: 1), "relu_cccp4": .relu,
      "pool2": .averagePooling(3, stride: 2, roundsUp: true), "drop2": .dropout(0.5),
      "conv3": .convolution(192, kernel: 3, padding: 1), "relu3": .relu,
      "cccp5": .convolution(192, kernel: 1), "relu_cccp5": .relu,
      "cccp6": .convolution(.classes, kernel: 1), "relu_cccp6": .relu,
      "pool3": .globalAveragePooling,
    ])

  /// Network in Network for ImageNet, the authors' model.
  public static let networkInNetworkImageNet = Architecture(
    name: "nin-imagenet", source: "Lin, Chen and Yan 2014, the authors' ImageNet model",
    input: [3, 224, 224], classes: 1000,
    layers: mlpConvolution(1, [96, 96, 96], kernel: 11, stride: 4)
      + ["pool0": .maxPooling(3, stride: 2)]
      + mlpConvolution(2, [256, 256, 256], kernel: 5, padding: 2)
      + ["pool2": .maxPooling(3, stride: 2)]
      + mlpConvolution(3, [384, 384, 384], kernel: 3, padding: 1)
      + ["pool3": .maxPooling(3, stride: 2), "drop": .dropout(0.5)]
      + mlpConvolution(4, [1024, 1024, .classes], kernel: 3, padding: 1)
      + ["pool4": .globalAveragePooling])

  /// A convolution and two of one position each: a small network that slides.
  private static func mlpConvolution(
    _ number: Int, _ widths: [Width], kernel: Extent, stride: Extent = 1, padding: Extent = 0
  ) -> NetworkDescription {
    [
      "conv\(number)": .convolution(widths[0], kernel: kernel, stride: stride, padding: padding),
      "relu\(number)": .relu,
      "cccp\(2 * number - 1)": .convolution(widths[1], kernel: 1),
      "relu_cccp\(2 * number - 1)": .relu,
      "cccp\(2 * number)": .convolution(widths[2], kernel: 1),
      "relu_cccp\(2 * number)": .relu,
    ]
  }

  /// All-CNN-C: no pooling, convolutions with stride 2 in its place. 1,369,738 parameters.
  public static let allConvolutional = Architecture(
    name: "all-cnn", source: "Springenberg et al. 2015, All-CNN-C", input: [3, 32, 32],
    classes: 10,
    layers: [
      "drop0": .dropout(0.2),
      "conv1": .convolution(96, kernel: 3, padding: 1), "relu1": .relu,
      "conv2": .convolution(96, kernel: 3, padding: 1), "relu2": .relu,
      "conv3": .convolution(96, kernel: 3, stride: 2, padding: 1), "relu3": .relu,
      "drop3": .dropout(0.5),
      "conv4": .convolution(192, kernel: 3, padding: 1), "relu4": .relu,
      "conv5": .convolution(192, kernel: 3, padding: 1), "relu5": .relu,
      "conv6": .convolution(192, kernel: 3, stride: 2, padding: 1), "relu6": .relu,
      "drop6": .dropout(0.5),
      "conv7": .convolution(192, kernel: 3), "relu7": .relu,
      "conv8": .convolution(192, kernel: 1), "relu8": .relu,
      "class_conv": .convolution(.classes, kernel: 1), "relu9": .relu,
      "pool": .globalAveragePooling,
    ])
}
