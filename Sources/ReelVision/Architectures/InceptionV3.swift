import ReelLayers

extension Architecture {
  /// Inception v3 with its auxiliary classifier, names as in torchvision: 23,834,568 parameters,
  /// 27,161,264 with the auxiliary ones.
  public static let inceptionV3 = Architecture(
    name: "inception-v3", source: "Szegedy et al. 2016, as in torchvision",
    input: [3, 299, 299], classes: 1000,
    layers: [
      "Conv2d_1a_3x3": .unit(32, kernel: 3, stride: 2),
      "Conv2d_2a_3x3": .unit(32, kernel: 3),
      "Conv2d_2b_3x3": .unit(64, kernel: 3, padding: 1),
      "maxpool1": .maxPooling(3, stride: 2),
      "Conv2d_3b_1x1": .unit(80, kernel: 1),
      "Conv2d_4a_3x3": .unit(192, kernel: 3),
      "maxpool2": .maxPooling(3, stride: 2),
      "Mixed_5b": module35(pooled: 32),
      "Mixed_5c": module35(pooled: 64),
      "Mixed_5d": module35(pooled: 64),
      "Mixed_6a": reduction35,
      "Mixed_6b": module17(128),
      "Mixed_6c": module17(160),
      "Mixed_6d": module17(160),
      "Mixed_6e": module17(192),
      "AuxLogits": .auxiliary([
        "pool": .averagePooling(5, stride: 3),
        "conv0": .unit(128, kernel: 1),
        "conv1": .unit(768, kernel: 5),
        "avgpool": .globalAveragePooling,
        "fc": .linear(.classes),
      ]),
      "Mixed_7a": reduction17,
      "Mixed_7b": module8,
      "Mixed_7c": module8,
      "avgpool": .globalAveragePooling,
      "dropout": .dropout(0.5),
      "fc": .linear(.classes),
    ])

  /// Figure 5: 5×5 windows as two of 3×3, at 35×35.
  private static func module35(pooled: Int) -> LayerDescription {
    .sequence([
      "": .branches([
        ["branch1x1": .unit(64, kernel: 1)],
        [
          "branch5x5_1": .unit(48, kernel: 1),
          "branch5x5_2": .unit(64, kernel: 5, padding: 2),
        ],
        [
          "branch3x3dbl_1": .unit(64, kernel: 1),
          "branch3x3dbl_2": .unit(96, kernel: 3, padding: 1),
          "branch3x3dbl_3": .unit(96, kernel: 3, padding: 1),
        ],
        [
          "pool": .averagePooling(3, stride: 1, padding: 1),
          "branch_pool": .unit(pooled, kernel: 1),
        ],
      ])
    ])
  }

  /// Figure 10: from 35×35 to 17×17.
  private static let reduction35 = LayerDescription.sequence([
    "": .branches([
      ["branch3x3": .unit(384, kernel: 3, stride: 2)],
      [
        "branch3x3dbl_1": .unit(64, kernel: 1),
        "branch3x3dbl_2": .unit(96, kernel: 3, padding: 1),
        "branch3x3dbl_3": .unit(96, kernel: 3, stride: 2),
      ],
      ["pool": .maxPooling(3, stride: 2)],
    ])
  ])

  /// Figure 6: windows of 7×7 as rows and columns, at 17×17.
  private static func module17(_ width: Int) -> LayerDescription {
    .sequence([
      "": .branches([
        ["branch1x1": .unit(192, kernel: 1)],
        [
          "branch7x7_1": .unit(width, kernel: 1),
          "branch7x7_2": .unit(width, kernel: [1, 7], padding: [0, 3]),
          "branch7x7_3": .unit(192, kernel: [7, 1], padding: [3, 0]),
        ],
        [
          "branch7x7dbl_1": .unit(width, kernel: 1),
          "branch7x7dbl_2": .unit(width, kernel: [7, 1], padding: [3, 0]),
          "branch7x7dbl_3": .unit(width, kernel: [1, 7], padding: [0, 3]),
          "branch7x7dbl_4": .unit(width, kernel: [7, 1], padding: [3, 0]),
          "branch7x7dbl_5": .unit(192, kernel: [1, 7], padding: [0, 3]),
        ],
        [
          "pool": .averagePooling(3, stride: 1, padding: 1),
          "branch_pool": .unit(192, kernel: 1),
        ],
      ])
    ])
  }

  /// From 17×17 to 8×8.
  private static let reduction17 = LayerDescription.sequence([
    "": .branches([
      [
        "branch3x3_1": .unit(192, kernel: 1),
        "branch3x3_2": .unit(320, kernel: 3, stride: 2),
      ],
      [
        "branch7x7x3_1": .unit(192, kernel: 1),
        "branch7x7x3_2": .unit(192, kernel: [1, 7], padding: [0, 3]),
        "branch7x7x3_3": .unit(192, kernel: [7, 1], padding: [3, 0]),
        "branch7x7x3_4": .unit(192, kernel: 3, stride: 2),
      ],
      ["pool": .maxPooling(3, stride: 2)],
    ])
  ])

  /// Figure 7: rows and columns side by side, at 8×8.
  private static let module8 = LayerDescription.sequence([
    "": .branches([
      ["branch1x1": .unit(320, kernel: 1)],
      [
        "branch3x3_1": .unit(384, kernel: 1),
        "": .branches([
          ["branch3x3_2a": .unit(384, kernel: [1, 3], padding: [0, 1])],
          ["branch3x3_2b": .unit(384, kernel: [3, 1], padding: [1, 0])],
        ]),
      ],
      [
        "branch3x3dbl_1": .unit(448, kernel: 1),
        "branch3x3dbl_2": .unit(384, kernel: 3, padding: 1),
        "": .branches([
          ["branch3x3dbl_3a": .unit(384, kernel: [1, 3], padding: [0, 1])],
          ["branch3x3dbl_3b": .unit(384, kernel: [3, 1], padding: [1, 0])],
        ]),
      ],
      [
        "pool": .averagePooling(3, stride: 1, padding: 1),
        "branch_pool": .unit(192, kernel: 1),
      ],
    ])
  ])
}
