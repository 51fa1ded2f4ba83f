/// How the positions of a convolution lie whose taps on the innermost axis are neighbours: what
/// they read of a line lies in one piece.
struct TapRuns: Sendable {
  struct Axis: Sendable {
    let input: Int
    let output: Int
    let kernel: Int
    let stride: Int
    let dilation: Int
    /// Zeros in front of the convolution's input.
    let before: Int
  }

  let axes: [Axis]
  /// The taps are those of the way back: position p reads p + before − t·dilation at tap t.
  let isReversed: Bool

  /// nil for a convolution whose taps do not lie side by side.
  init?(_ geometry: ConvolutionGeometry) {
    guard let dilation = geometry.dilation.last, dilation == 1, (geometry.kernel.last ?? 0) > 1
    else { return nil }
    self.init(
      axes: geometry.input.indices.map {
        Axis(
          input: geometry.input[$0], output: geometry.output[$0], kernel: geometry.kernel[$0],
          stride: geometry.stride[$0], dilation: geometry.dilation[$0],
          before: geometry.padding[$0].before)
      }, isReversed: false)
  }

  private init(axes: [Axis], isReversed: Bool) {
    (self.axes, self.isReversed) = (axes, isReversed)
  }

  /// The way back; nil where a stride leaves gaps between what a position reads.
  var inverse: TapRuns? {
    guard axes.allSatisfy({ $0.stride == 1 }) else { return nil }
    return TapRuns(
      axes: axes.map {
        Axis(
          input: $0.output, output: $0.input, kernel: $0.kernel, stride: 1, dilation: $0.dilation,
          before: $0.before)
      }, isReversed: !isReversed)
  }

  /// The input position that tap `tap` of output `position` reads on an axis, perhaps outside.
  func source(_ axis: Axis, position: Int, tap: Int) -> Int {
    isReversed
      ? position + axis.before - tap * axis.dilation
      : position * axis.stride + tap * axis.dilation - axis.before
  }
}
