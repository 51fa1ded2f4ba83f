import Foundation
import ReelLayers
import ReelTensor

extension LinearChainCRF {
  /// The `n` best sequences of tags of each sequence of emissions, best first, with the logarithms
  /// of their probabilities; fewer where there are fewer with a probability above 0. The first one
  /// is that of `decode`.
  ///
  /// A sequence of no time steps has one result, without tags and of probability 1.
  public func decodeBest(
    _ n: Int, _ emissions: Sequences
  ) -> [[(tags: [Int32], score: Double)]] {
    check(emissions)
    precondition(n > 0, "LinearChainCRF: the \(n) best sequences asked for, at least 1 is expected")
    let paths = PathScores(self)
    let scores = ChainScores(self)
    return collect(emissions) { places, emissions, set in
      let longest = emissions.length(places.lowerBound)
      let search = NBestSearch(n, paths, emissions, longest: longest)
      let pass = ChainPass(scores, emissions, longest: longest)
      for place in places {
        pass.forward(place)
        var best: [(tags: [Int32], score: Double)] = []
        for tags in search.bestPaths(place) {
          let score = pass.score { Int(tags[$0]) } - pass.logPartition
          // Besides the first one, only what can be.
          if best.isEmpty || score > -.infinity { best.append((tags, score)) }
        }
        set(place, best)
      }
    } empty: {
      [([], 0)]
    }
  }
}

/// Viterbi's algorithm with a sorted list of the n best beginnings for each tag and step.
private final class NBestSearch {
  /// Where a beginning came from: the tag before and the place in that tag's list.
  private struct Origin {
    var tag: Int32
    var rank: Int32
  }

  private let n: Int
  private let scores: PathScores
  private let emissions: ChainEmissions
  private let emission: ChainRows
  /// [steps, T, n].
  private let origins: UnsafeMutablePointer<Origin>
  /// [T, n] of the last step and of the one before.
  private var current: [Double]
  private var previous: [Double]
  /// How many of the n there are for each tag: as many at a step for all.
  private var count = 0
  private var heads: [Int]

  init(_ n: Int, _ scores: PathScores, _ emissions: ChainEmissions, longest: Int) {
    // T to the power of the length is all that there is.
    var all = 1
    for _ in 0..<longest where all < n {
      all = all.multipliedReportingOverflow(by: max(scores.tags, 2)).partialValue
    }
    let n = min(n, all)
    self.n = n
    self.scores = scores
    self.emissions = emissions
    emission = ChainRows(rows: 1, columns: scores.tags)
    origins = .allocate(capacity: max(1, longest * scores.tags * n))
    current = [Double](repeating: 0, count: scores.tags * n)
    previous = current
    heads = [Int](repeating: 0, count: scores.tags)
  }

  deinit { origins.deallocate() }

  func bestPaths(_ place: Int) -> [[Int32]] {
    let (tags, length) = (scores.tags, emissions.length(place))
    for step in 0..<length {
      let emission = emission[0]
      scores.read(emissions.row(place, step), into: emission)
      swap(&current, &previous)
      if step == 0 {
        for tag in 0..<tags { current[tag * n] = scores.start[0][tag] + emission[tag] }
        count = 1
        continue
      }
      let last = count
      count = min(n, last * tags)
      for to in 0..<tags {
        merge(scores.transposed[to], lists: previous, of: last) { rank, score, origin in
          current[to * n + rank] = score + emission[to]
          origins[(step * tags + to) * n + rank] = origin
        }
      }
    }
    let last = count
    count = min(n, last * tags)
    var ends: [Origin] = []
    merge(scores.end[0], lists: current, of: last) { _, score, origin in
      // A path over something forbidden comes out only where there is no other.
      if ends.isEmpty || score > PathScores.forbidden / 2 { ends.append(origin) }
    }
    return ends.map { path(to: $0, length: length) }
  }

  /// The `count` best of all entries of T sorted lists, each with the addend of its list.
  private func merge(
    _ addend: UnsafePointer<Double>, lists: [Double], of length: Int,
    _ body: (_ rank: Int, _ score: Double, Origin) -> Void
  ) {
    for tag in heads.indices { heads[tag] = 0 }
    for rank in 0..<count {
      var best = -1
      var bestScore = 0.0
      for tag in heads.indices where heads[tag] < length {
        let score = lists[tag * n + heads[tag]] + addend[tag]
        if best < 0 || score > bestScore { (best, bestScore) = (tag, score) }
      }
      body(rank, bestScore, Origin(tag: Int32(best), rank: Int32(heads[best])))
      heads[best] += 1
    }
  }

  private func path(to end: Origin, length: Int) -> [Int32] {
    var path = [Int32](repeating: 0, count: length)
    var origin = end
    for step in stride(from: length - 1, through: 0, by: -1) {
      path[step] = origin.tag
      if step > 0 {
        origin = origins[(step * scores.tags + Int(origin.tag)) * n + Int(origin.rank)]
      }
    }
    return path
  }
}
