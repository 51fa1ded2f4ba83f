import ReelLayers

extension Architecture {
  public static let resNetCIFAR8 = resNetCIFAR(depth: 8)
  public static let resNetCIFAR20 = resNetCIFAR(depth: 20)
  public static let resNetCIFAR56 = resNetCIFAR(depth: 56)
  public static let resNetCIFAR110 = resNetCIFAR(depth: 110)
  public static let resNetCIFAR1202 = resNetCIFAR(depth: 1202)

  /// The residual networks for CIFAR-10 (He et al. 2016, section 4.2): three stages of 16, 32 and
  /// 64 channels, 2n layers each, and shortcuts without parameters (option A).
  ///
  /// - Parameters:
  ///   - depth: the number of layers, 6n + 2.
  ///   - block: `.basic`, or `.plain` for the network without shortcuts.
  public static func resNetCIFAR(
    depth: Int, _ block: ResidualBlock = .basic, widths: [Int] = [16, 32, 64],
    input: [Int] = [3, 32, 32], classes: Int = 10
  ) -> Architecture {
    precondition(
      depth >= 8 && depth % 6 == 2 && block != .bottleneck,
      "resNetCIFAR(depth: \(depth)): 8, 14, 20, … layers of basic or plain blocks are expected")
    var layers: NetworkDescription = [
      "conv1": .convolution(.count(widths[0]), kernel: 3, padding: 1, bias: false),
      "bn1": .batchNorm(), "relu": .relu,
    ]
    var channels = widths[0]
    for (stage, width) in widths.enumerated() {
      let blocks = (0..<(depth - 2) / 6).map { index -> LayerDescription in
        let stride = stage > 0 && index == 0 ? 2 : 1
        defer { channels = width }
        return residual(block, from: channels, width, stride: stride, shortcut: .padding)
      }
      layers.entries.append(
        .init("layer\(stage + 1)", .sequence(NetworkDescription(numbered: blocks))))
    }
    let name = block == .plain ? "plain-\(depth)-cifar" : "resnet-\(depth)"
    return Architecture(
      name: name, source: "He, Zhang, Ren and Sun 2016, section 4.2, option A", input: input,
      classes: classes,
      layers: layers + ["avgpool": .globalAveragePooling, "linear": .linear(.classes)])
  }
}
