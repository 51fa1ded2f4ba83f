import Glibc

/// Counted words in one buffer.
struct UnigramCorpus {
  private(set) var words = ByteStrings()
  private(set) var counts: [Int] = []

  /// Words that are empty or come no times are left out; longer ones than `partLimit` bytes are cut
  /// between scalars.
  init(_ words: [(bytes: [UInt8], count: Int)], partLimit: Int) {
    for word in words where word.count > 0 && !word.bytes.isEmpty {
      var start = 0
      while start < word.bytes.count {
        var end = min(start + partLimit, word.bytes.count)
        // Not before a continuation byte.
        while end < word.bytes.count, end > start + 4, word.bytes[end] & 0xC0 == 0x80 { end -= 1 }
        self.words.append(Array(word.bytes[start..<end]))
        counts.append(word.count)
        start = end
      }
    }
  }
}

/// Pieces with their scores and the order in which they are worth keeping.
struct UnigramPieces {
  var strings: ByteStrings
  var scores: [Double]
  /// The place of each piece in that order: the lower, the better.
  var ranks: [Int]

  /// The pieces with these numbers.
  func selecting(_ indices: [Int]) -> UnigramPieces {
    UnigramPieces(
      strings: strings.selecting(indices), scores: indices.map { scores[$0] },
      ranks: indices.map { ranks[$0] })
  }

  func sortedByBytes() -> UnigramPieces {
    selecting(strings.sortedIndices())
  }
}

/// Expectation, maximization and pruning over one list of pieces.
struct UnigramTraining {
  private let pieces: UnigramPieces
  private let corpus: UnigramCorpus
  private var lattice: UnigramLattice

  init(_ pieces: UnigramPieces, _ corpus: UnigramCorpus) {
    self.pieces = pieces
    self.corpus = corpus
    lattice = UnigramLattice(pieces.strings, scores: pieces.scores)
  }

  private var live: [Int] {
    lattice.scores.indices.filter { lattice.scores[$0] > -.infinity }
  }

  /// How many pieces are not dropped.
  var liveCount: Int { lattice.scores.reduce(0) { $1 > -.infinity ? $0 + 1 : $0 } }

  /// The pieces that are not dropped, with their scores.
  var livePieces: UnigramPieces {
    var current = pieces
    current.scores = lattice.scores
    return current.selecting(live)
  }

  /// How often each piece is expected in the corpus.
  mutating func expectations() -> [Double] {
    var expected = [Double](repeating: 0, count: pieces.scores.count)
    corpus.words.forEach { index, word in
      _ = lattice.addExpectations(of: word, count: Double(corpus.counts[index]), to: &expected)
    }
    return expected
  }

  /// The scores that follow from expectations: ψ(cᵢ) − ψ(Σ cⱼ) in place of log cᵢ − log Σ cⱼ, the
  /// expected logarithm under a Dirichlet prior, which makes rare pieces rarer still (Liang and Klein
  /// 2007).
  mutating func maximize(_ expected: [Double], threshold: Double) {
    let total = expected.reduce(0.0) { $1 >= threshold ? $0 + $1 : $0 }
    let logTotal = total > 0 ? digamma(total) : 0
    lattice.update(expected.map { $0 >= threshold ? digamma($0) - logTotal : -.infinity })
  }

  /// The pieces without those that matter least.
  ///
  /// A piece matters as the likelihood would fall if its next best segmentation stood in its place
  /// everywhere: count · (log p(piece) − Σ log p(part)), with the counts of the words' best
  /// segmentations, and the parts' counts raised by the piece's. Pieces without another segmentation
  /// are kept.
  mutating func pruned(to size: Int) -> UnigramPieces {
    let counts = bestPathCounts()
    let total = counts.reduce(0, +)
    var kept: [Int] = []
    var candidates: [(index: Int, loss: Double)] = []
    var path: [Int32] = []
    pieces.strings.forEach { index, bytes in
      let score = lattice.scores[index]
      guard score > -.infinity else { return }
      let length = bytes.isEmpty ? 0 : UTF8Sequence.length(at: 0, in: bytes)
      guard length < bytes.count else {
        kept.append(index)
        return
      }
      let alternative = lattice.bestPath(of: bytes, without: Int32(index), into: &path)
      // Its parts are better than itself, or nothing needs it.
      guard score >= alternative, counts[index] > 0 else { return }
      let count = counts[index]
      let newTotal = log(total + count * Double(path.count - 1))
      var parts = 0.0
      for part in path {
        let partCount = part >= 0 ? counts[Int(part)] : 0
        parts += log(partCount + count) - newTotal
      }
      candidates.append((index, count * (log(count) - log(total) - parts)))
    }
    candidates.sort { $0.loss != $1.loss ? $0.loss > $1.loss : $0.index < $1.index }
    kept += candidates.prefix(max(0, size - kept.count)).map(\.index)
    var current = pieces
    current.scores = lattice.scores
    for (rank, index) in kept.enumerated() { current.ranks[index] = rank }
    return current.selecting(kept.sorted())
  }

  /// How often each piece comes in the best segmentations of the words.
  private mutating func bestPathCounts() -> [Double] {
    var counts = [Double](repeating: 0, count: pieces.scores.count)
    var path: [Int32] = []
    corpus.words.forEach { index, word in
      _ = lattice.bestPath(of: word, into: &path)
      for piece in path where piece >= 0 { counts[Int(piece)] += Double(corpus.counts[index]) }
    }
    return counts
  }
}
