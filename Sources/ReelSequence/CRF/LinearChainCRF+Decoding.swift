import ReelLayers
import ReelTensor

/// The scores as the search for the best sequence reads them. All are finite, so that every place
/// of a sequence gets a tag even where the numbers are broken or nothing is allowed: an infinity or
/// NaN counts as a score that outweighs all others, and what is forbidden outweighs even that.
struct PathScores: Sendable {
  static let forbidden = -1e120
  private static let lowest = -1e60

  let tags: Int
  let start: ChainRows
  let end: ChainRows
  let transitions: ChainRows
  let transposed: ChainRows

  init(_ crf: LinearChainCRF) {
    let tags = crf.tags
    self.tags = tags
    let constraints = crf.constraints
    func score(_ value: Float, _ allowed: Bool?) -> Double {
      allowed ?? true ? Self.bounded(value) : Self.forbidden
    }
    let (starts, ends, values) = (crf.start.values, crf.end.values, crf.transitions.values)
    start = ChainRows(rows: 1, columns: tags, filledWith: 0) {
      score(starts[$1], constraints?.start[$1])
    }
    end = ChainRows(rows: 1, columns: tags, filledWith: 0) {
      score(ends[$1], constraints?.end[$1])
    }
    let transitions = ChainRows(rows: tags, columns: tags, filledWith: 0) {
      score(values[$0 * tags + $1], constraints?.allowed[$0][$1])
    }
    self.transitions = transitions
    transposed = ChainRows(rows: tags, columns: tags, filledWith: 0) { transitions[$1][$0] }
  }

  @inline(__always)
  static func bounded(_ value: Float) -> Double {
    // Also false for NaN.
    guard value > -.infinity else { return lowest }
    return value < .infinity ? Double(value) : -lowest
  }

  /// The emissions of one step; a step whose scores are all broken says nothing.
  @inline(__always)
  func read(_ row: UnsafePointer<Float>, into target: UnsafeMutablePointer<Double>) {
    var largest = -Double.infinity
    for tag in 0..<tags {
      let value = Self.bounded(row[tag])
      target[tag] = value
      largest = value > largest ? value : largest
    }
    if abs(largest) == -Self.lowest {
      for tag in 0..<tags { target[tag] -= largest }
    }
  }
}

extension LinearChainCRF {
  /// The sequence of tags with the highest score for each sequence of emissions (Viterbi 1967); of
  /// equal ones, that whose last differing tag is the lower one. Never a forbidden transition, as
  /// long as the constraints allow any sequence of that length.
  public func decode(_ emissions: Sequences) -> [[Int32]] {
    check(emissions)
    let scores = PathScores(self)
    return collect(emissions) { places, emissions, set in
      let search = ViterbiSearch(
        scores, emissions, longest: emissions.length(places.lowerBound))
      for place in places { set(place, search.bestPath(place)) }
    } empty: {
      []
    }
  }

  /// One result for each row of the batch, in the user's order.
  func collect<Result: Sendable>(
    _ emissions: Sequences,
    _ body: @Sendable (Range<Int>, ChainEmissions, (Int, Result) -> Void) -> Void,
    empty: () -> Result
  ) -> [Result] {
    var results = [Result](repeating: empty(), count: emissions.layout.batch)
    results.withUnsafeMutableBufferPointer { results in
      guard let base = results.baseAddress else { return }
      let shared = Shared(base)
      forEachPiece(of: emissions) { _, places, emissions in
        let order = emissions.layout.order
        body(places, emissions) { shared.pointer[order[$0]] = $1 }
      }
    }
    return results
  }
}

/// Viterbi's algorithm over one sequence at a time.
///
///     δ_t[j] = e_t[j] + max_i (δ_{t−1}[i] + transitions[i, j])
///
/// Only δ is kept: which i was the best one is found again on the way back, for one j at each step.
private final class ViterbiSearch {
  private let scores: PathScores
  private let emissions: ChainEmissions
  private let delta: ChainRows
  private let emission: ChainRows

  init(_ scores: PathScores, _ emissions: ChainEmissions, longest: Int) {
    self.scores = scores
    self.emissions = emissions
    delta = ChainRows(rows: longest, columns: scores.tags)
    emission = ChainRows(rows: 1, columns: scores.tags)
  }

  func bestPath(_ place: Int) -> [Int32] {
    let (tags, length) = (scores.tags, emissions.length(place))
    let emission = emission[0]
    for step in 0..<length {
      scores.read(emissions.row(place, step), into: emission)
      if step == 0 {
        for tag in 0..<tags { delta[0][tag] = scores.start[0][tag] + emission[tag] }
      } else {
        scores.transitions.largestSums(delta[step - 1], plus: emission, into: delta[step])
      }
    }
    return [Int32](unsafeUninitializedCapacity: length) { path, count in
      var next = scores.end[0]
      for step in stride(from: length - 1, through: 0, by: -1) {
        let row = delta[step]
        var best = 0
        for tag in 1..<max(tags, 1) where row[tag] + next[tag] > row[best] + next[best] {
          best = tag
        }
        path[step] = Int32(best)
        next = scores.transposed[best]
      }
      count = length
    }
  }
}
