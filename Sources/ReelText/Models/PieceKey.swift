/// The bytes of a piece in a form that tables compare and hash fast: a piece of up to 16 bytes is
/// held whole in two words, a longer one is known by a hash, and its bytes have to be compared.
struct PieceKey: Equatable, Sendable {
  /// Pieces of up to so many bytes are equal if and only if their keys are.
  static let inlineLimit = 16

  var low: UInt64
  var high: UInt64
  var count: Int

  @inline(__always)
  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    count = bytes.count
    guard let base = bytes.baseAddress, count > 0 else {
      (low, high) = (0, 0)
      return
    }
    let start = UnsafeRawPointer(base)
    // Words that overlap: together with the count they determine every byte.
    if count > Self.inlineLimit {
      low = Self.hash(start, count)
      high = Self.word(start) ^ Self.word(start + (count - 8))
    } else if count >= 8 {
      low = Self.word(start)
      high = Self.word(start + (count - 8))
    } else if count >= 4 {
      low =
        UInt64(start.loadUnaligned(as: UInt32.self))
        | UInt64((start + (count - 4)).loadUnaligned(as: UInt32.self)) << 32
      high = 0
    } else {
      low = UInt64(base[0]) | UInt64(base[count / 2]) << 8 | UInt64(base[count - 1]) << 16
      high = 0
    }
  }

  init(low: UInt64, high: UInt64, count: Int) {
    self.low = low
    self.high = high
    self.count = count
  }

  /// Whether the bytes are known from the key alone.
  @inline(__always)
  var isInline: Bool { count <= Self.inlineLimit }

  /// A hash whose upper and lower bits are both good.
  @inline(__always)
  var hash: UInt64 {
    Self.fold(
      low ^ 0xA076_1D64_78BD_642F, high ^ 0xE703_7ED1_A0B4_28DB ^ UInt64(truncatingIfNeeded: count))
  }

  @inline(__always)
  private static func word(_ bytes: UnsafeRawPointer) -> UInt64 {
    bytes.loadUnaligned(as: UInt64.self)
  }

  /// Both halves of the product, in one word (as in Wang Yi's wyhash).
  @inline(__always)
  static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }

  /// - Precondition: `count` is at least 8.
  private static func hash(_ bytes: UnsafeRawPointer, _ count: Int) -> UInt64 {
    var state = UInt64(truncatingIfNeeded: count)
    var position = 0
    while position + 8 < count {
      state = fold(state ^ word(bytes + position), 0x8EBC_6AF0_9C88_C6E3) &+ 0x5899_65CC_7537_4CC3
      position += 8
    }
    return fold(state ^ word(bytes + (count - 8)), 0x1D8E_4E27_C47D_124F)
  }
}

/// Whether two regions of memory hold the same bytes.
@inline(__always)
func areEqual(
  _ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, count: Int
) -> Bool {
  var position = 0
  while position + 8 <= count {
    let first = UnsafeRawPointer(left + position).loadUnaligned(as: UInt64.self)
    let second = UnsafeRawPointer(right + position).loadUnaligned(as: UInt64.self)
    if first != second { return false }
    position += 8
  }
  while position < count {
    if left[position] != right[position] { return false }
    position += 1
  }
  return true
}
