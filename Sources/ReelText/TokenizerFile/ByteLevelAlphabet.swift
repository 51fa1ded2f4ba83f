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
}
