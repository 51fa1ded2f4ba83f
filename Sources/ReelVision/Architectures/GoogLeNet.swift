import ReelLayers

extension Architecture {
  /// GoogLeNet as published, with local response normalization and two auxiliary classifiers:
  /// 6,998,552 parameters, 13,378,280 with the auxiliary ones (the counts of Caffe's
  /// `bvlc_googlenet`).
  public static let googLeNet = Architecture(
    name: "googlenet", source: "Szegedy et al. 2015, table 1", input: [3, 224, 224],
    classes: 1000,
    layers: [
      "conv1": .plainUnit(64, kernel: 7, stride: 2, padding: 3),
      "maxpool1": .maxPooling(3, stride: 2, roundsUp: true),
      "norm1": .localResponseNorm(k: 1),
      "conv2": .plainUnit(64, kernel: 1),
      "conv3": .plainUnit(192, kernel: 3, padding: 1),
      "norm2": .localResponseNorm(k: 1),
      "maxpool2": .maxPooling(3, stride: 2, roundsUp: true),
    ] + modules(unit: LayerDescription.plainUnit, third: 5, first: plainAuxiliary))

  /// GoogLeNet as torchvision has it: batch normalization in every unit, and windows of 3×3 where
  /// the paper has 5×5. 6,624,904 parameters, 13,004,888 with the auxiliary ones.
  public static let googLeNetNormalized = Architecture(
    name: "googlenet-torchvision", source: "Szegedy et al. 2015, as in torchvision",
    input: [3, 224, 224], classes: 1000,
    layers: [
      "conv1": .unit(64, kernel: 7, stride: 2, padding: 3),
      "maxpool1": .maxPooling(3, stride: 2, roundsUp: true),
      "conv2": .unit(64, kernel: 1),
      "conv3": .unit(192, kernel: 3, padding: 1),
      "maxpool2": .maxPooling(3, stride: 2, roundsUp: true),
    ]
      + modules(
        unit: LayerDescription.unit, third: 3, lastPooling: 2, first: normalizedAuxiliary))

  /// Width, window, stride and padding to a unit.
  package typealias Unit = (Int, Extent, Extent, Extent) -> LayerDescription

  /// Table 1 from inception (3a) on. The six numbers are its columns: #1×1, #3×3 reduce, #3×3,
  /// #5×5 reduce, #5×5, pool proj.
  private static func modules(
    unit: Unit, third: Int, lastPooling: Extent = 3, first auxiliary: LayerDescription
  ) -> NetworkDescription {
    func inception(_ widths: Int...) -> LayerDescription {
      self.inception(widths, third: third, unit: unit)
    }
    return [
      "inception3a": inception(64, 96, 128, 16, 32, 32),
      "inception3b": inception(128, 128, 192, 32, 96, 64),
      "maxpool3": .maxPooling(3, stride: 2, roundsUp: true),
      "inception4a": inception(192, 96, 208, 16, 48, 64),
      "aux1": auxiliary,
      "inception4b": inception(160, 112, 224, 24, 64, 64),
      "inception4c": inception(128, 128, 256, 24, 64, 64),
      "inception4d": inception(112, 144, 288, 32, 64, 64),
      "aux2": auxiliary,
      "inception4e": inception(256, 160, 320, 32, 128, 128),
      "maxpool4": .maxPooling(lastPooling, stride: 2, roundsUp: true),
      "inception5a": inception(256, 160, 320, 32, 128, 128),
      "inception5b": inception(384, 192, 384, 48, 128, 128),
      "avgpool": .globalAveragePooling,
      "dropout": .dropout(third == 5 ? 0.4 : 0.2),
      "fc": .linear(.classes),
    ]
  }

  /// The inception module of figure 2b.
  ///
  /// - Parameters:
  ///   - widths: #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5, pool proj.
  ///   - third: the window of the third branch.
  package static func inception(_ widths: [Int], third: Int, unit: Unit) -> LayerDescription {
    let window = Extent(third, third)
    let around = Extent(third / 2, third / 2)
    return .sequence([
      "": .branches([
        ["branch1": unit(widths[0], 1, 1, 0)],
        ["branch2": .sequence([unit(widths[1], 1, 1, 0), unit(widths[2], 3, 1, 1)])],
        ["branch3": .sequence([unit(widths[3], 1, 1, 0), unit(widths[4], window, 1, around)])],
        [
          "branch4": .sequence([
            .maxPooling(3, stride: 1, padding: 1, roundsUp: true), unit(widths[5], 1, 1, 0),
          ])
        ],
      ])
    ])
  }

  private static let plainAuxiliary = LayerDescription.auxiliary([
    "pool": .averagePooling(5, stride: 3, roundsUp: true),
    "conv": .plainUnit(128, kernel: 1),
    "flatten": .flatten,
    "fc1": .linear(1024), "relu": .relu, "dropout": .dropout(0.7), "fc2": .linear(.classes),
  ])

  private static let normalizedAuxiliary = LayerDescription.auxiliary([
    "pool": .adaptiveAveragePooling(4),
    "conv": .unit(128, kernel: 1),
    "flatten": .flatten,
    "fc1": .linear(1024), "relu": .relu, "dropout": .dropout(0.7), "fc2": .linear(.classes),
  ])
}
