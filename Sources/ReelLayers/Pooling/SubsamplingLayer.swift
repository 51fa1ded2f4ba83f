import ReelTensor

/// Sub-sampling as in LeNet-5 (LeCun, Bottou, Bengio and Haffner 1998, section II.B): the sum of
/// each window, times a trainable coefficient, plus a trainable bias, for each channel:
///
///     y[b, c, p] = weight[c] · Σ_j x[b, c, p·window + j] + bias[c]
///
/// Windows do not overlap; what follows in the paper is a squashing function,
/// `Activation.scaledTanh`.
///
/// Shapes: x [batch, channels, size…], y [batch, channels, ⌊size/window⌋…] as ``FeatureMaps`` or as
/// a tensor; `weight`, `bias` [channels].
public struct SubsamplingLayer: Module {
  public var weight: Tensor
  public var bias: Tensor
  public let window: Int

  /// A coefficient of 1/(window·window), with which it begins as the mean over two axes; bias 0.
  public init(_ channels: Int, window: Int = 2) {
    precondition(
      channels > 0 && window > 0,
      "SubsamplingLayer(\(channels), window: \(window)): positive numbers expected")
    weight = Tensor(repeating: 1 / Float(window * window), shape: [channels])
    bias = Tensor(zeros: [channels])
    self.window = window
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("weight", &weight)
    visitor.visit("bias", &bias)
  }

  /// The size that comes out for maps of `size`.
  ///
  /// - Throws: `ConvolutionError` where the window is larger than the maps.
  public func outputSize(_ size: [Int]) throws(ConvolutionError) -> [Int] {
    try geometry.axes(size).map(\.output)
  }

  private var geometry: PoolingGeometry {
    PoolingGeometry(
      window: [window], stride: [window], padding: [AxisPadding()], dilation: [1], roundsUp: false)
  }

  public func callAsFunction(_ x: FeatureMaps) -> FeatureMaps {
    precondition(
      x.channelCount == weight.count,
      "SubsamplingLayer: maps of shape \(x.shape) came, \(weight.count) channels are expected")
    func rows(_ size: [Int]) throws(ConvolutionError) -> RowMap {
      RowMap(
        try geometry.axes(size).map { axis in
          AxisMap(
            inputs: axis.input,
            windows: (0..<axis.output).map { AxisWindow(first: axis.first($0), count: window) })
        })
    }
    return x.resized("SubsamplingLayer", rows) {
      $0.combinedRows($1, batch: x.batch).scaledColumns(weight, plus: bias)
    }
  }

  /// The same of a tensor [batch, channel, size…].
  public func callAsFunction(_ x: Tensor) -> Tensor { self(FeatureMaps(x)).tensor }
}
