import ReelLayers

extension Architecture {
  /// AlexNet on one device, without the groups of the original: 62,378,344 parameters.
  public static let alexNet = alexNet(
    name: "alexnet", groups: 1,
    source: "Krizhevsky, Sutskever and Hinton 2012, one column without groups")

  /// AlexNet as published, on two devices that see each other's maps only in layers 3, 6, 7 and 8:
  /// groups in layers 2, 4 and 5, 60,965,224 parameters.
  public static let alexNetGrouped = alexNet(
    name: "alexnet-grouped", groups: 2,
    source: "Krizhevsky, Sutskever and Hinton 2012, groups as published")

  /// The later, narrower version that torchvision has: 61,100,840 parameters.
  public static let alexNetTorchvision = Architecture(
    name: "alexnet-torchvision", source: "Krizhevsky 2014, as in torchvision",
    input: [3, 224, 224], classes: 1000,
    layers: [
      "features": .sequence([
        .convolution(64, kernel: 11, stride: 4, padding: 2), .relu, .maxPooling(3, stride: 2),
        .convolution(192, kernel: 5, padding: 2), .relu, .maxPooling(3, stride: 2),
        .convolution(384, kernel: 3, padding: 1), .relu,
        .convolution(256, kernel: 3, padding: 1), .relu,
        .convolution(256, kernel: 3, padding: 1), .relu, .maxPooling(3, stride: 2),
      ]),
      "avgpool": .adaptiveAveragePooling(6),
      "flatten": .flatten,
      "classifier": .sequence([
        .dropout(0.5), .linear(4096), .relu, .dropout(0.5), .linear(4096), .relu,
        .linear(.classes),
      ]),
    ])

  /// AlexNet with a smaller first window and stride (figure 3 of the paper): 62,357,608 parameters.
  public static let zfNet = Architecture(
    name: "zfnet", source: "Zeiler and Fergus 2014", input: [3, 224, 224], classes: 1000,
    layers: [
      "features": .sequence([
        .convolution(96, kernel: 7, stride: 2, padding: 1), .relu,
        .maxPooling(3, stride: 2, padding: 1), .localResponseNorm(),
        .convolution(256, kernel: 5, stride: 2), .relu,
        .maxPooling(3, stride: 2, padding: 1), .localResponseNorm(),
        .convolution(384, kernel: 3, padding: 1), .relu,
        .convolution(384, kernel: 3, padding: 1), .relu,
        .convolution(256, kernel: 3, padding: 1), .relu, .maxPooling(3, stride: 2),
      ]),
      "flatten": .flatten,
      "classifier": fullyConnected,
    ])

  private static func alexNet(name: String, groups: Int, source: String) -> Architecture {
    Architecture(
      name: name, source: source, input: [3, 227, 227], classes: 1000,
      layers: [
        "features": .sequence([
          .convolution(96, kernel: 11, stride: 4), .relu,
          .localResponseNorm(), .maxPooling(3, stride: 2),
          .convolution(256, kernel: 5, padding: 2, groups: groups), .relu,
          .localResponseNorm(), .maxPooling(3, stride: 2),
          .convolution(384, kernel: 3, padding: 1), .relu,
          .convolution(384, kernel: 3, padding: 1, groups: groups), .relu,
          .convolution(256, kernel: 3, padding: 1, groups: groups), .relu,
          .maxPooling(3, stride: 2),
        ]),
        "flatten": .flatten,
        "classifier": fullyConnected,
      ])
  }

  /// Layers 6 to 8.
  private static let fullyConnected = LayerDescription.sequence([
    .linear(4096), .relu, .dropout(0.5), .linear(4096), .relu, .dropout(0.5), .linear(.classes),
  ])
}
