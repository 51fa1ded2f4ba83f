import ReelLayers

extension Architecture {
  /// Inception v4, with the names of its public PyTorch port: 42,679,816 parameters.
  public static let inceptionV4 = Architecture(
    name: "inception-v4", source: "Szegedy et al. 2017, figures 3 to 9", input: [3, 299, 299],
    classes: 1000,
    layers: [
      "features": .sequence(NetworkDescription(numbered: stem + grids)),
      "avg_pool": .globalAveragePooling,
      "dropout": .dropout(0.2),
      "last_linear": .linear(.classes),
    ])

  /// Figure 3.
  private static let stem: [LayerDescription] = [
    .unit(32, kernel: 3, stride: 2),
    .unit(32, kernel: 3),
    .unit(64, kernel: 3, padding: 1),
    .branches([
      ["maxpool": .maxPooling(3, stride: 2)],
      ["conv": .unit(96, kernel: 3, stride: 2)],
    ]),
    .branches([
      ["branch0": .sequence([.unit(64, kernel: 1), .unit(96, kernel: 3)])],
      [
        "branch1": .sequence([
          .unit(64, kernel: 1), .unit(64, kernel: [1, 7], padding: [0, 3]),
          .unit(64, kernel: [7, 1], padding: [3, 0]), .unit(96, kernel: 3),
        ])
      ],
    ]),
    .branches([
      ["conv": .unit(192, kernel: 3, stride: 2)],
      ["maxpool": .maxPooling(3, stride: 2)],
    ]),
  ]

  private static let grids: [LayerDescription] =
    Array(repeating: grid35, count: 4) + [reduction35]
    + Array(repeating: grid17, count: 7) + [reduction17]
    + Array(repeating: grid8, count: 3)

  private static let average = LayerDescription.averagePooling(
    3, stride: 1, padding: 1, countsPadding: false)

  /// Figure 4.
  private static let grid35 = LayerDescription.branches([
    ["branch0": .unit(96, kernel: 1)],
    ["branch1": .sequence([.unit(64, kernel: 1), .unit(96, kernel: 3, padding: 1)])],
    [
      "branch2": .sequence([
        .unit(64, kernel: 1), .unit(96, kernel: 3, padding: 1), .unit(96, kernel: 3, padding: 1),
      ])
    ],
    ["branch3": .sequence([average, .unit(96, kernel: 1)])],
  ])

  /// Figure 7.
  private static let reduction35 = LayerDescription.branches([
    ["branch0": .unit(384, kernel: 3, stride: 2)],
    [
      "branch1": .sequence([
        .unit(192, kernel: 1), .unit(224, kernel: 3, padding: 1),
        .unit(256, kernel: 3, stride: 2),
      ])
    ],
    ["branch2": .maxPooling(3, stride: 2)],
  ])

  /// Figure 5.
  private static let grid17 = LayerDescription.branches([
    ["branch0": .unit(384, kernel: 1)],
    [
      "branch1": .sequence([
        .unit(192, kernel: 1), .unit(224, kernel: [1, 7], padding: [0, 3]),
        .unit(256, kernel: [7, 1], padding: [3, 0]),
      ])
    ],
    [
      "branch2": .sequence([
        .unit(192, kernel: 1), .unit(192, kernel: [7, 1], padding: [3, 0]),
        .unit(224, kernel: [1, 7], padding: [0, 3]), .unit(224, kernel: [7, 1], padding: [3, 0]),
        .unit(256, kernel: [1, 7], padding: [0, 3]),
      ])
    ],
    ["branch3": .sequence([average, .unit(128, kernel: 1)])],
  ])

  /// Figure 8.
  private static let reduction17 = LayerDescription.branches([
    ["branch0": .sequence([.unit(192, kernel: 1), .unit(192, kernel: 3, stride: 2)])],
    [
      "branch1": .sequence([
        .unit(256, kernel: 1), .unit(256, kernel: [1, 7], padding: [0, 3]),
        .unit(320, kernel: [7, 1], padding: [3, 0]), .unit(320, kernel: 3, stride: 2),
      ])
    ],
    ["branch2": .maxPooling(3, stride: 2)],
  ])

  /// Figure 6.
  private static let grid8 = LayerDescription.branches([
    ["branch0": .unit(256, kernel: 1)],
    [
      "branch1_0": .unit(384, kernel: 1),
      "": .branches([
        ["branch1_1a": .unit(256, kernel: [1, 3], padding: [0, 1])],
        ["branch1_1b": .unit(256, kernel: [3, 1], padding: [1, 0])],
      ]),
    ],
    [
      "branch2_0": .unit(384, kernel: 1),
      "branch2_1": .unit(448, kernel: [3, 1], padding: [1, 0]),
      "branch2_2": .unit(512, kernel: [1, 3], padding: [0, 1]),
      "": .branches([
        ["branch2_3a": .unit(256, kernel: [1, 3], padding: [0, 1])],
        ["branch2_3b": .unit(256, kernel: [3, 1], padding: [1, 0])],
      ]),
    ],
    ["branch3": .sequence([average, .unit(256, kernel: 1)])],
  ])
}
