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
    /// The piece's probability or its logarithm, as was asked for.
    var weight: Double
  }

  /// The logarithm of each piece's probability; minus infinity for a piece that was dropped.
  package private(set) var scores: [Double]
  package private(set) var unknownScore: Double

  private let trie: PieceTrie
  private var probabilities: [Double] = []
  private var unknownProbability = 0.0

  var edges: [Edge] = []
  var forward: [Double] = []
  var backward: [Double] = []
  private var links: [Int32] = []

  /// What keeps sums of probabilities within the range of `Double`.
  var scaling: LatticeScaling

  package init(_ pieces: ByteStrings, scores: [Double]) {
    trie = PieceTrie(pieces)
    scaling = LatticeScaling(
      longestPiece: (0..<pieces.count).reduce(4) { max($0, pieces.length($1)) })
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

  /// The pieces of the best segmentation, the last one first, and its score.
  ///
  /// - Parameter excluded: a piece of more than one scalar to do without, or -1.
  package mutating func bestPath(
    of word: UnsafeBufferPointer<UInt8>, without excluded: Int32 = -1, into path: inout [Int32]
  ) -> Double {
    path.removeAll(keepingCapacity: true)
    findEdges(word, byLogarithms: true)
    let count = word.count
    reserve(count)
    edges.withUnsafeBufferPointer { edges in
      forward.withUnsafeMutableBufferPointer { best in
        links.withUnsafeMutableBufferPointer { links in
          for position in 0...count { links[position] = -1 }
          best[0] = 0
          for index in edges.indices {
            let edge = edges[index]
            if edge.piece >= 0, edge.piece == excluded { continue }
            let score = best[Int(edge.start)] + edge.weight
            let end = Int(edge.end)
            if links[end] < 0 || score > best[end] {
              best[end] = score
              links[end] = Int32(truncatingIfNeeded: index)
            }
          }
        }
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

  /// Makes room for words of `count` bytes.
  mutating func reserve(_ count: Int) {
    guard forward.count <= count else { return }
    forward = [Double](repeating: 0, count: 2 * count + 1)
    backward = forward
    links = [Int32](repeating: 0, count: 2 * count + 1)
  }

  /// Finds the edges, in the order of their starts and then of their ends.
  mutating func findEdges(_ word: UnsafeBufferPointer<UInt8>, byLogarithms: Bool) {
    edges.removeAll(keepingCapacity: true)
    let unknown = byLogarithms ? unknownScore : unknownProbability
    // A dropped piece has the probability 0.
    let dropped = byLogarithms ? -Double.infinity : 0
    trie.nodes.withUnsafeBufferPointer { nodes in
      (byLogarithms ? scores : probabilities).withUnsafeBufferPointer { weights in
        guard let root = nodes.baseAddress else { return }
        var start = 0
        while start < word.count {
          let scalarEnd = start + UTF8Sequence.length(at: start, in: word)
          var hasScalar = false
          PieceTrie.forEachPrefix(root, word, from: start) { end, piece in
            let weight = weights[Int(piece)]
            guard weight > dropped else { return }
            edges.append(
              Edge(
                start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: end),
                piece: piece, weight: weight))
            if end == scalarEnd { hasScalar = true }
          }
          if !hasScalar {
            edges.append(
              Edge(
                start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: scalarEnd),
                piece: -1, weight: unknown))
          }
          start = scalarEnd
        }
      }
    }
  }
}
