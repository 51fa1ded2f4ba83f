/// What pairs of tokens merge to, and in which order: the rank of a pair, by open addressing.
struct MergeTable: Sendable, Equatable {
  /// The rank of a pair that does not merge.
  static let none = UInt32.max

  fileprivate struct Slot: Sendable, Equatable {
    var pair: UInt64 = 0
    /// `none`: a free slot.
    var rank = MergeTable.none
  }

  private var slots: [Slot]
  private let shift: UInt64
  /// The merged token of each rank.
  let merged: [Int32]

  /// The later of two equal pairs counts.
  init(_ merges: [(Int32, Int32)], merged: [Int32]) {
    var slotCount = 16
    while slotCount < 2 * merges.count { slotCount *= 2 }
    slots = [Slot](repeating: Slot(), count: slotCount)
    shift = UInt64(64 - slotCount.trailingZeroBitCount)
    self.merged = merged
    for (rank, merge) in merges.enumerated() {
      let pair = Self.key(merge.0, merge.1)
      var position = Self.position(pair, shift)
      while slots[position].rank != Self.none && slots[position].pair != pair {
        position = (position + 1) & (slotCount - 1)
      }
      slots[position] = Slot(pair: pair, rank: UInt32(rank))
    }
  }

  /// Lends the table in a form that is fast to ask.
  @inline(__always)
  func withLookup<Result>(_ body: (Lookup) -> Result) -> Result {
    slots.withUnsafeBufferPointer { slots in
      merged.withUnsafeBufferPointer { body(Lookup(slots: slots, merged: $0, shift: shift)) }
    }
  }

  struct Lookup {
    fileprivate let slots: UnsafeBufferPointer<Slot>
    fileprivate let merged: UnsafeBufferPointer<Int32>
    fileprivate let shift: UInt64

    /// The rank of a pair, or `none`.
    @inline(__always)
    func rank(_ left: Int32, _ right: Int32) -> UInt32 {
      let pair = MergeTable.key(left, right)
      var position = MergeTable.position(pair, shift)
      while true {
        let slot = slots[position]
        if slot.pair == pair || slot.rank == MergeTable.none { return slot.rank }
        position = (position + 1) & (slots.count - 1)
      }
    }

    /// The token that the pair of this rank becomes.
    @inline(__always)
    func token(_ rank: UInt32) -> Int32 { merged[Int(rank)] }
  }

  @inline(__always)
  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  @inline(__always)
  private static func position(_ pair: UInt64, _ shift: UInt64) -> Int {
    // The upper bits of a product depend on all bits of the pair.
    Int(truncatingIfNeeded: ((pair ^ pair >> 32) &* 0x9E37_79B9_7F4A_7C15) &>> shift)
  }
}
