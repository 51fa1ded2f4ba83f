/// One step through UTF-8 bytes.
///
/// What counts as well-formed is table 3-7 of the Unicode Standard: no overlong form, no surrogate,
/// nothing beyond U+10FFFF.
enum UTF8Sequence {
  /// A well-formed sequence of so many bytes.
  case wellFormed(length: Int)
  /// The bytes end inside a sequence that has been well-formed so far.
  case incomplete(length: Int)
  /// The byte cannot begin a well-formed sequence with what follows it.
  case illFormed

  /// Looks at the sequence that begins at `start`.
  @inline(__always)
  static func at(_ start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> UTF8Sequence {
    let first = bytes[start]
    if first < 0x80 { return .wellFormed(length: 1) }
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch first {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: length = 4
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return .illFormed
    }
    let available = min(length, bytes.count - start)
    if available > 1 {
      guard second.contains(bytes[start + 1]) else { return .illFormed }
      for offset in 2..<max(available, 2) where bytes[start + offset] & 0xC0 != 0x80 {
        return .illFormed
      }
    }
    return available == length ? .wellFormed(length: length) : .incomplete(length: available)
  }

  /// The scalar value of the well-formed sequence of `length` bytes at `start`.
  @inline(__always)
  static func scalarValue(
    at start: Int, length: Int, in bytes: UnsafeBufferPointer<UInt8>
  ) -> UInt32 {
    switch length {
    case 1: return UInt32(bytes[start])
    case 2:
      return (UInt32(bytes[start]) & 0x1F) << 6 | UInt32(bytes[start + 1]) & 0x3F
    case 3:
      return (UInt32(bytes[start]) & 0x0F) << 12 | (UInt32(bytes[start + 1]) & 0x3F) << 6
        | UInt32(bytes[start + 2]) & 0x3F
    default:
      return (UInt32(bytes[start]) & 0x07) << 18 | (UInt32(bytes[start + 1]) & 0x3F) << 12
        | (UInt32(bytes[start + 2]) & 0x3F) << 6 | UInt32(bytes[start + 3]) & 0x3F
    }
  }

  /// The scalar value at `start` and its number of bytes, in bytes that are known to be well-formed.
  /// A sequence that the bytes break off is taken for U+FFFD, so that nothing is read beyond them.
  @inline(__always)
  static func scalar(
    at start: Int, in bytes: UnsafeBufferPointer<UInt8>
  ) -> (value: UInt32, length: Int) {
    let first = bytes[start]
    if first < 0x80 { return (UInt32(first), 1) }
    let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard length <= bytes.count - start else { return (0xFFFD, bytes.count - start) }
    return (scalarValue(at: start, length: length, in: bytes), length)
  }

  /// How many bytes from `start` on are ASCII; eight are looked at together.
  @inline(__always)
  static func asciiRun(from start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    let raw = UnsafeRawBufferPointer(bytes)
    var position = start
    while position + 8 <= raw.count,
      raw.loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
    {
      position += 8
    }
    while position < raw.count, raw[position] < 0x80 { position += 1 }
    return position - start
  }
}
