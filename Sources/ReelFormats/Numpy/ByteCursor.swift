/// Takes little-endian numbers off the front of a record whose size the caller has checked.
struct ByteCursor {
  private let bytes: [UInt8]
  private(set) var position: Int

  init(_ bytes: [UInt8], at position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  /// Bytes that are left.
  var rest: Int { bytes.count - position }

  mutating func take(_ count: Int) -> [UInt8] {
    precondition(
      count >= 0 && count <= rest, "ByteCursor.take: \(count) bytes wanted, \(rest) are left")
    defer { position += count }
    return Array(bytes[position..<(position + count)])
  }

  private mutating func number(_ count: Int) -> UInt64 {
    take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  mutating func uint16() -> UInt16 { UInt16(truncatingIfNeeded: number(2)) }
  mutating func uint32() -> UInt32 { UInt32(truncatingIfNeeded: number(4)) }
  mutating func uint64() -> UInt64 { number(8) }
}

extension [UInt8] {
  /// Adds a number, little-endian.
  mutating func append<Number: FixedWidthInteger>(littleEndian number: Number) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }
}
