import ReelLayers

extension Architecture {
  /// Inception with batch normalization, and two 3×3 windows where GoogLeNet has one of 5×5. Widths
  /// and names are those of the public Caffe model and its PyTorch port, whose convolutions keep
  /// their biases: 11,295,240 parameters.
  public static let inceptionV2 = Architecture(
    name: "inception-v2", source: "Ioffe and Szegedy 2015, figure 5, as in the BN-Inception model",
    input: [3, 224, 224], classes: 1000,
    layers: normalizedUnit("conv1_7x7_s2", 64, kernel: 7, stride: 2, padding: 3)
      + ["pool1_3x3_s2": .maxPooling(3, stride: 2, roundsUp: true)]
      + normalizedUnit("conv2_3x3_reduce", 64, kernel: 1)
      + normalizedUnit("conv2_3x3", 192, kernel: 3, padding: 1)
      + ["pool2_3x3_s2": .maxPooling(3, stride: 2, roundsUp: true)]
      + module("3a", 64, [64, 64], [64, 96], pooled: 32)
      + module("3b", 64, [64, 96], [64, 96], pooled: 64)
      + reduction("3c", [128, 160], [64, 96])
      + module("4a", 224, [64, 96], [96, 128], pooled: 128)
      + module("4b", 192, [96, 128], [96, 128], pooled: 128)
      + module("4c", 160, [128, 160], [128, 160], pooled: 128)
      + module("4d", 96, [128, 192], [160, 192], pooled: 128)
      + reduction("4e", [128, 192], [192, 256])
      + module("5a", 352, [192, 320], [160, 224], pooled: 128)
      + module("5b", 352, [192, 320], [192, 224], pooled: 128, isMaximum: true)
      + ["global_pool": .globalAveragePooling, "last_linear": .linear(.classes)])

  private static func normalizedUnit(
    _ name: String, _ width: Int, kernel: Extent, stride: Extent = 1, padding: Extent = 0
  ) -> NetworkDescription {
    [
      name: .convolution(.count(width), kernel: kernel, stride: stride, padding: padding),
      name + "_bn": .batchNorm(), name + "_relu": .relu,
    ]
  }

  /// Four branches: 1×1; 1×1 and 3×3; 1×1 and twice 3×3; pooling and 1×1.
  private static func module(
    _ place: String, _ single: Int, _ double: [Int], _ triple: [Int], pooled: Int,
    isMaximum: Bool = false
  ) -> NetworkDescription {
    let name = "inception_\(place)_"
    let pool: LayerDescription =
      isMaximum
      ? .maxPooling(3, stride: 1, padding: 1, roundsUp: true)
      : .averagePooling(3, stride: 1, padding: 1, roundsUp: true)
    return [
      "": .branches([
        normalizedUnit(name + "1x1", single, kernel: 1),
        normalizedUnit(name + "3x3_reduce", double[0], kernel: 1)
          + normalizedUnit(name + "3x3", double[1], kernel: 3, padding: 1),
        normalizedUnit(name + "double_3x3_reduce", triple[0], kernel: 1)
          + normalizedUnit(name + "double_3x3_1", triple[1], kernel: 3, padding: 1)
          + normalizedUnit(name + "double_3x3_2", triple[1], kernel: 3, padding: 1),
        [name + "pool": pool] + normalizedUnit(name + "pool_proj", pooled, kernel: 1),
      ])
    ]
  }

  /// Three branches that halve the size.
  private static func reduction(
    _ place: String, _ double: [Int], _ triple: [Int]
  ) -> NetworkDescription {
    let name = "inception_\(place)_"
    return [
      "": .branches([
        normalizedUnit(name + "3x3_reduce", double[0], kernel: 1)
          + normalizedUnit(name + "3x3", double[1], kernel: 3, stride: 2, padding: 1),
        normalizedUnit(name + "double_3x3_reduce", triple[0], kernel: 1)
          + normalizedUnit(name + "double_3x3_1", triple[1], kernel: 3, padding: 1)
          + normalizedUnit(name + "double_3x3_2", triple[1], kernel: 3, stride: 2, padding: 1),
        [name + "pool": .maxPooling(3, stride: 2, roundsUp: true)],
      ])
    ]
  }
}
