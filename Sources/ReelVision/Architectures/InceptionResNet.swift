import ReelLayers

extension Architecture {
  /// Inception-ResNet v2, widths and names of the released model and its PyTorch port: 55,843,464
  /// parameters.
  public static let inceptionResNetV2 = Architecture(
    name: "inception-resnet-v2", source: "Szegedy et al. 2017, as in the released model",
    input: [3, 299, 299], classes: 1000,
    layers: [
      "conv2d_1a": .unit(32, kernel: 3, stride: 2),
      "conv2d_2a": .unit(32, kernel: 3),
      "conv2d_2b": .unit(64, kernel: 3, padding: 1),
      "maxpool_3a": .maxPooling(3, stride: 2),
      "conv2d_3b": .unit(80, kernel: 1),
      "conv2d_4a": .unit(192, kernel: 3),
      "maxpool_5a": .maxPooling(3, stride: 2),
      "mixed_5b": .branches([
        ["branch0": .unit(96, kernel: 1)],
        ["branch1": .sequence([.unit(48, kernel: 1), .unit(64, kernel: 5, padding: 2)])],
        [
          "branch2": .sequence([
            .unit(64, kernel: 1), .unit(96, kernel: 3, padding: 1),
            .unit(96, kernel: 3, padding: 1),
          ])
        ],
        [
          "branch3": .sequence([
            .averagePooling(3, stride: 1, padding: 1, countsPadding: false),
            .unit(64, kernel: 1),
          ])
        ],
      ]),
      "repeat": repeated(block35, 10),
      "mixed_6a": .branches([
        ["branch0": .unit(384, kernel: 3, stride: 2)],
        [
          "branch1": .sequence([
            .unit(256, kernel: 1), .unit(256, kernel: 3, padding: 1),
            .unit(384, kernel: 3, stride: 2),
          ])
        ],
        ["branch2": .maxPooling(3, stride: 2)],
      ]),
      "repeat_1": repeated(block17, 20),
      "mixed_7a": .branches([
        ["branch0": .sequence([.unit(256, kernel: 1), .unit(384, kernel: 3, stride: 2)])],
        ["branch1": .sequence([.unit(256, kernel: 1), .unit(288, kernel: 3, stride: 2)])],
        [
          "branch2": .sequence([
            .unit(256, kernel: 1), .unit(288, kernel: 3, padding: 1),
            .unit(320, kernel: 3, stride: 2),
          ])
        ],
        ["branch3": .maxPooling(3, stride: 2)],
      ]),
      "repeat_2": repeated(block8(scale: 0.2, then: .relu), 9),
      "block8": block8(scale: 1, then: nil),
      "conv2d_7b": .unit(1536, kernel: 1),
      "avgpool_1a": .globalAveragePooling,
      "dropout": .dropout(0.2),
      "last_linear": .linear(.classes),
    ])

  private static func repeated(_ block: LayerDescription, _ count: Int) -> LayerDescription {
    .sequence(NetworkDescription(numbered: Array(repeating: block, count: count)))
  }

  /// Branches, a 1×1 convolution without activation back to the channels that came, and the sum.
  private static func block(
    _ branches: [NetworkDescription], to channels: Int, scale: Float, then: Activation?
  ) -> LayerDescription {
    .residual(
      ["": .branches(branches), "conv2d": .convolution(.count(channels), kernel: 1)],
      scale: scale, then: then)
  }

  /// Figure 16.
  private static let block35 = block(
    [
      ["branch0": .unit(32, kernel: 1)],
      ["branch1": .sequence([.unit(32, kernel: 1), .unit(32, kernel: 3, padding: 1)])],
      [
        "branch2": .sequence([
          .unit(32, kernel: 1), .unit(48, kernel: 3, padding: 1),
          .unit(64, kernel: 3, padding: 1),
        ])
      ],
    ], to: 320, scale: 0.17, then: .relu)

  /// Figure 17.
  private static let block17 = block(
    [
      ["branch0": .unit(192, kernel: 1)],
      [
        "branch1": .sequence([
          .unit(128, kernel: 1), .unit(160, kernel: [1, 7], padding: [0, 3]),
          .unit(192, kernel: [7, 1], padding: [3, 0]),
        ])
      ],
    ], to: 1088, scale: 0.1, then: .relu)

  /// Figure 19.
  private static func block8(scale: Float, then: Activation?) -> LayerDescription {
    block(
      [
        ["branch0": .unit(192, kernel: 1)],
        [
          "branch1": .sequence([
            .unit(192, kernel: 1), .unit(224, kernel: [1, 3], padding: [0, 1]),
            .unit(256, kernel: [3, 1], padding: [1, 0]),
          ])
        ],
      ], to: 2080, scale: scale, then: then)
  }
}
