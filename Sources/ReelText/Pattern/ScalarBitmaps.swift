/// Several sets of scalars, to be asked for membership fast.
///
/// The first byte of a scalar's UTF-8 mostly decides; otherwise its value gives a block of 256 bits,
/// as in a two-stage table.
struct ScalarBitmaps: Sendable {
  /// What the first byte of a scalar says: no scalar that begins with it is in the set, all are, or
  /// its value decides. ASCII is always decided.
  static let isOut: UInt8 = 0
  static let isIn: UInt8 = 1
  static let isUndecided: UInt8 = 2

  private(set) var sets: [ScalarSet] = []
  /// 256 entries for each set.
  private(set) var firstBytes: [UInt8] = []
  /// 4352 numbers of blocks for each set.
  private(set) var blocks: [UInt16] = []
  /// Four words for each block; block 0 is empty and block 1 full.
  private(set) var words: [UInt64] = [0, 0, 0, 0, .max, .max, .max, .max]

  static let blocksPerSet = 0x110000 >> 8

  /// The number of a set, which is added where it is new.
  mutating func number(of set: ScalarSet) -> Int {
    if let known = sets.firstIndex(of: set) { return known }
    sets.append(set)
    firstBytes += Self.firstBytes(of: set)
    appendBlocks(of: set)
    return sets.count - 1
  }

  private mutating func appendBlocks(of set: ScalarSet) {
    var bits = [UInt64](repeating: 0, count: Self.blocksPerSet * 4)
    for range in set.ranges {
      let first = Int(range.lowerBound)
      let last = Int(range.upperBound)
      for word in first >> 6...last >> 6 {
        var mask = UInt64.max
        if word == first >> 6 { mask &= .max << UInt64(first & 63) }
        if word == last >> 6 { mask &= .max >> UInt64(63 - last & 63) }
        bits[word] |= mask
      }
    }
    for block in 0..<Self.blocksPerSet {
      let content = bits[block * 4..<block * 4 + 4]
      if content.allSatisfy({ $0 == 0 }) {
        blocks.append(0)
      } else if content.allSatisfy({ $0 == .max }) {
        blocks.append(1)
      } else {
        blocks.append(UInt16(words.count / 4))
        words += content
      }
    }
  }

  /// What each first byte says of a set.
  static func firstBytes(of set: ScalarSet) -> [UInt8] {
    (0..<256).map { byte in
      guard let range = scalars(startingWith: UInt32(byte)) else { return isOut }
      let common = set.intersection(ScalarSet([range]))
      if common.isEmpty { return isOut }
      return common.ranges == [range] ? isIn : isUndecided
    }
  }

  /// The scalars whose UTF-8 begins with a byte.
  private static func scalars(startingWith byte: UInt32) -> ClosedRange<UInt32>? {
    switch byte {
    case 0..<0x80: return byte...byte
    case 0xC2..<0xE0: return (byte & 0x1F) << 6...(byte & 0x1F) << 6 | 0x3F
    case 0xE0: return 0x800...0xFFF
    case 0xED: return 0xD000...0xD7FF
    case 0xE1..<0xF0: return (byte & 0xF) << 12...(byte & 0xF) << 12 | 0xFFF
    case 0xF0: return 0x10000...0x3FFFF
    case 0xF4: return 0x100000...0x10FFFF
    case 0xF1...0xF3: return (byte & 7) << 18...(byte & 7) << 18 | 0x3FFFF
    default: return nil
    }
  }
}
