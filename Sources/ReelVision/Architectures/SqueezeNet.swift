import ReelLayers

extension Architecture {
  public static let squeezeNet10 = squeezeNet(
    "squeezenet-1.0",
    features: [
      .convolution(96, kernel: 7, stride: 2), .relu,
      .maxPooling(3, stride: 2, roundsUp: true),
      fire(16, 64), fire(16, 64), fire(32, 128),
      .maxPooling(3, stride: 2, roundsUp: true),
      fire(32, 128), fire(48, 192), fire(48, 192), fire(64, 256),
      .maxPooling(3, stride: 2, roundsUp: true),
      fire(64, 256),
    ])

  public static let squeezeNet11 = squeezeNet(
    "squeezenet-1.1",
    features: [
      .convolution(64, kernel: 3, stride: 2), .relu,
      .maxPooling(3, stride: 2, roundsUp: true),
      fire(16, 64), fire(16, 64),
      .maxPooling(3, stride: 2, roundsUp: true),
      fire(32, 128), fire(32, 128),
      .maxPooling(3, stride: 2, roundsUp: true),
      fire(48, 192), fire(48, 192), fire(64, 256), fire(64, 256),
    ])

  private static func squeezeNet(
    _ name: String, features: NetworkDescription
  ) -> Architecture {
    Architecture(
      name: name, source: "Iandola et al. 2016, as in torchvision", input: [3, 224, 224],
      classes: 1000,
      layers: [
        "features": .sequence(features),
        "classifier": .sequence([
          .dropout(0.5), .convolution(.classes, kernel: 1), .relu, .globalAveragePooling,
        ]),
      ])
  }

  /// Few channels are squeezed out, and expanded by windows of 1×1 and of 3×3 side by side.
  private static func fire(_ squeezed: Int, _ expanded: Int) -> LayerDescription {
    .sequence([
      "squeeze": .convolution(.count(squeezed), kernel: 1), "squeeze_activation": .relu,
      "": .branches([
        [
          "expand1x1": .convolution(.count(expanded), kernel: 1),
          "expand1x1_activation": .relu,
        ],
        [
          "expand3x3": .convolution(.count(expanded), kernel: 3, padding: 1),
          "expand3x3_activation": .relu,
        ],
      ]),
    ])
  }
}
