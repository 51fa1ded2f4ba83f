/// Bytes that are not UTF-8, and where.
public struct UTF8Error: Error, Equatable, CustomStringConvertible {
  /// Offset of the first byte of the ill-formed sequence, from 0.
  public let byteOffset: Int
  /// Its line, from 1; lines end with a line feed.
  public let line: Int
  /// Its column, from 1, counted in Unicode scalars; a byte-order mark is not counted.
  public let column: Int
  /// The byte itself.
  public let byte: UInt8
  /// What is wrong with it.
  public let reason: String

  public var description: String {
    var text = "not UTF-8: byte 0x\(hexadecimal(byte)) at line \(line), column \(column)"
    text += " (offset \(byteOffset)) is \(reason)"
    if byteOffset == 0, byte >= 0xFE { text += "; the text looks like UTF-16" }
    return text
  }

  /// Describes the ill-formed sequence at `offset`; everything before it is well-formed.
  init(at offset: Int, in bytes: UnsafeBufferPointer<UInt8>) {
    var line = 1
    var column = 1
    var position = bytes.starts(with: byteOrderMark) ? byteOrderMark.count : 0
    while position < offset {
      if bytes[position] == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if bytes[position] & 0xC0 != 0x80 {
        column += 1
      }
      position += 1
    }
    byteOffset = offset
    self.line = line
    self.column = column
    byte = bytes[offset]
    reason = Self.reason(at: offset, in: bytes)
  }

  private static func reason(at offset: Int, in bytes: UnsafeBufferPointer<UInt8>) -> String {
    if case .incomplete = UTF8Sequence.at(offset, in: bytes) {
      return "the start of a character that the text breaks off"
    }
    switch bytes[offset] {
    case 0x80...0xBF: return "a continuation byte with no first byte before it"
    case 0xC0, 0xC1: return "the start of an overlong form"
    case 0xF5...0xFF: return "one that UTF-8 never uses"
    default: break
    }
    let next = bytes[offset + 1]
    guard next & 0xC0 == 0x80 else {
      return "the start of a character, but 0x\(hexadecimal(next)) follows"
    }
    switch bytes[offset] {
    case 0xE0 where next < 0xA0, 0xF0 where next < 0x90: return "the start of an overlong form"
    case 0xED where next > 0x9F: return "the start of a surrogate, which UTF-8 does not encode"
    case 0xF4 where next > 0x8F: return "the start of a value beyond U+10FFFF"
    default: return "the start of a character that is cut short"
    }
  }
}

/// What a file may begin with to say that it is UTF-8.
let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

/// Two upper-case hexadecimal digits.
func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16, uppercase: true)
  return byte < 0x10 ? "0" + digits : digits
}
