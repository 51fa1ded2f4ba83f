extension UnigramModel {
  public func segment(
    _ piece: UnsafeBufferPointer<UInt8>, into tokens: inout [PieceToken],
    scratch: inout ModelScratch
  ) {
    findBestPath(piece, &scratch)
    collectTokens(piece, scratch, into: &tokens)
  }

  /// Viterbi's algorithm. For each position that a path reaches, leaves the best score in
  /// `scratch.scores`, where the last token of the best path starts in `scratch.integers`, and its id
  /// in `scratch.links`.
  private func findBestPath(_ piece: UnsafeBufferPointer<UInt8>, _ scratch: inout ModelScratch) {
    let count = piece.count
    if scratch.scores.count <= count {
      scratch.scores = [Double](repeating: 0, count: count + 1)
      scratch.integers = [Int32](repeating: 0, count: count + 1)
      scratch.links = [Int32](repeating: 0, count: count + 1)
    }
    scratch.scores.withUnsafeMutableBufferPointer { best in
      scratch.integers.withUnsafeMutableBufferPointer { starts in
        scratch.links.withUnsafeMutableBufferPointer { links in
          trie.nodes.withUnsafeBufferPointer { nodes in
            addedScores.withUnsafeBufferPointer { scores in
              guard let root = nodes.baseAddress else { return }
              starts[..<(count + 1)].update(repeating: -1)
              best[0] = 0
              var start = 0
              while start < count {
                let scalarEnd = start + UTF8Sequence.length(at: start, in: piece)
                let here = best[start]
                var hasScalar = false
                func offer(_ score: Double, _ end: Int, _ id: Int32) {
                  if starts[end] < 0 || score > best[end] {
                    best[end] = score
                    starts[end] = Int32(truncatingIfNeeded: start)
                    links[end] = id
                  }
                }
                PieceTrie.forEachPrefix(root, piece, from: start) { end, id in
                  offer(scores[Int(id)] + here, end, id)
                  if end == scalarEnd { hasScalar = true }
                }
                if !hasScalar { offer(unknownScore + here, scalarEnd, unknownID ?? -1) }
                start = scalarEnd
              }
            }
          }
        }
      }
    }
  }

  /// Follows the best path back, and writes its tokens in order.
  private func collectTokens(
    _ piece: UnsafeBufferPointer<UInt8>, _ scratch: ModelScratch,
    into tokens: inout [PieceToken]
  ) {
    let unknown = unknownID ?? -1
    var end = piece.count
    while end > 0 {
      var start = Int(scratch.integers[end])
      let id = scratch.links[end]
      if id == unknown {
        while start > 0, scratch.links[start] == unknown { start = Int(scratch.integers[start]) }
        appendUnknown(piece, start..<end, to: &tokens)
      } else {
        tokens.append(PieceToken(id: id, start: Int32(start), end: Int32(end)))
      }
      end = start
    }
    tokens.reverse()
  }

  /// Appends the tokens of unknown scalars, last one first.
  private func appendUnknown(
    _ piece: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to tokens: inout [PieceToken]
  ) {
    let bytes = UnsafeBufferPointer(rebasing: piece[range])
    let (start, end) = (Int32(range.lowerBound), Int32(range.upperBound))
    // Joined, they may be a token after all: the unknown token itself, or one whose score lies so
    // high above 0 that it lost to its scalars.
    if let id = table.id(of: bytes) {
      tokens.append(PieceToken(id: id, start: start, end: end))
    } else if byteFallback, bytes.allSatisfy({ byteTokens[Int($0)] >= 0 }) {
      for byte in bytes.reversed() {
        tokens.append(PieceToken(id: byteTokens[Int(byte)], start: start, end: end))
      }
    } else if let unknownID {
      tokens.append(PieceToken(id: unknownID, start: start, end: end))
    }
  }
}

extension UTF8Sequence {
  /// How many bytes the sequence at `start` has, if it is well-formed; at most as many as there are.
  @inline(__always)
  static func length(at start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    let first = bytes[start]
    if first < 0xC0 { return 1 }
    return min(first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4, bytes.count - start)
  }
}
