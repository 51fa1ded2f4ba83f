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
  private let tags: Int
  private let scores: PathScores
  private let emissions: ChainEmissions
  private let emission: ChainRows
  /// [steps, T, n].
  private let origins: UnsafeMutablePointer<Origin>
  /// Scores [T, n] of even and of odd steps.
  private let lists: ChainRows
  /// The best entry of each tag's list that was not taken yet, with its addend.
  private let heads: ChainRows
  private let ranks: UnsafeMutablePointer<Int>

  init(_ n: Int, _ scores: PathScores, _ emissions: ChainEmissions, longest: Int) {
    tags = scores.tags
    // T to the power of the length is all that there is.
    var all = 1
    for _ in 0..<longest where all < n {
      let (product, isTooLarge) = all.multipliedReportingOverflow(by: scores.tags)
      all = isTooLarge ? n : product
    }
    self.n = min(n, all)
    self.scores = scores
    self.emissions = emissions
    emission = ChainRows(rows: 1, columns: tags)
    origins = .allocate(capacity: max(1, longest * tags * self.n))
    lists = ChainRows(rows: 2, columns: tags * self.n)
    heads = ChainRows(rows: 1, columns: tags)
    ranks = .allocate(capacity: tags)
  }

  deinit {
    origins.deallocate()
    ranks.deallocate()
  }

  func bestPaths(_ place: Int) -> [[Int32]] {
    let length = emissions.length(place)
    let emission = emission[0]
    // Entries of each list: as many at a step for all tags.
    var count = 1
    for step in 0..<length {
      scores.read(emissions.row(place, step), into: emission)
      let current = lists[step % 2]
      if step == 0 {
        for tag in 0..<tags { current[tag * n] = scores.start[0][tag] + emission[tag] }
        continue
      }
      let before = count
      count = min(n, before * tags)
      for to in 0..<tags {
        let origins = origins + (step * tags + to) * n
        merge(scores.transposed[to], lists[(step - 1) % 2], before, best: count) {
          current[to * n + $0] = $1 + emission[to]
          origins[$0] = $2
        }
      }
    }
    var ends: [Origin] = []
    let last = lists[(length - 1) % 2]
    merge(scores.end[0], last, count, best: min(n, count * tags)) { rank, score, origin in
      // A path over something forbidden comes out only where there is no other.
      if ends.isEmpty || score > PathScores.forbidden / 2 { ends.append(origin) }
    }
    return ends.map { path(to: $0, length: length) }
  }

  /// The `best` best of all entries of T sorted lists of `length`, each with the addend of its list.
  @inline(__always)
  private func merge(
    _ addend: UnsafePointer<Double>, _ lists: UnsafePointer<Double>, _ length: Int, best: Int,
    _ body: (_ rank: Int, _ score: Double, Origin) -> Void
  ) {
    let heads = heads[0]
    for tag in 0..<tags {
      heads[tag] = lists[tag * n] + addend[tag]
      ranks[tag] = 0
    }
    for rank in 0..<best {
      var tag = 0
      for other in 1..<max(tags, 1) where heads[other] > heads[tag] { tag = other }
      body(rank, heads[tag], Origin(tag: Int32(tag), rank: Int32(ranks[tag])))
      ranks[tag] += 1
      // −∞ is below every score: an empty list is never chosen while another one has entries.
      heads[tag] =
        ranks[tag] < length ? lists[tag * n + ranks[tag]] + addend[tag] : -.infinity
    }
  }

  private func path(to end: Origin, length: Int) -> [Int32] {
    var path = [Int32](repeating: 0, count: length)
    var origin = end
    for step in stride(from: length - 1, through: 0, by: -1) {
      path[step] = origin.tag
      guard step > 0 else { break }
      origin = origins[(step * tags + Int(origin.tag)) * n + Int(origin.rank)]
    }
    return path
  }
}
