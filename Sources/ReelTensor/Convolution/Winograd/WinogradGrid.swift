/// How the positions of a convolution with three or five taps on each of one or two axes and stride 1
/// lie: what Winograd's minimal filtering applies to.
struct WinogradGrid: Sendable {
  struct Axis: Sendable {
    let input: Int
    let output: Int
    let dilation: Int
    /// Zeros in front of the input.
    let before: Int
  }

  let axes: [Axis]
  /// Taps on each axis.
  let taps: Int
  /// The taps are those of the way back: the last one reads the first input.
  let isReversed: Bool

  /// Points on each axis: products of a tile.
  static let points = 6

  /// nil for every other convolution.
  init?(_ geometry: ConvolutionGeometry) {
    let taps = geometry.kernel[0]
    guard geometry.input.count <= 2, geometry.kernel.allSatisfy({ $0 == taps }),
      geometry.stride.allSatisfy({ $0 == 1 })
    else { return nil }
    self.init(
      axes: geometry.input.indices.map {
        Axis(
          input: geometry.input[$0], output: geometry.output[$0], dilation: geometry.dilation[$0],
          before: geometry.padding[$0].before)
      }, taps: taps)
  }

  /// Taps at equal distances on one axis; nil for all others.
  init?(shifts: [Int], outputRows: Int, inputRows: Int) {
    guard shifts.count >= 2 else { return nil }
    let dilation = shifts[1] - shifts[0]
    guard dilation > 0, zip(shifts, shifts.dropFirst()).allSatisfy({ $1 - $0 == dilation }) else {
      return nil
    }
    self.init(
      axes: [Axis(input: inputRows, output: outputRows, dilation: dilation, before: -shifts[0])],
      taps: shifts.count)
  }

  private init?(axes: [Axis], taps: Int, isReversed: Bool = false) {
    guard taps == 3 || taps == 5 else { return nil }
    (self.axes, self.taps, self.isReversed) = (axes, taps, isReversed)
  }

  /// The grid of the way back, from the outputs to the inputs.
  var inverse: WinogradGrid? {
    WinogradGrid(
      axes: axes.map {
        Axis(
          input: $0.output, output: $0.input, dilation: $0.dilation,
          before: (taps - 1) * $0.dilation - $0.before)
      },
      taps: taps, isReversed: !isReversed)
  }

  /// Results of a tile on each axis.
  var results: Int { Self.points + 1 - taps }

  /// Numbers of the taps, in the order in which they read the input.
  var tapNumbers: [Int32] {
    let count = Int32(axes.count == 1 ? taps : taps * taps)
    return (0..<count).map { isReversed ? count - 1 - $0 : $0 }
  }
}
