/// The symbols of a piece while its pairs are merged: always the pair of the lowest rank, and of
/// equal pairs the leftmost.
struct MergeBuffers: Sendable {
  /// A symbol: a token, and the bytes of the piece it stands for.
  struct Symbol: Sendable {
    var id: Int32
    var start: Int32
    var end: Int32
    /// The rank of the pair of this symbol and the next one.
    var rank = MergeTable.none
  }

  /// Up to so many symbols are searched for the lowest rank again after every merge: for few of
  /// them this is faster than a queue.
  static let scanLimit = 48

  var symbols: [Symbol] = []
  private var previous: [Int32] = []
  private var next: [Int32] = []
  private var candidates: [UInt64] = []

  /// Merges until no pair has a rank.
  mutating func merge(_ table: borrowing MergeTable, scanLimit: Int = Self.scanLimit) {
    guard symbols.count > 1 else { return }
    table.withLookup { table in
      for position in 0..<symbols.count - 1 {
        symbols[position].rank = table.rank(symbols[position].id, symbols[position + 1].id)
      }
      if symbols.count <= scanLimit {
        mergeByScanning(table)
      } else {
        mergeByQueue(table)
      }
    }
  }

  /// Quadratic in the number of symbols.
  private mutating func mergeByScanning(_ table: MergeTable.Lookup) {
    var count = symbols.count
    symbols.withUnsafeMutableBufferPointer { symbols in
      while true {
        var lowest = MergeTable.none
        var position = 0
        for candidate in 0..<count where symbols[candidate].rank < lowest {
          lowest = symbols[candidate].rank
          position = candidate
        }
        guard lowest != MergeTable.none else { break }
        symbols[position].id = table.token(lowest)
        symbols[position].end = symbols[position + 1].end
        count -= 1
        for moved in position + 1..<max(count, position + 1) { symbols[moved] = symbols[moved + 1] }
        symbols[position].rank =
          position + 1 < count
          ? table.rank(symbols[position].id, symbols[position + 1].id) : MergeTable.none
        if position > 0 {
          symbols[position - 1].rank = table.rank(symbols[position - 1].id, symbols[position].id)
        }
      }
    }
    symbols.removeLast(symbols.count - count)
  }

  /// In n log n: a queue of the pairs that may be merged, and a linked list of the symbols.
  private mutating func mergeByQueue(_ table: MergeTable.Lookup) {
    let count = symbols.count
    previous.removeAll(keepingCapacity: true)
    next.removeAll(keepingCapacity: true)
    var queue = PriorityQueue(buffer: candidates)
    candidates = []
    for position in 0..<count {
      previous.append(Int32(position - 1))
      next.append(Int32(position + 1))
      if symbols[position].rank != MergeTable.none {
        queue.appendUnordered(Self.candidate(symbols[position].rank, position))
      }
    }
    queue.restoreOrder()

    while let candidate = queue.popFirst() {
      let position = Int(candidate & 0xFFFF_FFFF)
      let rank = UInt32(candidate >> 32)
      // A pair that has changed meanwhile has another rank, and a candidate of its own.
      guard symbols[position].rank == rank else { continue }
      let right = Int(next[position])
      let after = Int(next[right])
      symbols[position].id = table.token(rank)
      symbols[position].end = symbols[right].end
      symbols[right].rank = MergeTable.none
      symbols[right].id = -1
      next[position] = Int32(after)
      symbols[position].rank = MergeTable.none
      if after < count {
        previous[after] = Int32(position)
        setRank(position, table.rank(symbols[position].id, symbols[after].id), &queue)
      }
      let before = Int(previous[position])
      if before >= 0 {
        setRank(before, table.rank(symbols[before].id, symbols[position].id), &queue)
      }
    }
    symbols.removeAll { $0.id < 0 }
    candidates = queue.elements
  }

  @inline(__always)
  private mutating func setRank(
    _ position: Int, _ rank: UInt32, _ queue: inout PriorityQueue<UInt64>
  ) {
    symbols[position].rank = rank
    if rank != MergeTable.none { queue.insert(Self.candidate(rank, position)) }
  }

  @inline(__always)
  private static func candidate(_ rank: UInt32, _ position: Int) -> UInt64 {
    UInt64(rank) << 32 | UInt64(truncatingIfNeeded: position)
  }
}
