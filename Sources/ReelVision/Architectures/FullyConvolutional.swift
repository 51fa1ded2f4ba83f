import ReelLayers

extension Architecture {
  public static let fcn32 = fcn(.stride32, trunk: vgg16Widths)
  public static let fcn16 = fcn(.stride16, trunk: vgg16Widths)
  public static let fcn8 = fcn(.stride8, trunk: vgg16Widths)

  /// How far apart the positions are from which a fully convolutional network puts its result
  /// together.
  public enum FullyConvolutionalStride: Int, Sendable, CaseIterable {
    case stride32 = 32
    case stride16 = 16
    case stride8 = 8
  }

  /// A fully convolutional network (Long, Shelhamer and Darrell 2015): the trunk of a VGG network
  /// whose affine maps have become convolutions, a score for each class, up-sampling that is
  /// learned and begins as bilinear, and scores of finer layers added on the way. A padding of 100
  /// pixels, cut off again, lets it take images of any size.
  ///
  /// The trunk has the names of the VGG network (`features.N`, `classifier.0` and `.3`), so its
  /// weights fit: see ``ImageNetwork/takeParameters(from:)``.
  ///
  /// - Parameters:
  ///   - trunk: the channels of each convolution in five stages, as in `vgg`.
  ///   - hidden: the channels of the two layers that were affine maps.
  public static func fcn(
    _ stride: FullyConvolutionalStride, trunk: [[Int]], hidden: Int = 4096,
    input: [Int] = [3, 500, 500], classes: Int = 21
  ) -> Architecture {
    precondition(trunk.count == 5, "fcn: a trunk of \(trunk.count) stages, 5 are expected")
    var features = vggFeatures(trunk).map { layer -> LayerDescription in
      if case .maxPooling = layer { return .maxPooling(2, roundsUp: true) }
      return layer
    }
    features[0] = .convolution(.count(trunk[0][0]), kernel: 3, padding: 100)
    // Where the third and the fourth stage end, after their pooling.
    let third = trunk[..<3].reduce(0) { $0 + 2 * $1.count + 1 }
    let fourth = third + 2 * trunk[3].count + 1
    let layers = NetworkDescription(numbered: features).entries
    var kept = Array(layers)
    if stride == .stride8 { kept.insert(.init("pool3", .save("pool3")), at: third) }
    if stride != .stride32 {
      kept.insert(.init("pool4", .save("pool4")), at: fourth + (stride == .stride8 ? 1 : 0))
    }
    let head: NetworkDescription = [
      "features": .sequence(NetworkDescription(kept)),
      "classifier": .sequence([
        "0": .convolution(.count(hidden), kernel: 7), "1": .relu, "2": .dropout(0.5),
        "3": .convolution(.count(hidden), kernel: 1), "4": .relu, "5": .dropout(0.5),
      ]),
      "score_fr": .convolution(.classes, kernel: 1),
    ]
    return Architecture(
      name: "fcn-\(stride.rawValue)s",
      source: "Long, Shelhamer and Darrell 2015, on VGG-16", input: input, classes: classes,
      layers: head + upsampled(stride))
  }

  /// From the scores to the size of the image. The offsets are those of the released models.
  private static func upsampled(_ stride: FullyConvolutionalStride) -> NetworkDescription {
    func double() -> LayerDescription {
      .transposedConvolution(.classes, kernel: 4, stride: 2, bias: false, bilinear: true)
    }
    func enlarged(_ stride: Int) -> LayerDescription {
      .transposedConvolution(
        .classes, kernel: Extent(2 * stride, 2 * stride), stride: Extent(stride, stride),
        bias: false, bilinear: true)
    }
    func score(_ name: String, offset: Int) -> LayerDescription {
      .join(
        name, through: ["score_\(name)": .convolution(.classes, kernel: 1)],
        crop: .offset(offset), by: .sum)
    }
    switch stride {
    case .stride32:
      return ["upscore": enlarged(32), "crop": .crop(toSizeOf: "input", offset: 19)]
    case .stride16:
      return [
        "upscore2": double(), "": score("pool4", offset: 5),
        "upscore16": enlarged(16), "crop": .crop(toSizeOf: "input", offset: 27),
      ]
    case .stride8:
      return [
        "upscore2": double(), "": score("pool4", offset: 5),
        "upscore_pool4": double(), "": score("pool3", offset: 9),
        "upscore8": enlarged(8), "crop": .crop(toSizeOf: "input", offset: 31),
      ]
    }
  }
}
