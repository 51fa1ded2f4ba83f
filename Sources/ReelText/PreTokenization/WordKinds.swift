/// The kinds of scalars that the rules for words tell apart.
enum WordKind {
  static let other: UInt8 = 0
  static let space: UInt8 = 1
  static let letter: UInt8 = 2
  static let number: UInt8 = 3
  static let mark: UInt8 = 4
  static let joiner: UInt8 = 5
  static let underscore: UInt8 = 6
  static let han: UInt8 = 7
  static let pictograph: UInt8 = 8
  static let regionalIndicator: UInt8 = 9
  static let fullStop: UInt8 = 10
  static let hyphen: UInt8 = 11
  static let exclamation: UInt8 = 12
  /// `#` and `*`, which can be keycaps.
  static let key: UInt8 = 13
  /// The byte begins or continues a longer scalar.
  static let longer: UInt8 = 15

  /// Whether a kind is one that may stand inside a word: letter, number, mark, joiner, underscore.
  @inline(__always)
  static func isTail(_ kind: UInt8) -> Bool { 0b111_1100 >> kind & 1 != 0 }

  /// The kind of each ASCII byte.
  static let ascii: [UInt8] = (0..<256).map { byte in
    switch UInt8(byte) {
    case UInt8(ascii: "_"): return underscore
    case UInt8(ascii: "."): return fullStop
    case UInt8(ascii: "-"): return hyphen
    case UInt8(ascii: "!"), UInt8(ascii: "?"): return exclamation
    case UInt8(ascii: "#"), UInt8(ascii: "*"): return key
    case 0x80...: return longer
    default: return kind(of: UInt32(byte), isHan: false)
    }
  }

  /// The kind of every scalar, built when the first one beyond ASCII is met.
  static let table: TwoStageTable<UInt8> = {
    let han = UnicodeScripts.script(named: "han").map(UnicodeScripts.scalars(of:)) ?? .empty
    let isHan = han.ranges.reduce(into: [Bool](repeating: false, count: 0x40000)) { flags, range in
      for scalar in range { flags[Int(scalar)] = true }
    }
    return TwoStageTable { kind(of: $0, isHan: $0 < 0x40000 && isHan[Int($0)]) }
  }()

  private static func kind(of scalar: UInt32, isHan: Bool) -> UInt8 {
    if isHan { return han }
    let properties = UnicodeProperties.table[scalar]
    if properties.isLetter { return letter }
    if properties.isNumber { return number }
    if properties.isWhiteSpace { return space }
    if properties.isMark { return mark }
    switch scalar {
    case 0x200C, 0x200D: return joiner
    case 0x1F1E6...0x1F1FF: return regionalIndicator
    default: return properties.isExtendedPictographic ? pictograph : other
    }
  }
}
