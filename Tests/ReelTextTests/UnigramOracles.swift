import ReelText

/// All ways to write a word as pieces, by trying them: what the lattice has to agree with.
struct SegmentationOracle {
  struct Segmentation {
    /// The pieces, -1 for an unknown scalar.
    var pieces: [Int]
    var ends: [Int]
    var score: Double
  }

  let pieces: [[UInt8]]
  let scores: [Double]
  let unknownScore: Double

  init(_ pieces: [[UInt8]], _ scores: [Double], unknownScore: Double? = nil) {
    self.pieces = pieces
    self.scores = scores
    self.unknownScore =
      unknownScore ?? (min(0, scores.min() ?? 0) - UnigramModel.unknownPenalty)
  }

  /// Sums scores from the left, as Viterbi's algorithm does.
  func segmentations(of word: [UInt8]) -> [Segmentation] {
    var done: [Segmentation] = []
    var open = [Segmentation(pieces: [], ends: [], score: 0)]
    while let path = open.popLast() {
      let start = path.ends.last ?? 0
      if start == word.count {
        done.append(path)
        continue
      }
      let rest = word[start...]
      let scalarLength = String(decoding: rest, as: UTF8.self).unicodeScalars.first.map {
        String($0).utf8.count
      }
      func extend(_ piece: Int, _ length: Int, _ score: Double) {
        open.append(
          Segmentation(
            pieces: path.pieces + [piece], ends: path.ends + [start + length],
            score: score + path.score))
      }
      var hasScalar = false
      for (index, piece) in pieces.enumerated() where !piece.isEmpty && rest.starts(with: piece) {
        extend(index, piece.count, scores[index])
        if piece.count == scalarLength { hasScalar = true }
      }
      if !hasScalar, let scalarLength { extend(-1, scalarLength, unknownScore) }
    }
    return done
  }

  /// The best segmentation. Of equally good ones, that whose last piece is longest, then the one
  /// before it, and so on.
  func best(_ word: [UInt8]) -> Segmentation? {
    segmentations(of: word).min { left, right in
      if left.score != right.score { return left.score > right.score }
      return left.starts(before: right)
    }
  }
}

extension SegmentationOracle.Segmentation {
  fileprivate func starts(before other: Self) -> Bool {
    let mine = ([0] + ends.dropLast()).reversed()
    let others = ([0] + other.ends.dropLast()).reversed()
    return mine.lexicographicallyPrecedes(others)
  }
}

extension TestGenerator {
  /// Different strings of a few letters, some of more than one byte.
  mutating func pieces(_ count: Int, letters: [String], upTo limit: Int) -> [[UInt8]] {
    var found: [[UInt8]] = []
    for _ in 0..<count {
      let piece = Array(word(letters: letters, 1...limit).utf8)
      if !found.contains(piece) { found.append(piece) }
    }
    return found
  }

  mutating func word(letters: [String], _ length: ClosedRange<Int>) -> String {
    (0..<Int.random(in: length, using: &self)).map { _ in
      letters[Int.random(in: letters.indices, using: &self)]
    }.joined()
  }
}
