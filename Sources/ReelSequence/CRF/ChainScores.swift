import Foundation
import ReelLayers
import ReelTensor

/// The parameters of a chain as the forward and backward passes read them, made once for each call:
/// as logarithms, and as weights exp(score − largest score).
struct ChainScores: Sendable {
  let tags: Int
  /// Scores; −∞ where something is forbidden. One row for `start` and `end`.
  let start: ChainRows
  let end: ChainRows
  let transitions: ChainRows
  let transposed: ChainRows
  /// The same as weights of at most 1, 0 where forbidden.
  let startWeights: ChainRows
  let endWeights: ChainRows
  let weights: ChainRows
  let transposedWeights: ChainRows
  let largestStart: Double
  let largestEnd: Double
  let largestTransition: Double
  /// The largest difference between two allowed scores of one kind; nil where one is not finite.
  private let range: Double?
  private let mixingSteps: Int?

  init(_ crf: LinearChainCRF) {
    let tags = crf.tags
    self.tags = tags
    let constraints = crf.constraints
    mixingSteps = constraints == nil ? 1 : constraints?.mixingSteps

    func row(_ values: Tensor, _ allowed: [Bool]?) -> (ChainRows, Extent) {
      let values = values.values
      var extent = Extent()
      let rows = ChainRows(rows: 1, columns: tags, filledWith: -.infinity) { _, tag in
        guard allowed?[tag] ?? true else { return -.infinity }
        extent.add(Double(values[tag]))
        return Double(values[tag])
      }
      return (rows, extent)
    }
    let (start, startExtent) = row(crf.start, constraints?.start)
    let (end, endExtent) = row(crf.end, constraints?.end)
    let values = crf.transitions.values
    var extent = Extent()
    let transitions = ChainRows(rows: tags, columns: tags, filledWith: -.infinity) { from, to in
      guard constraints?.allowed[from][to] ?? true else { return -.infinity }
      extent.add(Double(values[from * tags + to]))
      return Double(values[from * tags + to])
    }
    (self.start, self.end, self.transitions) = (start, end, transitions)
    transposed = ChainRows(rows: tags, columns: tags, filledWith: -.infinity) {
      transitions[$1][$0]
    }
    let ranges = [startExtent.range, endExtent.range, extent.range]
    range = ranges.contains(nil) ? nil : ranges.reduce(0) { max($0, $1 ?? 0) }
    let (largestStart, largestEnd) = (startExtent.largest, endExtent.largest)
    let largestTransition = extent.largest
    self.largestStart = largestStart
    self.largestEnd = largestEnd
    self.largestTransition = largestTransition
    startWeights = ChainRows(rows: 1, columns: tags, filledWith: 0) {
      exp(start[$0][$1] - largestStart)
    }
    endWeights = ChainRows(rows: 1, columns: tags, filledWith: 0) { exp(end[$0][$1] - largestEnd) }
    let weights = ChainRows(rows: tags, columns: tags, filledWith: 0) {
      exp(transitions[$0][$1] - largestTransition)
    }
    self.weights = weights
    transposedWeights = ChainRows(rows: tags, columns: tags, filledWith: 0) { weights[$1][$0] }
  }

  /// Whether products of weights cannot leave the range of Double in a sequence.
  ///
  /// Let one step (emission and transition) favour no allowed tag by more than a factor of e^r, and
  /// let every tag be reached from every tag in exactly d steps. Then each tag has at least the
  /// share (e^r·T)^−d of the sum of the forward weights, which are brought to 1 at each step, and
  /// so have the backward weights; only what is impossible is 0.
  func canUseWeights(emissionRange: Double, steps: Int) -> Bool {
    guard let range else { return false }
    let mixing = Double(min(mixingSteps ?? steps, steps))
    return mixing * (range + emissionRange + log(Double(tags))) < 300
  }

  /// Of the scores that are allowed.
  private struct Extent {
    var largest = -Double.infinity
    var smallest = Double.infinity
    var isFinite = true

    mutating func add(_ score: Double) {
      largest = max(largest, score)
      smallest = min(smallest, score)
      if !score.isFinite { isFinite = false }
    }

    var range: Double? { isFinite && largest >= smallest ? largest - smallest : nil }
  }
}

/// The emissions of a batch, to be read by several threads.
struct ChainEmissions: Sendable {
  let layout: SequenceLayout
  let tags: Int
  let values: Shared<UnsafePointer<Float>>

  /// The scores of one time step of the sequence at a sorted place.
  @inline(__always)
  func row(_ place: Int, _ step: Int) -> UnsafePointer<Float> {
    values.pointer + (layout.offsets[step] + place) * tags
  }

  func length(_ place: Int) -> Int { layout.lengths[layout.order[place]] }
}

extension LinearChainCRF {
  /// Calls `body` with ranges of sorted places, on several threads; how the batch is cut depends
  /// on its lengths alone. Sequences of no steps are left out.
  func forEachPiece(
    of emissions: Sequences,
    _ body: @Sendable (_ piece: Int, Range<Int>, ChainEmissions) -> Void
  ) {
    let pieces = Self.pieces(of: emissions.layout, tags: tags)
    emissions.values.withUnsafeValues { values in
      guard let base = values.baseAddress, !pieces.isEmpty else { return }
      let emissions = ChainEmissions(
        layout: emissions.layout, tags: tags, values: Shared(base))
      Threads.forEach(pieces.count) { body($0, pieces[$0], emissions) }
    }
  }

  /// About 100,000 operations to a piece, and at most 64 pieces, since each has sums of its own over
  /// all transitions.
  static func pieces(of layout: SequenceLayout, tags: Int) -> [Range<Int>] {
    let stepsPerPiece = max(
      1, 100_000 / (2 * tags * tags + 16 * tags + 32), (layout.total + 63) / 64)
    var pieces: [Range<Int>] = []
    var (first, steps) = (0, 0)
    for place in 0..<(layout.active.first ?? 0) {
      steps += layout.lengths[layout.order[place]]
      if steps >= stepsPerPiece {
        pieces.append(first..<place + 1)
        (first, steps) = (place + 1, 0)
      }
    }
    if steps > 0 { pieces.append(first..<(layout.active.first ?? 0)) }
    return pieces
  }
}
