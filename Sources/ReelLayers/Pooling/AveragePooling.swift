import ReelTensor

/// The mean of each window of each channel:
///
///     y[b, c, p] = 1/m · Σ_j x[b, c, p·stride + j − before]
///
/// over the window's positions j, with zeros around the input. The divisor m counts the positions
/// of the window that lie in the input or its padding, or with `countsPadding: false` in the input
/// alone (PyTorch's `count_include_pad`). Sizes are those of ``MaxPooling``.
///
/// Letters: b item of the batch, c channel, p position of the output and j of the window on each
/// axis. Shapes: x [batch, channel, size…] of one to three axes as ``FeatureMaps`` or as a tensor.
/// It has no parameters and is no module; a list of one number stands for all axes.
public struct AveragePooling: Sendable, Codable, Hashable {
  public var window: [Int]
  public var stride: [Int]
  public var padding: [AxisPadding]
  public var roundsUp: Bool
  public var countsPadding: Bool

  /// - Parameters:
  ///   - stride: steps from window to window; the window itself where nil.
  ///   - padding: positions around each axis, fewer than the window is long.
  public init(
    _ window: [Int], stride: [Int]? = nil, padding: [AxisPadding] = [AxisPadding()],
    roundsUp: Bool = false, countsPadding: Bool = true
  ) {
    (self.window, self.stride, self.padding) = (window, stride ?? window, padding)
    (self.roundsUp, self.countsPadding) = (roundsUp, countsPadding)
  }

  /// The same with one number for all axes.
  public init(
    _ window: Int, stride: Int? = nil, padding: Int = 0, roundsUp: Bool = false,
    countsPadding: Bool = true
  ) {
    self.init(
      [window], stride: stride.map { [$0] },
      padding: [AxisPadding(before: padding, after: padding)], roundsUp: roundsUp,
      countsPadding: countsPadding)
  }

  /// The size that comes out for maps of `size`.
  ///
  /// - Throws: `ConvolutionError` for sizes that make no pooling. A call ends the program with the
  ///   same line; ask here first where sizes come from outside.
  public func outputSize(_ size: [Int]) throws(ConvolutionError) -> [Int] {
    try geometry.axes(size).map(\.output)
  }

  private var geometry: PoolingGeometry {
    PoolingGeometry(
      window: window, stride: stride, padding: padding, dilation: [1], roundsUp: roundsUp)
  }

  private func rows(_ size: [Int]) throws(ConvolutionError) -> RowMap {
    RowMap(
      try geometry.axes(size).map { axis in
        AxisMap(
          inputs: axis.input,
          windows: (0..<axis.output).map { position in
            let first = axis.first(position)
            let end = min(first + axis.window, axis.input + axis.padding.after)
            let counted = countsPadding ? end - first : min(end, axis.input) - max(first, 0)
            return AxisWindow(
              first: first, count: axis.window, weight: Float(1 / Double(max(counted, 1))))
          })
      })
  }

  public func callAsFunction(_ x: FeatureMaps) -> FeatureMaps {
    x.resized("AveragePooling", rows) { $0.combinedRows($1, batch: x.batch) }
  }

  /// The same of a tensor [batch, channel, size…].
  public func callAsFunction(_ x: Tensor) -> Tensor { self(FeatureMaps(x)).tensor }
}
