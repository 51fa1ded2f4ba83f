import ReelTensor

/// The maximum of each window of each channel:
///
///     y[b, c, p] = max_j x[b, c, p·stride + j·dilation − before]
///
/// over the window's positions j that lie inside the input: what stands around it counts as −∞. A
/// NaN in a window comes out as NaN. Of equal values the first one gets the gradient.
///
/// Letters: b item of the batch, c channel, p position of the output and j of the window on each
/// axis. With n input positions, padding before + after and a window that spans k = (window −
/// 1)·dilation + 1, ⌊(n + before + after − k) / stride⌋ + 1 positions come out; with `roundsUp` the
/// quotient is rounded up, unless the last window would then begin behind the input (PyTorch's
/// `ceil_mode`).
///
/// Shapes: x [batch, channel, size…] of one to three axes as ``FeatureMaps`` or as a tensor. It has
/// no parameters and is no module; a list of one number stands for all axes.
public struct MaxPooling: Sendable, Codable, Hashable {
  public var window: [Int]
  public var stride: [Int]
  public var padding: [AxisPadding]
  public var dilation: [Int]
  public var roundsUp: Bool

  /// - Parameters:
  ///   - stride: steps from window to window; the window itself where nil.
  ///   - padding: positions around each axis, fewer than the window spans.
  public init(
    _ window: [Int], stride: [Int]? = nil, padding: [AxisPadding] = [AxisPadding()],
    dilation: [Int] = [1], roundsUp: Bool = false
  ) {
    (self.window, self.stride, self.padding) = (window, stride ?? window, padding)
    (self.dilation, self.roundsUp) = (dilation, roundsUp)
  }

  /// The same with one number for all axes.
  public init(
    _ window: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1, roundsUp: Bool = false
  ) {
    self.init(
      [window], stride: stride.map { [$0] },
      padding: [AxisPadding(before: padding, after: padding)], dilation: [dilation],
      roundsUp: roundsUp)
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
      window: window, stride: stride, padding: padding, dilation: dilation, roundsUp: roundsUp)
  }

  private func rows(_ size: [Int]) throws(ConvolutionError) -> RowMap {
    RowMap(
      try geometry.axes(size).map { axis in
        AxisMap(
          inputs: axis.input,
          windows: (0..<axis.output).map {
            AxisWindow(first: axis.first($0), count: axis.window, step: axis.dilation)
          })
      })
  }

  public func callAsFunction(_ x: FeatureMaps) -> FeatureMaps {
    x.resized("MaxPooling", rows) { $0.maximumOfRows($1, batch: x.batch).values }
  }

  /// The same of a tensor [batch, channel, size…].
  public func callAsFunction(_ x: Tensor) -> Tensor { self(FeatureMaps(x)).tensor }

  /// The pooled maps, and where each maximum stood, for ``MaxUnpooling``.
  public func withIndices(_ x: FeatureMaps) -> (maps: FeatureMaps, indices: PoolingIndices) {
    let rows = x.rowMap("MaxPooling", rows)
    let (values, chosen) = x.values.maximumOfRows(rows, batch: x.batch, keepsChosen: true)
    guard let chosen else { preconditionFailure("MaxPooling: no positions were kept") }
    return (
      FeatureMaps(values: values, batch: x.batch, size: rows.outputSize),
      PoolingIndices(rows: rows, batch: x.batch, chosen: chosen)
    )
  }
}
