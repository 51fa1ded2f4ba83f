import ReelLayers

extension Architecture {
  public static let encoderDecoder = encoderDecoder("encoder-decoder", hasSkips: false)
  public static let encoderDecoderWithSkips = encoderDecoder(
    "encoder-decoder-skips", hasSkips: true)

  /// From image to image, for cleaning up sketches, after Simo-Serra et al. 2016: convolutions with
  /// stride 2 down to an eighth of the size, flat ones there, and transposed ones with stride 2 up
  /// again; the output has as many channels as classes (one for a drawing) and is a logit.
  ///
  /// - Parameters:
  ///   - widths: the channels of the three sizes below the image's own; the paper's are 128, 256
  ///     and 1,024.
  ///   - hasSkips: the maps of each size on the way down are added on the way up.
  public static func encoderDecoder(
    _ name: String, hasSkips: Bool, widths: [Int] = [16, 32, 64], input: [Int] = [1, 64, 64],
    classes: Int = 1
  ) -> Architecture {
    precondition(
      widths.count == 3 && widths.allSatisfy { $0 > 0 },
      "encoderDecoder: widths \(widths), three of at least 1 are expected")
    func unit(_ width: Int, kernel: Extent = 3, stride: Extent = 1, padding: Extent = 1)
      -> LayerDescription
    {
      .sequence([
        "conv": .convolution(
          .count(width), kernel: kernel, stride: stride, padding: padding, bias: false),
        "bn": .batchNorm(), "relu": .relu,
      ])
    }
    func enlarging(_ width: Int) -> LayerDescription {
      .sequence([
        "conv": .transposedConvolution(
          .count(width), kernel: 4, stride: 2, padding: 1, bias: false),
        "bn": .batchNorm(), "relu": .relu,
      ])
    }
    func keep(_ level: Int) -> NetworkDescription {
      hasSkips ? ["keep\(level)": .save("level\(level)")] : []
    }
    func add(_ level: Int) -> NetworkDescription {
      hasSkips ? ["skip\(level)": .join("level\(level)")] : []
    }
    let down: NetworkDescription =
      ["down1": unit(widths[0], kernel: 5, stride: 2, padding: 2), "flat1": unit(widths[0])]
      + keep(1) + ["down2": unit(widths[1], stride: 2), "flat2": unit(widths[1])]
      + keep(2) + ["down3": unit(widths[2], stride: 2)]
    let up: NetworkDescription =
      ["flat3": unit(widths[2]), "flat4": unit(widths[2]), "flat5": unit(widths[1])]
      + ["up3": enlarging(widths[1])] + add(2) + ["flat6": unit(widths[0])]
      + ["up2": enlarging(widths[0])] + add(1) + ["flat7": unit(widths[0])]
      + ["up1": enlarging(widths[0])]
      + ["head": .convolution(.classes, kernel: 3, padding: 1)]
    return Architecture(
      name: name, source: "after Simo-Serra et al. 2016, reduced", input: input,
      classes: classes, layers: down + up)
  }
}
