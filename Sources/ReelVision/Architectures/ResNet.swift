import ReelLayers

/// What a residual network repeats (He et al. 2016, figures 2 and 5).
public enum ResidualBlock: String, Sendable, Codable, CaseIterable {
  /// Two 3×3 convolutions and a shortcut.
  case basic
  /// 1×1 to a quarter of the channels, 3×3, 1×1 back, and a shortcut.
  case bottleneck
  /// Two 3×3 convolutions without a shortcut.
  case plain

  /// Output channels for each channel within.
  var expansion: Int { self == .bottleneck ? 4 : 1 }
}

/// What stands beside a residual block where it changes the shape (He et al. 2016, section 3.3).
public enum ResidualShortcut: String, Sendable, Codable, CaseIterable {
  /// A 1×1 convolution with batch normalization (option B): what torchvision has.
  case projection
  /// Every second row and column, and zeros for the new channels (option A): no parameters, so that
  /// a residual network has as many as the plain one. What the paper compares the two with.
  case padding
}

extension Architecture {
  public static let plain18 = resNet("plain-18", .plain, blocks: [2, 2, 2, 2])
  public static let plain34 = resNet("plain-34", .plain, blocks: [3, 4, 6, 3])
  public static let resNet18 = resNet("resnet-18", .basic, blocks: [2, 2, 2, 2])
  public static let resNet34 = resNet("resnet-34", .basic, blocks: [3, 4, 6, 3])
  public static let resNet50 = resNet("resnet-50", .bottleneck, blocks: [3, 4, 6, 3])
  public static let resNet101 = resNet("resnet-101", .bottleneck, blocks: [3, 4, 23, 3])
  public static let resNet152 = resNet("resnet-152", .bottleneck, blocks: [3, 8, 36, 3])

  /// Stages of residual blocks, names as in torchvision; the stride of a bottleneck is in its 3×3
  /// convolution.
  ///
  /// - Parameters:
  ///   - blocks: how many blocks each stage has; from the second on a stage halves the size.
  ///   - widths: the channels of the 3×3 convolutions of each stage.
  ///   - isLarge: begins with a 7×7 convolution of stride 2 and pooling; else with a 3×3
  ///     convolution, for images of some 32 pixels.
  public static func resNet(
    _ name: String, _ block: ResidualBlock, blocks: [Int], widths: [Int] = [64, 128, 256, 512],
    isLarge: Bool = true, shortcut: ResidualShortcut = .projection,
    input: [Int] = [3, 224, 224], classes: Int = 1000
  ) -> Architecture {
    precondition(
      blocks.count == widths.count && !blocks.isEmpty && (blocks + widths).allSatisfy { $0 > 0 },
      "resNet: blocks \(blocks) and widths \(widths), one number of each for a stage is expected")
    var layers: NetworkDescription =
      isLarge
      ? [
        "conv1": .convolution(
          .count(widths[0]), kernel: 7, stride: 2, padding: 3, bias: false),
        "bn1": .batchNorm(), "relu": .relu, "maxpool": .maxPooling(3, stride: 2, padding: 1),
      ]
      : [
        "conv1": .convolution(.count(widths[0]), kernel: 3, padding: 1, bias: false),
        "bn1": .batchNorm(), "relu": .relu,
      ]
    var channels = widths[0]
    for (stage, width) in widths.enumerated() {
      var stageBlocks: [LayerDescription] = []
      for index in 0..<blocks[stage] {
        let stride = stage > 0 && index == 0 ? 2 : 1
        stageBlocks.append(
          residual(block, from: channels, width, stride: stride, shortcut: shortcut))
        channels = width * block.expansion
      }
      layers.entries.append(
        .init("layer\(stage + 1)", .sequence(NetworkDescription(numbered: stageBlocks))))
    }
    layers =
      layers + ["avgpool": .globalAveragePooling, "fc": .linear(.classes)]
    return Architecture(
      name: name,
      source: "He, Zhang, Ren and Sun 2016"
        + (shortcut == .padding ? ", option A" : ", as in torchvision"),
      input: input, classes: classes, layers: layers)
  }

  /// One block from `channels` to `width` channels (times the block's expansion).
  static func residual(
    _ block: ResidualBlock, from channels: Int, _ width: Int, stride: Int,
    shortcut: ResidualShortcut
  ) -> LayerDescription {
    let (width, stride, output) = (
      Width.count(width), Extent(stride, stride), width * block.expansion
    )
    let body: NetworkDescription
    if block == .bottleneck {
      body = [
        "conv1": .convolution(width, kernel: 1, bias: false), "bn1": .batchNorm(), "relu": .relu,
        "conv2": .convolution(width, kernel: 3, stride: stride, padding: 1, bias: false),
        "bn2": .batchNorm(), "relu": .relu,
        "conv3": .convolution(.count(output), kernel: 1, bias: false), "bn3": .batchNorm(),
      ]
    } else {
      body = [
        "conv1": .convolution(width, kernel: 3, stride: stride, padding: 1, bias: false),
        "bn1": .batchNorm(), "relu": .relu,
        "conv2": .convolution(width, kernel: 3, padding: 1, bias: false), "bn2": .batchNorm(),
      ]
    }
    if block == .plain { return .sequence(body + ["relu": .relu]) }
    if channels == output && stride == 1 { return .residual(body, shortcut: []) }
    switch shortcut {
    case .projection:
      return .residual(
        body,
        shortcut: [
          "downsample": .sequence([
            .convolution(.count(output), kernel: 1, stride: stride, bias: false), .batchNorm(),
          ])
        ])
    case .padding:
      return .residual(body, shortcut: ["shortcut": .widening(.count(output), stride: stride)])
    }
  }
}
