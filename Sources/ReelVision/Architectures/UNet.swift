import ReelLayers

extension Architecture {
  /// U-Net as published: convolutions without padding, so that 572×572 pixels come in and 388×388
  /// labels out, and what is kept is cut around its centre.
  public static let uNet = uNet(
    "u-net", widths: [64, 128, 256, 512, 1024], isPadded: false, input: [1, 572, 572])

  /// A U-Net with padding and an eighth of the channels: labels of the image's own size, which has
  /// to be a multiple of 16.
  public static let uNetSmall = uNet(
    "u-net-small", widths: [8, 16, 32, 64, 128], isPadded: true, isNormalized: true,
    input: [1, 64, 64])

  /// - Parameters:
  ///   - widths: the channels of each level, from the image's size down; a level halves the size.
  ///   - isPadded: 3×3 convolutions keep the size; the image's must be a multiple of 2^(levels − 1).
  ///   - isNormalized: batch normalization after each 3×3 convolution.
  public static func uNet(
    _ name: String, widths: [Int], isPadded: Bool, isNormalized: Bool = false,
    input: [Int], classes: Int = 2
  ) -> Architecture {
    precondition(
      widths.count >= 2 && widths.allSatisfy { $0 > 0 },
      "uNet: widths \(widths), at least two levels are expected")
    func twice(_ width: Int) -> LayerDescription {
      let convolution = LayerDescription.convolution(
        .count(width), kernel: 3, padding: isPadded ? 1 : 0, bias: !isNormalized)
      let unit = isNormalized ? [convolution, .batchNorm(), .relu] : [convolution, .relu]
      return .sequence(NetworkDescription(numbered: unit + unit))
    }
    var layers: NetworkDescription = []
    for (level, width) in widths.dropLast().enumerated() {
      layers =
        layers + [
          "down\(level + 1)": twice(width), "keep\(level + 1)": .save("level\(level + 1)"),
          "pool\(level + 1)": .maxPooling(2),
        ]
    }
    layers = layers + ["bottom": twice(widths.last ?? 1)]
    if !isNormalized && !isPadded { layers = layers + ["dropout": .dropout(0.5)] }
    for (level, width) in widths.dropLast().enumerated().reversed() {
      layers =
        layers + [
          "up\(level + 1)": .transposedConvolution(.count(width), kernel: 2, stride: 2),
          "": .join("level\(level + 1)", crop: isPadded ? .none : .center, by: .concatenation),
          "merge\(level + 1)": twice(width),
        ]
    }
    return Architecture(
      name: name, source: "Ronneberger, Fischer and Brox 2015", input: input, classes: classes,
      layers: layers + ["head": .convolution(.classes, kernel: 1)])
  }
}
