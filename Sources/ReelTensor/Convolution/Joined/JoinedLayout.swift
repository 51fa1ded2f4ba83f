import CReelKernels

/// Where the taps of a convolution of few channels lie when those on the innermost axis are taken
/// together: k taps of c channels as one of k·c.
struct JoinedLayout: Sendable {
  /// Of the joined taps, over lines with their zeros.
  let table: TapTable
  /// Channels of a joined tap, and of a position.
  let channels: Int
  let stride: Int
  /// The taps of the weights in the order in which they are read.
  let order: [Int32]
  /// Lines of an item, positions of a line as it comes, and with its zeros.
  let lines: Int
  let input: Int
  let line: Int
  /// Zeros in front of a line; below 0: positions that nobody reads.
  let lead: Int
  /// The lines can be read as they come.
  let isInside: Bool

  /// Channels above which a tap is long enough by itself, and products of taps, channels and
  /// outputs up to which the weights are one chunk.
  private static let (mostChannels, mostWeights) = (12, 1 << 16)

  /// nil where the taps do not lie side by side, or joining them gains nothing.
  init?(_ table: TapTable, channels: Int) {
    guard let runs = table.runs, let inner = runs.axes.last, channels <= Self.mostChannels,
      inner.kernel * channels <= REEL_MOST_TAP_CHANNELS
    else { return nil }
    lead = runs.isReversed ? inner.kernel - 1 - inner.before : inner.before
    let width = (inner.output - 1) * inner.stride + inner.kernel
    lines = runs.axes.dropLast().reduce(1) { $0 * $1.input }
    input = inner.input
    isInside = lead == 0 && width <= inner.input
    line = isInside ? inner.input : width
    guard lines * line <= Int(Int32.max) else { return nil }
    stride = channels
    self.channels = inner.kernel * channels
    self.table = Self.table(runs, inner, line: line, inputRows: lines * line)
    let outerTaps = Int32(truncatingIfNeeded: table.taps / inner.kernel)
    let kernel = Int32(truncatingIfNeeded: inner.kernel)
    order = (0..<outerTaps).flatMap { outer in
      (0..<kernel).map { outer * kernel + (runs.isReversed ? kernel - 1 - $0 : $0) }
    }
  }

  /// Whether the weights of so many outputs are one chunk, as the joined products need them.
  static func holdsWeights(_ table: TapTable, channels: Int, outputs: Int) -> Bool {
    table.taps * channels * outputs <= mostWeights
  }

  /// Which line, at which position, each joined tap of each output row reads from.
  private static func table(
    _ runs: TapRuns, _ inner: TapRuns.Axis, line: Int, inputRows: Int
  ) -> TapTable {
    // The lines of the taps of each place on the outer axes, [place, tap], −1 outside.
    var (taps, lines) = (1, [0])
    var places = 1
    for axis in runs.axes.dropLast() {
      lines = (0..<places).flatMap { place in
        (0..<axis.output).flatMap { position in
          (0..<taps).flatMap { outer in
            (0..<axis.kernel).map { tap in
              let source = runs.source(axis, position: position, tap: tap)
              let from = lines[place * taps + outer]
              return from < 0 || source < 0 || source >= axis.input
                ? -1 : from * axis.input + source
            }
          }
        }
      }
      places *= axis.output
      taps *= axis.kernel
    }
    let count = places * inner.output * taps
    let sources = [Int32](unsafeUninitializedCapacity: count) { target, initialized in
      initialized = count
      var next = 0
      for place in 0..<places {
        for position in 0..<inner.output {
          for tap in 0..<taps {
            let from = lines[place * taps + tap]
            target[next] =
              from < 0
              ? -1 : Int32(truncatingIfNeeded: from * line + position * inner.stride)
            next += 1
          }
        }
      }
    }
    return TapTable(
      form: .sources(sources), taps: taps, outputRows: places * inner.output,
      inputRows: inputRows, inputPhases: nil, outputPhases: nil)
  }
}
