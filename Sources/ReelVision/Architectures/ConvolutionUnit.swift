import ReelLayers

extension LayerDescription {
  /// A convolution without bias, batch normalization and ReLU: the unit of the later Inception
  /// networks, named `conv` and `bn` as in torchvision.
  package static func unit(
    _ width: Int, kernel: Extent, stride: Extent = 1, padding: Extent = 0
  ) -> LayerDescription {
    .sequence([
      "conv": .convolution(
        .count(width), kernel: kernel, stride: stride, padding: padding, bias: false),
      "bn": .batchNorm(epsilon: 1e-3),
      "relu": .relu,
    ])
  }

  /// A convolution with bias and ReLU under the same names: the unit before batch normalization.
  static func plainUnit(
    _ width: Int, kernel: Extent, stride: Extent = 1, padding: Extent = 0
  ) -> LayerDescription {
    .sequence([
      "conv": .convolution(.count(width), kernel: kernel, stride: stride, padding: padding),
      "relu": .relu,
    ])
  }
}
