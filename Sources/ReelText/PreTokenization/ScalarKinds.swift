/// The kinds of scalars that scanners tell apart, with ASCII in a table of its own.
struct ScalarKinds {
  typealias Kind = UInt8
  static let other: Kind = 0
  static let letter: Kind = 1
  static let number: Kind = 2
  static let space: Kind = 3
  /// A mark of a byte that does not stand alone.
  static let longer: Kind = 0xFF

  /// Letter, number, white space or other, for each ASCII byte.
  static let ascii: [Kind] = (0..<256).map { byte in
    byte < 0x80 ? kind(of: UnicodeProperties.table[UInt32(byte)]) : longer
  }

  @inline(__always)
  static func kind(of properties: ScalarProperties) -> Kind {
    if properties.isLetter { return letter }
    if properties.isWhiteSpace { return space }
    return properties.isNumber ? number : other
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private let ascii: UnsafeBufferPointer<Kind>
  private let table: PropertyTable

  init(_ bytes: UnsafeBufferPointer<UInt8>, ascii: UnsafeBufferPointer<Kind>) {
    self.bytes = bytes
    self.ascii = ascii
    table = UnicodeProperties.table
  }

  /// The kind and the length of the scalar at a position before the end.
  @inline(__always)
  func at(_ position: Int) -> (kind: Kind, length: Int) {
    let kind = ascii[Int(bytes[position])]
    if kind != Self.longer { return (kind, 1) }
    let length = scalarLength(bytes, at: position)
    let scalar = UTF8Sequence.scalarValue(at: position, length: length, in: bytes)
    return (Self.kind(of: table[scalar]), length)
  }

  /// The end of the scalars of a kind from a position on.
  @inline(__always)
  func end(of kind: Kind, from start: Int) -> Int {
    var position = start
    while position < bytes.count {
      let found = ascii[Int(bytes[position])]
      if found == kind {
        position += 1
      } else if found == Self.longer {
        let (found, length) = at(position)
        if found != kind { break }
        position += length
      } else {
        break
      }
    }
    return position
  }
}

/// How many bytes the scalar at a position has, by its first byte and never beyond the end.
@inline(__always)
func scalarLength(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> Int {
  let byte = bytes[position]
  if byte < 0xC0 { return 1 }
  return min(byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4, bytes.count - position)
}

/// The start of the scalar before a position.
@inline(__always)
func scalarStart(_ bytes: UnsafeBufferPointer<UInt8>, before position: Int) -> Int {
  var position = position - 1
  while position > 0, bytes[position] & 0xC0 == 0x80 { position -= 1 }
  return position
}
