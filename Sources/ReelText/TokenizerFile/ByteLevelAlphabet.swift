/// How byte-level tokenizers write bytes as characters (GPT-2, Radford et al. 2019): printable ones
/// of Latin-1 stand for themselves, the others take U+0100 and on, in the order of their values.
enum ByteLevelAlphabet {
  /// The character of each byte.
  static let scalars: [Unicode.Scalar] = {
    var free: UInt32 = 0x100
    return (UInt32(0)...0xFF).compactMap { byte in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
      default:
        defer { free += 1 }
        return Unicode.Scalar(free)
      }
    }
  }()

  /// The byte of each character up to the largest of the alphabet; -1 where it has none.
  private static let bytesOfScalars: [Int16] = {
    var bytes = [Int16](repeating: -1, count: 0x200)
    for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar.value)] = Int16(byte) }
    return bytes
  }()

  /// The bytes that a text in the alphabet stands for; nil where it has any other character.
  static func bytes(of text: [UInt8]) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    let isWhole = text.withUnsafeBufferPointer { text in
      var position = 0
      while position < text.count {
        guard let (value, length) = UTF8Sequence.wellFormedScalar(at: position, in: text),
          Int(value) < bytesOfScalars.count, bytesOfScalars[Int(value)] >= 0
        else { return false }
        result.append(UInt8(truncatingIfNeeded: bytesOfScalars[Int(value)]))
        position += length
      }
      return true
    }
    return isWhole ? result : nil
  }

  /// Bytes as a text in the alphabet, in UTF-8.
  static func text(of bytes: some Sequence<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    for byte in bytes {
      let value = scalars[Int(byte)].value
      if value < 0x80 {
        result.append(UInt8(value))
      } else {
        // None is beyond U+07FF.
        result.append(UInt8(0xC0 | value >> 6))
        result.append(UInt8(0x80 | value & 0x3F))
      }
    }
    return result
  }
}
