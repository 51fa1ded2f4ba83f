/// How often each piece of a corpus comes: what the training of a model starts from.
public struct PieceCounts: Sendable {
  private struct Slot {
    var low: UInt64 = 0
    var high: UInt64 = 0
    /// 0: a free slot.
    var occurrences = 0
    var byteCount: UInt32 = 0
    /// Where the bytes start in `content`.
    var byteStart: UInt32 = 0
  }

  private var slots = [Slot](repeating: Slot(), count: 1024)
  private var content: [UInt8] = []

  /// How many different pieces there are.
  public private(set) var count = 0
  /// How many pieces were added.
  public private(set) var total = 0

  public init() {}

  /// Counts a piece; an empty one is not counted.
  ///
  /// - Precondition: `occurrences` is above 0. All pieces together have fewer than 2³² bytes, each
  ///   counted once.
  public mutating func add(_ piece: UnsafeBufferPointer<UInt8>, occurrences: Int = 1) {
    precondition(occurrences > 0, "\(occurrences) occurrences, expected at least 1")
    guard !piece.isEmpty else { return }
    total += occurrences
    let key = PieceKey(piece)
    let position = find(key, piece)
    if slots[position].occurrences > 0 {
      slots[position].occurrences += occurrences
      return
    }
    precondition(
      content.count + piece.count <= Int(UInt32.max),
      "\(content.count + piece.count) bytes of different pieces, expected at most \(UInt32.max)")
    slots[position] = Slot(
      low: key.low, high: key.high, occurrences: occurrences, byteCount: UInt32(piece.count),
      byteStart: UInt32(content.count))
    content.append(contentsOf: piece)
    count += 1
    if 2 * count > slots.count { grow() }
  }

  /// As `add(_:occurrences:)`, of an array.
  public mutating func add(_ piece: [UInt8], occurrences: Int = 1) {
    piece.withUnsafeBufferPointer { add($0, occurrences: occurrences) }
  }

  /// Counts all pieces of a text.
  public mutating func add(_ text: UnsafeBufferPointer<UInt8>, pieces: [Range<Int>]) {
    for range in pieces { add(UnsafeBufferPointer(rebasing: text[range])) }
  }

  /// Adds the counts of another part of the corpus.
  public mutating func add(_ other: PieceCounts) {
    other.content.withUnsafeBufferPointer { content in
      for slot in other.slots where slot.occurrences > 0 {
        let start = Int(slot.byteStart)
        add(
          UnsafeBufferPointer(rebasing: content[start..<start + Int(slot.byteCount)]),
          occurrences: slot.occurrences)
      }
    }
  }

  /// How often a piece was added.
  public func occurrences(of piece: [UInt8]) -> Int {
    piece.withUnsafeBufferPointer { slots[find(PieceKey($0), $0)].occurrences }
  }

  /// The pieces, the most frequent first, and equally frequent ones in the order of their bytes.
  public var sorted: [(bytes: [UInt8], count: Int)] {
    content.withUnsafeBufferPointer { content in
      let found = slots.filter { $0.occurrences > 0 }.sorted { left, right in
        if left.occurrences != right.occurrences { return left.occurrences > right.occurrences }
        return Self.bytes(of: left, in: content).lexicographicallyPrecedes(
          Self.bytes(of: right, in: content))
      }
      return found.map { (Array(Self.bytes(of: $0, in: content)), $0.occurrences) }
    }
  }

  private static func bytes(
    of slot: Slot, in content: UnsafeBufferPointer<UInt8>
  ) -> UnsafeBufferPointer<UInt8> {
    let start = Int(slot.byteStart)
    return UnsafeBufferPointer(rebasing: content[start..<start + Int(slot.byteCount)])
  }

  /// The slot of a piece, or the free one where it belongs.
  @inline(__always)
  private func find(_ key: PieceKey, _ piece: UnsafeBufferPointer<UInt8>) -> Int {
    slots.withUnsafeBufferPointer { slots in
      let mask = slots.count - 1
      var position = Int(truncatingIfNeeded: key.hash) & mask
      while slots[position].occurrences != 0 {
        let slot = slots[position]
        if slot.low == key.low, slot.high == key.high, Int(slot.byteCount) == key.count,
          key.isInline || holds(slot, piece)
        {
          break
        }
        position = (position + 1) & mask
      }
      return position
    }
  }

  private func holds(_ slot: Slot, _ piece: UnsafeBufferPointer<UInt8>) -> Bool {
    content.withUnsafeBufferPointer { content in
      guard let left = content.baseAddress, let right = piece.baseAddress else { return false }
      return areEqual(left + Int(slot.byteStart), right, count: piece.count)
    }
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: 2 * old.count)
    let mask = slots.count - 1
    for slot in old where slot.occurrences > 0 {
      let key = PieceKey(low: slot.low, high: slot.high, count: Int(slot.byteCount))
      var position = Int(truncatingIfNeeded: key.hash) & mask
      while slots[position].occurrences != 0 { position = (position + 1) & mask }
      slots[position] = slot
    }
  }
}
