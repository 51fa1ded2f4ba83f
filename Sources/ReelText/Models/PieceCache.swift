/// The tokens of pieces that came before, by their bytes; bounded, and emptied when it is full.
///
/// The table starts small and grows with what it holds, so that an empty cache costs nothing.
struct PieceCache: Sendable {
  /// Longer pieces are rare, and not kept.
  static let pieceLimit = 256
  /// A cache with so many pieces, tokens or bytes of long pieces begins anew.
  static let entryLimit = 1 << 16
  static let tokenLimit = 1 << 19
  static let byteLimit = 1 << 20

  private struct Slot {
    var low: UInt64 = 0
    var high: UInt64 = 0
    /// The bytes of the piece; 0: free (an empty piece is never kept).
    var count: UInt16 = 0
    var tokenCount: UInt16 = 0
    var tokenStart: UInt32 = 0
    /// Where the bytes of a long piece start in `content`.
    var byteStart: UInt32 = 0
    var firstID: Int32 = 0
  }

  /// The tokens of a piece.
  struct Found {
    fileprivate var start: Int
    fileprivate var count: Int
    fileprivate var firstID: Int32
  }

  private var slots: [Slot] = []
  private var entries = 0
  private var tokens: [PieceToken] = []
  /// The bytes of pieces that do not fit into a key.
  private var content: [UInt8] = []

  /// How many pieces are kept.
  var count: Int { entries }

  /// The tokens of the piece, for `append` and `appendIDs`, or nil if it is not there.
  @inline(__always)
  func find(_ key: PieceKey, _ piece: UnsafeBufferPointer<UInt8>) -> Found? {
    guard !slots.isEmpty else { return nil }
    return slots.withUnsafeBufferPointer { slots in
      let mask = slots.count - 1
      var position = Int(truncatingIfNeeded: key.hash) & mask
      while slots[position].count != 0 {
        let slot = slots[position]
        if slot.low == key.low, slot.high == key.high, Int(slot.count) == key.count,
          key.isInline || holds(slot, piece)
        {
          return Found(
            start: Int(slot.tokenStart), count: Int(slot.tokenCount), firstID: slot.firstID)
        }
        position = (position + 1) & mask
      }
      return nil
    }
  }

  /// Appends what `find` found.
  @inline(__always)
  func append(_ found: Found, to result: inout [PieceToken]) {
    tokens.withUnsafeBufferPointer { tokens in
      for position in found.start..<found.start + found.count { result.append(tokens[position]) }
    }
  }

  /// Appends the ids of what `find` found.
  @inline(__always)
  func appendIDs(_ found: Found, to result: inout [Int32]) {
    if found.count == 1 {
      result.append(found.firstID)
      return
    }
    tokens.withUnsafeBufferPointer { tokens in
      for position in found.start..<found.start + found.count {
        result.append(tokens[position].id)
      }
    }
  }

  /// Keeps the tokens of a piece that is not there yet.
  mutating func insert(
    _ key: PieceKey, _ piece: UnsafeBufferPointer<UInt8>, _ found: ArraySlice<PieceToken>
  ) {
    guard key.count > 0, key.count <= Self.pieceLimit else { return }
    if entries >= Self.entryLimit || tokens.count + found.count > Self.tokenLimit
      || content.count + key.count > Self.byteLimit
    {
      removeAll()
    }
    if 2 * (entries + 1) > slots.count { grow() }
    var slot = Slot(
      low: key.low, high: key.high, count: UInt16(key.count), tokenCount: UInt16(found.count),
      tokenStart: UInt32(tokens.count), firstID: found.first?.id ?? 0)
    if !key.isInline {
      slot.byteStart = UInt32(content.count)
      content.append(contentsOf: piece)
    }
    tokens.append(contentsOf: found)
    place(slot, hash: key.hash)
    entries += 1
  }

  mutating func removeAll() {
    for position in slots.indices { slots[position] = Slot() }
    entries = 0
    tokens.removeAll(keepingCapacity: true)
    content.removeAll(keepingCapacity: true)
  }

  private func holds(_ slot: Slot, _ piece: UnsafeBufferPointer<UInt8>) -> Bool {
    content.withUnsafeBufferPointer { content in
      guard let left = content.baseAddress, let right = piece.baseAddress else { return false }
      return areEqual(left + Int(slot.byteStart), right, count: piece.count)
    }
  }

  private mutating func place(_ slot: Slot, hash: UInt64) {
    let mask = slots.count - 1
    var position = Int(truncatingIfNeeded: hash) & mask
    while slots[position].count != 0 { position = (position + 1) & mask }
    slots[position] = slot
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: max(64, 2 * old.count))
    for slot in old where slot.count != 0 {
      place(slot, hash: PieceKey(low: slot.low, high: slot.high, count: Int(slot.count)).hash)
    }
  }
}
