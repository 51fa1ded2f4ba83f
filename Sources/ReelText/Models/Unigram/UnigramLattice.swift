import Glibc

/// All ways to write a word as pieces: the lattice that training sums over and seeks the best path in.
///
/// Position i of a word of n bytes is a node of the lattice, and a piece that begins at i and ends
/// at j is an edge. A scalar that is no piece by itself is an edge of the unknown piece.
package struct UnigramLattice {
  struct Edge {
    var start: Int32
    var end: Int32
    /// The piece, or -1 for the unknown one.
    var piece: Int32
  }

  /// Products of probabilities of at least e to this power are safe in `Double`.
  static let linearLimit = -600.0

  let trie: PieceTrie
  /// The logarithm of each piece's probability, at most 0; minus infinity for a piece that was dropped.
  package private(set) var scores: [Double]
  package private(set) var unknownScore: Double
  private var probabilities: [Double] = []
  private var unknownProbability = 0.0

  private var edges: [Edge] = []
  private var forward: [Double] = []
  private var backward: [Double] = []
  private var links: [Int32] = []

  package init(_ pieces: ByteStrings, scores: [Double]) {
    trie = PieceTrie(pieces)
    self.scores = []
    unknownScore = 0
    update(scores)
  }

  /// Gives the pieces other scores.
  package mutating func update(_ scores: [Double]) {
    self.scores = scores
    let lowest = scores.reduce(0.0) { $1 > -.infinity ? min($0, $1) : $0 }
    unknownScore = lowest - UnigramModel.unknownPenalty
    probabilities = scores.map { exp($0) }
    unknownProbability = exp(unknownScore)
  }

  /// Adds to `expected`, for each piece, how often it comes in a word's segmentations, each weighted
  /// by its probability given the word, times `count`.
  ///
  /// - Returns: the logarithm of the word's probability, the sum over its segmentations.
  package mutating func addExpectations(
    of word: UnsafeBufferPointer<UInt8>, count: Double, to expected: inout [Double]
  ) -> Double {
    guard !word.isEmpty else { return 0 }
    findEdges(word)
    let lowest = unknownScore * Double(word.count)
    return lowest > Self.linearLimit
      ? addLinear(word.count, count, &expected) : addLogarithmic(word.count, count, &expected)
  }

  /// As above, always with logarithms; for words of any length.
  package mutating func addExpectationsByLogarithms(
    of word: UnsafeBufferPointer<UInt8>, count: Double, to expected: inout [Double]
  ) -> Double {
    findEdges(word)
    return addLogarithmic(word.count, count, &expected)
  }

  /// The pieces of the best segmentation, the last one first, and its score.
  ///
  /// - Parameter excluded: a piece of more than one scalar to do without, or -1.
  package mutating func bestPath(
    of word: UnsafeBufferPointer<UInt8>, without excluded: Int32 = -1, into path: inout [Int32]
  ) -> Double {
    path.removeAll(keepingCapacity: true)
    findEdges(word)
    let count = word.count
    reserve(count)
    for position in 0...count { links[position] = -1 }
    forward[0] = 0
    for (index, edge) in edges.enumerated() {
      if edge.piece >= 0, edge.piece == excluded { continue }
      let score = forward[Int(edge.start)] + self.score(edge.piece)
      let end = Int(edge.end)
      if links[end] < 0 || score > forward[end] {
        forward[end] = score
        links[end] = Int32(index)
      }
    }
    var end = count
    while end > 0 {
      let edge = edges[Int(links[end])]
      path.append(edge.piece)
      end = Int(edge.start)
    }
    return forward[count]
  }

  @inline(__always)
  private func score(_ piece: Int32) -> Double {
    piece >= 0 ? scores[Int(piece)] : unknownScore
  }

  private mutating func reserve(_ count: Int) {
    guard forward.count <= count else { return }
    forward = [Double](repeating: 0, count: 2 * count + 1)
    backward = forward
    links = [Int32](repeating: 0, count: 2 * count + 1)
  }

  /// Finds the edges, in the order of their starts and then of their ends.
  private mutating func findEdges(_ word: UnsafeBufferPointer<UInt8>) {
    edges.removeAll(keepingCapacity: true)
    var start = 0
    while start < word.count {
      let scalarEnd = start + UTF8Sequence.length(at: start, in: word)
      var hasScalar = false
      trie.nodes.withUnsafeBufferPointer { nodes in
        guard let root = nodes.baseAddress else { return }
        PieceTrie.forEachPrefix(root, word, from: start) { end, piece in
          guard scores[Int(piece)] > -.infinity else { return }
          edges.append(
            Edge(
              start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: end),
              piece: piece))
          if end == scalarEnd { hasScalar = true }
        }
      }
      if !hasScalar {
        edges.append(
          Edge(
            start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: scalarEnd),
            piece: -1))
      }
      start = scalarEnd
    }
  }

  /// Forward and backward sums of probabilities.
  private mutating func addLinear(
    _ length: Int, _ count: Double, _ expected: inout [Double]
  ) -> Double {
    reserve(length)
    for position in 0...length {
      forward[position] = 0
      backward[position] = 0
    }
    forward[0] = 1
    backward[length] = 1
    for edge in edges {
      forward[Int(edge.end)] += forward[Int(edge.start)] * probability(edge.piece)
    }
    let total = forward[length]
    let scale = count / total
    for edge in edges.reversed() {
      let rest = probability(edge.piece) * backward[Int(edge.end)]
      backward[Int(edge.start)] += rest
      if edge.piece >= 0 {
        expected[Int(edge.piece)] += scale * forward[Int(edge.start)] * rest
      }
    }
    return log(total)
  }

  @inline(__always)
  private func probability(_ piece: Int32) -> Double {
    piece >= 0 ? probabilities[Int(piece)] : unknownProbability
  }

  /// The same with logarithms of the sums.
  private mutating func addLogarithmic(
    _ length: Int, _ count: Double, _ expected: inout [Double]
  ) -> Double {
    reserve(length)
    for position in 0...length {
      forward[position] = -.infinity
      backward[position] = -.infinity
    }
    forward[0] = 0
    backward[length] = 0
    for edge in edges {
      Self.add(forward[Int(edge.start)] + score(edge.piece), to: &forward[Int(edge.end)])
    }
    let total = forward[length]
    for edge in edges.reversed() {
      let rest = score(edge.piece) + backward[Int(edge.end)]
      Self.add(rest, to: &backward[Int(edge.start)])
      if edge.piece >= 0 {
        expected[Int(edge.piece)] += count * exp(forward[Int(edge.start)] + rest - total)
      }
    }
    return total
  }

  /// Adds a number to a sum, both given and left as logarithms.
  @inline(__always)
  private static func add(_ addend: Double, to sum: inout Double) {
    let (low, high) = sum < addend ? (sum, addend) : (addend, sum)
    sum = low == -.infinity ? high : high + log1p(exp(low - high))
  }
}
