/// How the positions of a convolution with three or five taps on each of one or two axes and stride 1
/// lie: what Winograd's minimal filtering applies to.
struct WinogradGrid: Sendable {
  /// Positions side by side.
  struct Axis: Sendable {
    let input: Int
    let output: Int
    let dilation: Int
    /// Zeros in front of the input.
    let before: Int
  }

  /// Time steps of sequences of different lengths, longest first: the rows of a step follow each other.
  struct Steps: Sendable {
    /// The first row of each step, and the number of all rows.
    let offsets: [Int]
    let dilation: Int
    /// Zeros in front of each sequence.
    let before: Int

    /// The row of a sequence at a time; nil where it has none.
    func row(_ time: Int, _ sequence: Int) -> Int? {
      guard time >= 0, time + 1 < offsets.count, sequence < active(time) else { return nil }
      return offsets[time] + sequence
    }

    /// Sequences that have a step.
    func active(_ time: Int) -> Int { offsets[time + 1] - offsets[time] }
  }

  enum Form: Sendable {
    /// One axis or two.
    case axes([Axis])
    case steps(Steps)
  }

  let form: Form
  /// Taps on each axis.
  let taps: Int
  /// The taps are those of the way back: the last one reads the first input.
  let isReversed: Bool

  /// Points on each axis: products of a tile, and inputs that it reads.
  let points: Int

  /// nil for every other convolution.
  init?(_ geometry: ConvolutionGeometry) {
    let taps = geometry.kernel[0]
    guard geometry.input.count <= 2, geometry.kernel.allSatisfy({ $0 == taps }),
      geometry.stride.allSatisfy({ $0 == 1 })
    else { return nil }
    self.init(
      .axes(
        geometry.input.indices.map {
          Axis(
            input: geometry.input[$0], output: geometry.output[$0],
            dilation: geometry.dilation[$0], before: geometry.padding[$0].before)
        }), taps: taps)
  }

  /// Taps at equal distances on one axis; nil for all others.
  init?(shifts: [Int], outputRows: Int, inputRows: Int) {
    guard shifts.count >= 2 else { return nil }
    let dilation = shifts[1] - shifts[0]
    guard dilation > 0, zip(shifts, shifts.dropFirst()).allSatisfy({ $1 - $0 == dilation }) else {
      return nil
    }
    self.init(
      .axes([Axis(input: inputRows, output: outputRows, dilation: dilation, before: -shifts[0])]),
      taps: shifts.count)
  }

  /// A window over the time steps of sequences of different lengths.
  init?(_ steps: Steps, taps: Int) { self.init(.steps(steps), taps: taps) }

  private init?(_ form: Form, taps: Int, isReversed: Bool = false) {
    guard taps == 3 || taps == 5 else { return nil }
    (self.form, self.taps, self.isReversed) = (form, taps, isReversed)
    // Eight points leave fewer products where their tiles are filled. On two axes they would lose too many
    // digits: rounding grows as on one, squared.
    func products(_ points: Int) -> Int { points * form.tiles(results: points + 1 - taps) }
    points = form.axisCount == 1 && products(8) < products(6) ? 8 : 6
  }

  /// The grid of the way back, from the outputs to the inputs.
  var inverse: WinogradGrid? {
    let form: Form
    switch self.form {
    case .axes(let axes):
      form = .axes(
        axes.map {
          Axis(
            input: $0.output, output: $0.input, dilation: $0.dilation,
            before: (taps - 1) * $0.dilation - $0.before)
        })
    case .steps(let steps):
      form = .steps(
        Steps(
          offsets: steps.offsets, dilation: steps.dilation,
          before: (taps - 1) * steps.dilation - steps.before))
    }
    return WinogradGrid(form, taps: taps, isReversed: !isReversed)
  }

  /// 1 or 2.
  var axisCount: Int { form.axisCount }

  /// Tiles of a repeat.
  var tiles: Int { form.tiles(results: results) }

  /// Results of a tile on each axis, and of one with six points.
  var results: Int { points + 1 - taps }
  var resultsOfSixPoints: Int { 7 - taps }

  /// Numbers of the taps, in the order in which they read the input.
  var tapNumbers: [Int32] {
    let count = Int32(axisCount == 1 ? taps : taps * taps)
    return (0..<count).map { isReversed ? count - 1 - $0 : $0 }
  }
}

extension WinogradGrid.Form {
  var axisCount: Int {
    if case .axes(let axes) = self { return axes.count }
    return 1
  }

  /// Tiles of a repeat with so many results on each axis.
  func tiles(results: Int) -> Int {
    switch self {
    case .axes(let axes): axes.reduce(1) { $0 * $1.tiles(results: results) }
    case .steps(let steps): steps.tiles(results: results)
    }
  }
}

extension WinogradGrid.Axis {
  /// Positions `dilation` apart are neighbours: as many rows of them as there are to begin with.
  var phases: Int { min(dilation, output) }

  /// Tiles of a phase.
  func tiles(results: Int, phase: Int) -> Int {
    let positions = (output - phase + dilation - 1) / dilation
    return (positions + results - 1) / results
  }

  func tiles(results: Int) -> Int {
    // The first phases have one position more than the others.
    let (fewer, longer) = output.quotientAndRemainder(dividingBy: dilation)
    func tiles(_ positions: Int) -> Int { (positions + results - 1) / results }
    return longer * tiles(fewer + 1) + (dilation - longer) * tiles(fewer)
  }
}

extension WinogradGrid.Steps {
  /// Calls `body` with the time at which tiles of all sequences have their first result, in the order of the
  /// tiles.
  func forEachFirstTime(results: Int, _ body: (Int) -> Void) {
    let longest = offsets.count - 1
    for first in stride(from: 0, to: longest, by: results * dilation) {
      for time in first..<min(longest, first + dilation) { body(time) }
    }
  }

  func tiles(results: Int) -> Int {
    var count = 0
    forEachFirstTime(results: results) { count += active($0) }
    return count
  }
}
