/// The words of a training while their pairs are merged.
///
/// A symbol is known by its position in all words together. A queue entry is a pair with positions
/// where it stood when the entry was made; a merge works on the positions of one entry. New pairs
/// nearly always have one entry; where a token is made a second time, from other parts, a pair that
/// was there before gets further positions and a further entry.
struct PairTraining {
  private struct Pair {
    var key: UInt64
    /// How often the pair was made less how often it was broken up by merges of its neighbours. Its
    /// own merges do not count, as in the tokenizers library.
    var count = 0
    /// Where the next new position goes.
    var cursor = 0
    /// New positions that no entry has yet.
    var pending: Int32 = 0
    /// Entries in the queue.
    var entries: Int32 = 0
  }

  private struct Entry: Comparable {
    var count: Int
    var key: UInt64
    var pair: Int32
    var positionCount: Int32
    var start: Int

    /// The more frequent pair first, then the smaller ids.
    @inline(__always)
    static func < (left: Entry, right: Entry) -> Bool {
      left.count != right.count ? left.count > right.count : left.key < right.key
    }
  }

  private let prefix: [UInt8]
  private let maximumLength: Int

  // By position. A symbol that was merged into the one before it is -1.
  private var symbols: [Int32] = []
  private var next: [Int32] = []
  private var previous: [Int32] = []
  private var words: [Int32] = []

  private var wordStarts: [Int32] = []
  private var wordCounts: [Int] = []
  /// How many symbols of the alphabet each token is made of.
  private var lengths: [Int] = []

  private var pairs: [Pair] = []
  /// Pairs by their keys: the index and 1, 0 for a free slot.
  private var slots = [Int32](repeating: 0, count: 4096)
  private var queue = PriorityQueue<Entry>()
  /// The positions of all entries.
  private var positions: [Int32] = []
  private var newPositions: [(pair: Int32, position: Int32)] = []
  private var touched: [Int32] = []

  /// Every merge so far, also of pairs that come twice.
  private(set) var merges: [(Int32, Int32)] = []

  init(prefix: [UInt8], maximumLength: Int?) {
    self.prefix = prefix
    self.maximumLength = maximumLength ?? .max
  }

  /// The merges; of equal ones the last.
  var lastMerges: [(Int32, Int32)] {
    var seen = Set<UInt64>()
    return merges.reversed().filter { seen.insert(Self.key($0.0, $0.1)).inserted }.reversed()
  }

  // MARK: Words

  /// Begins a word without symbols.
  mutating func beginWord(count: Int) {
    wordStarts.append(Int32(symbols.count))
    wordCounts.append(count)
  }

  /// Appends a symbol to the last word.
  mutating func append(_ id: Int32) {
    precondition(
      symbols.count < Int(Int32.max) - 1,
      "\(symbols.count) symbols in all words, expected fewer than \(Int32.max)")
    let position = Int32(symbols.count)
    let word = wordStarts.count - 1
    let isFirst = position == wordStarts[word]
    if !isFirst { next[symbols.count - 1] = position }
    symbols.append(id)
    next.append(-1)
    previous.append(isFirst ? -1 : position - 1)
    words.append(Int32(word))
  }

  /// Counts the pairs of all words.
  mutating func start() {
    for position in symbols.indices where next[position] >= 0 {
      let right = symbols[Int(next[position])]
      add(symbols[position], right, wordCounts[Int(words[position])], at: Int32(position))
    }
    queueNewPositions()
  }

  // MARK: Merges

  /// Merges the most frequent pair; false if there is none that is frequent enough.
  mutating func mergeNext(_ minimumFrequency: Int, _ table: inout TokenTable) -> Bool {
    while var top = queue.first {
      let count = pairs[Int(top.pair)].count
      if top.count != count {
        top.count = count
        queue.replaceFirst(with: top)
        continue
      }
      guard count >= max(minimumFrequency, 1) else { return false }
      _ = queue.popFirst()
      merge(top, &table)
      return true
    }
    return false
  }

  private mutating func merge(_ entry: Entry, _ table: inout TokenTable) {
    let left = Int32(truncatingIfNeeded: entry.key >> 32)
    let right = Int32(truncatingIfNeeded: entry.key)
    let merged = table.insert(joined(left, right, table))
    while lengths.count < table.count { lengths.append(1) }
    lengths[Int(merged)] = lengths[Int(left)] + lengths[Int(right)]
    merges.append((left, right))

    pairs[Int(entry.pair)].entries -= 1
    let range = entry.start..<entry.start + Int(entry.positionCount)
    if pairs[Int(entry.pair)].entries == 0 {
      for index in range {
        mergePair(at: Int(positions[index]), left, right, into: merged)
      }
    } else {
      mergeInWords(of: range, left, right, into: merged)
    }
    queueNewPositions()
  }

  /// Other entries of the pair may have positions in the same words: all of them are merged now, as
  /// in the tokenizers library, where entries have words and not positions.
  private mutating func mergeInWords(
    of range: Range<Int>, _ left: Int32, _ right: Int32, into merged: Int32
  ) {
    var last: Int32 = -1
    for index in range {
      let word = words[Int(positions[index])]
      guard word != last else { continue }
      last = word
      var position = wordStarts[Int(word)]
      while position >= 0 {
        mergePair(at: Int(position), left, right, into: merged)
        position = next[Int(position)]
      }
    }
  }

  private mutating func mergePair(
    at position: Int, _ left: Int32, _ right: Int32, into merged: Int32
  ) {
    guard symbols[position] == left, next[position] >= 0 else { return }
    let second = Int(next[position])
    guard symbols[second] == right else { return }
    let before = Int(previous[position])
    let after = Int(next[second])
    let count = wordCounts[Int(words[position])]
    if before >= 0 {
      remove(symbols[before], left, count)
      addIfShort(symbols[before], merged, count, at: Int32(before))
    }
    symbols[position] = merged
    symbols[second] = -1
    next[position] = Int32(after)
    if after >= 0 {
      previous[after] = Int32(position)
      remove(right, symbols[after], count)
      addIfShort(merged, symbols[after], count, at: Int32(position))
    }
  }

  /// The bytes of two tokens as one.
  private func joined(_ left: Int32, _ right: Int32, _ table: TokenTable) -> [UInt8] {
    var bytes = table.bytes(of: left)
    table.withBytes(of: right) {
      bytes.append(contentsOf: $0.starts(with: prefix) ? $0.dropFirst(prefix.count) : $0[...])
    }
    return bytes
  }

  // MARK: Pairs

  @inline(__always)
  private mutating func addIfShort(_ left: Int32, _ right: Int32, _ count: Int, at position: Int32)
  {
    if lengths[Int(left)] + lengths[Int(right)] < maximumLength {
      add(left, right, count, at: position)
    }
  }

  @inline(__always)
  private mutating func add(_ left: Int32, _ right: Int32, _ count: Int, at position: Int32) {
    let pair = index(of: Self.key(left, right))
    pairs[pair].count += count
    if pairs[pair].pending == 0 { touched.append(Int32(pair)) }
    pairs[pair].pending += 1
    newPositions.append((Int32(pair), position))
  }

  @inline(__always)
  private mutating func remove(_ left: Int32, _ right: Int32, _ count: Int) {
    pairs[index(of: Self.key(left, right))].count -= count
  }

  /// Makes an entry for each pair that has new positions, unless no occurrence is left.
  private mutating func queueNewPositions() {
    for pair in touched {
      let found = pairs[Int(pair)]
      pairs[Int(pair)].pending = 0
      guard found.count > 0 else {
        pairs[Int(pair)].cursor = -1
        continue
      }
      let start = positions.count
      positions.append(contentsOf: repeatElement(0, count: Int(found.pending)))
      pairs[Int(pair)].cursor = start
      pairs[Int(pair)].entries += 1
      queue.insert(
        Entry(
          count: found.count, key: found.key, pair: pair, positionCount: found.pending,
          start: start))
    }
    for new in newPositions {
      let cursor = pairs[Int(new.pair)].cursor
      guard cursor >= 0 else { continue }
      positions[cursor] = new.position
      pairs[Int(new.pair)].cursor = cursor + 1
    }
    touched.removeAll(keepingCapacity: true)
    newPositions.removeAll(keepingCapacity: true)
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// The index of a pair, which becomes the last one if it is not there yet.
  @inline(__always)
  private mutating func index(of key: UInt64) -> Int {
    var slot = Self.hash(key) & (slots.count - 1)
    while slots[slot] != 0 {
      let pair = Int(slots[slot]) - 1
      if pairs[pair].key == key { return pair }
      slot = (slot + 1) & (slots.count - 1)
    }
    pairs.append(Pair(key: key))
    slots[slot] = Int32(pairs.count)
    if 2 * pairs.count > slots.count { growSlots() }
    return pairs.count - 1
  }

  private mutating func growSlots() {
    slots = [Int32](repeating: 0, count: 2 * slots.count)
    for pair in pairs.indices {
      var slot = Self.hash(pairs[pair].key) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(pair + 1)
    }
  }

  @inline(__always)
  private static func hash(_ key: UInt64) -> Int {
    Int(truncatingIfNeeded: PieceKey.fold(key ^ 0xA076_1D64_78BD_642F, 0xE703_7ED1_A0B4_28DB))
  }
}
