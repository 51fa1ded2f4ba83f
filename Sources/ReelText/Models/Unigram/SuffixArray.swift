/// The suffixes of a text in order, in time linear in its length.
///
/// Induced sorting (Nong, Zhang and Chan 2009). A suffix is of type S if it is smaller than the one
/// that begins one symbol later, else of type L; an S suffix after an L suffix is a left-most one,
/// LMS. The order of the LMS suffixes induces that of the L suffixes from the left, and that of the
/// S suffixes from the right. LMS suffixes are ordered by the same means: first by the substrings
/// from one of them to the next, then by the text of these substrings' ranks, which is at most half
/// as long.
package enum SuffixArray {
  /// Where the suffixes start, the smallest first.
  ///
  /// - Parameters:
  ///   - text: symbols in `0 ..< symbolCount`, the last one 0 and the others not.
  ///   - symbolCount: one more than the highest symbol.
  /// - Precondition: the text has fewer than 2³¹ symbols, and its last one is 0.
  package static func sorted(_ text: [Int32], symbolCount: Int) -> [Int32] {
    precondition(
      text.last == 0 && text.count < Int(Int32.max),
      "a text of \(text.count) symbols that ends with \(text.last ?? -1), expected fewer than "
        + "\(Int32.max), the last one 0")
    var suffixes = [Int32](repeating: -1, count: text.count)
    text.withUnsafeBufferPointer { text in
      suffixes.withUnsafeMutableBufferPointer { suffixes in
        sort(text, suffixes, symbolCount: symbolCount)
      }
    }
    return suffixes
  }

  private static func sort(
    _ text: UnsafeBufferPointer<Int32>, _ suffixes: UnsafeMutableBufferPointer<Int32>,
    symbolCount: Int
  ) {
    guard text.count > 1 else {
      suffixes[0] = 0
      return
    }
    let sorting = InducedSorting(text, suffixes, symbolCount: symbolCount)
    sorting.sortSubstrings()
    let (ranks, positions, rankCount) = sorting.rankSubstrings()
    let order: [Int32]
    if rankCount == ranks.count {
      // All substrings differ: their ranks are the order of the suffixes.
      var inverse = ranks
      for (index, rank) in ranks.enumerated() { inverse[Int(rank)] = Int32(index) }
      order = inverse
    } else {
      var reduced = [Int32](repeating: -1, count: ranks.count)
      ranks.withUnsafeBufferPointer { ranks in
        reduced.withUnsafeMutableBufferPointer { sort(ranks, $0, symbolCount: rankCount) }
      }
      order = reduced
    }
    sorting.sortAll(order.map { positions[Int($0)] })
  }
}

/// One level of induced sorting.
private struct InducedSorting {
  let text: UnsafeBufferPointer<Int32>
  let suffixes: UnsafeMutableBufferPointer<Int32>
  /// Whether the suffix at a position is of type S.
  let isSmall: [Bool]
  /// Where the suffixes that begin with a symbol begin, and after them where the last ones end.
  let buckets: [Int32]

  init(
    _ text: UnsafeBufferPointer<Int32>, _ suffixes: UnsafeMutableBufferPointer<Int32>,
    symbolCount: Int
  ) {
    self.text = text
    self.suffixes = suffixes
    var isSmall = [Bool](repeating: true, count: text.count)
    var buckets = [Int32](repeating: 0, count: symbolCount + 1)
    buckets[Int(text[text.count - 1]) + 1] += 1
    for position in (0..<text.count - 1).reversed() {
      let (symbol, next) = (text[position], text[position + 1])
      isSmall[position] = symbol < next || symbol == next && isSmall[position + 1]
      buckets[Int(symbol) + 1] += 1
    }
    for symbol in 0..<symbolCount { buckets[symbol + 1] += buckets[symbol] }
    self.isSmall = isSmall
    self.buckets = buckets
  }

  @inline(__always)
  private func isLeftMost(_ position: Int) -> Bool {
    position > 0 && isSmall[position] && !isSmall[position - 1]
  }

  /// Sorts the LMS suffixes by their substrings, in no matter which order of equal ones.
  func sortSubstrings() {
    suffixes.update(repeating: -1)
    var ends = Array(buckets.dropFirst())
    for position in text.indices where isLeftMost(position) {
      let symbol = Int(text[position])
      ends[symbol] -= 1
      suffixes[Int(ends[symbol])] = Int32(position)
    }
    induce()
  }

  /// Sorts all suffixes, from the LMS suffixes in order.
  func sortAll(_ leftMost: [Int32]) {
    suffixes.update(repeating: -1)
    var ends = Array(buckets.dropFirst())
    for position in leftMost.reversed() {
      let symbol = Int(text[Int(position)])
      ends[symbol] -= 1
      suffixes[Int(ends[symbol])] = position
    }
    induce()
  }

  private func induce() {
    var starts = buckets
    var ends = Array(buckets.dropFirst())
    isSmall.withUnsafeBufferPointer { isSmall in
      starts.withUnsafeMutableBufferPointer { starts in
        for index in suffixes.indices where suffixes[index] > 0 {
          let position = Int(suffixes[index]) - 1
          if !isSmall[position] {
            let symbol = Int(text[position])
            suffixes[Int(starts[symbol])] = Int32(truncatingIfNeeded: position)
            starts[symbol] += 1
          }
        }
      }
      ends.withUnsafeMutableBufferPointer { ends in
        for index in suffixes.indices.reversed() where suffixes[index] > 0 {
          let position = Int(suffixes[index]) - 1
          if isSmall[position] {
            let symbol = Int(text[position])
            ends[symbol] -= 1
            suffixes[Int(ends[symbol])] = Int32(truncatingIfNeeded: position)
          }
        }
      }
    }
  }

  /// The ranks of the LMS substrings in the order of the text, where they start, and how many ranks
  /// there are. Equal substrings get the same rank.
  func rankSubstrings() -> (ranks: [Int32], positions: [Int32], rankCount: Int) {
    let positions = text.indices.filter(isLeftMost).map { Int32($0) }
    // Two LMS positions are never neighbours, so that half a position tells which one it is.
    var ranks = [Int32](repeating: -1, count: text.count / 2 + 1)
    var previous = -1
    var rank: Int32 = -1
    for suffix in suffixes where suffix >= 0 && isLeftMost(Int(suffix)) {
      if previous < 0 || !areEqual(previous, Int(suffix)) { rank += 1 }
      ranks[Int(suffix) / 2] = rank
      previous = Int(suffix)
    }
    return (positions.map { ranks[Int($0) / 2] }, positions, Int(rank) + 1)
  }

  private func areEqual(_ left: Int, _ right: Int) -> Bool {
    var offset = 0
    // Neither runs past the end: the last symbol of the text is LMS and comes only there.
    while text[left + offset] == text[right + offset],
      isSmall[left + offset] == isSmall[right + offset]
    {
      offset += 1
      let leftEnds = isLeftMost(left + offset)
      if leftEnds || isLeftMost(right + offset) {
        return leftEnds && isLeftMost(right + offset)
          && text[left + offset] == text[right + offset]
      }
    }
    return false
  }
}
