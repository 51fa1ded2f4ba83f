import ReelLayers

extension Architecture {
  public static let vgg11 = vgg("vgg-11", [[64], [128], [256, 256], [512, 512], [512, 512]])
  public static let vgg13 = vgg(
    "vgg-13", [[64, 64], [128, 128], [256, 256], [512, 512], [512, 512]])
  public static let vgg16 = vgg("vgg-16", vgg16Widths)
  public static let vgg19 = vgg(
    "vgg-19",
    [
      [64, 64], [128, 128], [256, 256, 256, 256], [512, 512, 512, 512], [512, 512, 512, 512],
    ])

  public static let vgg11Normalized = normalized(vgg11)
  public static let vgg13Normalized = normalized(vgg13)
  public static let vgg16Normalized = normalized(vgg16)
  public static let vgg19Normalized = normalized(vgg19)

  static let vgg16Widths = [
    [64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512],
  ]

  /// Stages of 3×3 convolutions, each ended by pooling, then three affine maps; names as in
  /// torchvision.
  ///
  /// - Parameters:
  ///   - widths: the channels of each convolution, stage by stage.
  ///   - hidden: the width of the first two affine maps.
  public static func vgg(
    _ name: String, _ widths: [[Int]], hidden: Int = 4096, input: [Int] = [3, 224, 224],
    classes: Int = 1000
  ) -> Architecture {
    Architecture(
      name: name, source: "Simonyan and Zisserman 2015", input: input, classes: classes,
      layers: [
        "features": .sequence(NetworkDescription(numbered: vggFeatures(widths))),
        "flatten": .flatten,
        "classifier": .sequence([
          .linear(.count(hidden)), .relu, .dropout(0.5),
          .linear(.count(hidden)), .relu, .dropout(0.5),
          .linear(.classes),
        ]),
      ])
  }

  static func vggFeatures(_ widths: [[Int]]) -> [LayerDescription] {
    widths.flatMap { stage -> [LayerDescription] in
      stage.flatMap { [.convolution(.count($0), kernel: 3, padding: 1), .relu] }
        + [.maxPooling(2)]
    }
  }

  /// The same with a batch normalization after each convolution.
  private static func normalized(_ plain: Architecture) -> Architecture {
    var result = plain
    result.name += "-bn"
    result.source += ", with batch normalization as in torchvision"
    guard case .sequence(let features) = plain.layers.entries[0].layer else { return plain }
    let layers = features.entries.flatMap { entry -> [LayerDescription] in
      if case .convolution = entry.layer { return [entry.layer, .batchNorm()] }
      return [entry.layer]
    }
    result.layers.entries[0].layer = .sequence(NetworkDescription(numbered: layers))
    return result
  }
}
