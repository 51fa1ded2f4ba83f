import ReelText

/// Byte-pair encoding as its definition says it, without regard to time.
enum BytePairOracle {
  /// Merges the leftmost pair of the lowest rank until there is none.
  static func merged(_ symbols: [Int32], _ merges: [(Int32, Int32)], _ table: TokenTable) -> [Int32]
  {
    var symbols = symbols
    while true {
      var best: (rank: Int, position: Int)?
      for position in symbols.indices.dropLast() {
        let rank = merges.lastIndex { $0 == (symbols[position], symbols[position + 1]) }
        if let rank, rank < best?.rank ?? .max { best = (rank, position) }
      }
      guard let best else { return symbols }
      let bytes =
        table.bytes(of: symbols[best.position]) + table.bytes(of: symbols[best.position + 1])
      guard let id = table.id(of: bytes) else { return symbols }
      symbols[best.position] = id
      symbols.remove(at: best.position + 1)
    }
  }

  /// A training over bytes that keeps the books of the tokenizers library in the plainest way: a
  /// list of entries with a pair, a count and words; a count that changed is noticed when its entry
  /// is the largest, and a pair is not counted down by its own merges.
  static func trained(
    _ words: [(bytes: [UInt8], count: Int)], alphabet: [[UInt8]], vocabularySize: Int,
    minimumFrequency: Int = 0, maximumTokenLength: Int = .max
  ) -> (tokens: [[UInt8]], merges: [[Int]]) {
    var tokens = alphabet
    var symbols = words.map { word in word.bytes.map { byte in tokens.firstIndex(of: [byte]) ?? -1 }
    }
    var counts: [[Int]: Int] = [:]
    var entries: [(pair: [Int], count: Int, words: Set<Int>)] = []
    var merges: [[Int]] = []

    func queue(_ changes: [(pair: [Int], change: Int, word: Int)]) {
      var places: [[Int]: Set<Int>] = [:]
      for (pair, change, word) in changes {
        counts[pair, default: 0] += change * words[word].count
        if change > 0 { places[pair, default: []].insert(word) }
      }
      for (pair, words) in places.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
        if let count = counts[pair], count > 0 { entries.append((pair, count, words)) }
      }
    }

    queue(
      symbols.enumerated().flatMap { index, word in
        zip(word, word.dropFirst()).map { (pair: [$0, $1], change: 1, word: index) }
      })
    while tokens.count < vocabularySize, !entries.isEmpty {
      let largest = entries.indices.min { left, right in
        let (left, right) = (entries[left], entries[right])
        return left.count != right.count
          ? left.count > right.count : left.pair.lexicographicallyPrecedes(right.pair)
      }
      guard let largest else { break }
      let count = counts[entries[largest].pair] ?? 0
      if entries[largest].count != count {
        entries[largest].count = count
        continue
      }
      guard count >= max(1, minimumFrequency) else { break }
      let entry = entries.remove(at: largest)
      let bytes = tokens[entry.pair[0]] + tokens[entry.pair[1]]
      let merged = tokens.firstIndex(of: bytes) ?? tokens.count
      if merged == tokens.count { tokens.append(bytes) }
      merges.removeAll { $0 == entry.pair }
      merges.append(entry.pair)
      var changes: [(pair: [Int], change: Int, word: Int)] = []
      for word in entry.words.sorted() {
        var position = 0
        while position + 1 < symbols[word].count {
          if [symbols[word][position], symbols[word][position + 1]] == entry.pair {
            symbols[word].replaceSubrange(position...position + 1, with: [merged])
            if position > 0 {
              let before = symbols[word][position - 1]
              changes.append(([before, entry.pair[0]], -1, word))
              if tokens[before].count + bytes.count < maximumTokenLength {
                changes.append(([before, merged], 1, word))
              }
            }
            if position + 1 < symbols[word].count {
              let after = symbols[word][position + 1]
              changes.append(([entry.pair[1], after], -1, word))
              if tokens[after].count + bytes.count < maximumTokenLength {
                changes.append(([merged, after], 1, word))
              }
            }
          }
          position += 1
        }
      }
      queue(changes)
    }
    return (tokens, merges)
  }
}
