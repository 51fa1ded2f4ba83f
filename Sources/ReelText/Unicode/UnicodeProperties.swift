import CUTF8Proc

/// Properties of scalars, from utf8proc.
///
/// A scalar's properties are looked up in two steps: its upper bits name a block, and equal blocks
/// are stored once. The table is built at the first use. A hot loop takes ``table`` into a local
/// constant, which saves the check whether it is built.
package enum UnicodeProperties {
  /// The version of Unicode that the properties are of, such as "15.0.0".
  package static var unicodeVersion: String { String(cString: utf8proc_unicode_version()) }

  package static let table = PropertyTable()

  @inline(__always)
  package static func category(_ scalar: UInt32) -> GeneralCategory { table[scalar].category }
  @inline(__always)
  package static func isLetter(_ scalar: UInt32) -> Bool { table[scalar].isLetter }
  @inline(__always)
  package static func isMark(_ scalar: UInt32) -> Bool { table[scalar].isMark }
  @inline(__always)
  package static func isNumber(_ scalar: UInt32) -> Bool { table[scalar].isNumber }
  @inline(__always)
  package static func isPunctuation(_ scalar: UInt32) -> Bool { table[scalar].isPunctuation }
  @inline(__always)
  package static func isSymbol(_ scalar: UInt32) -> Bool { table[scalar].isSymbol }
  @inline(__always)
  package static func isWhiteSpace(_ scalar: UInt32) -> Bool { table[scalar].isWhiteSpace }
  @inline(__always)
  package static func isWord(_ scalar: UInt32) -> Bool { table[scalar].isWord }
  @inline(__always)
  package static func isExtendedPictographic(_ scalar: UInt32) -> Bool {
    table[scalar].isExtendedPictographic
  }
}

/// The properties of every scalar.
package struct PropertyTable: Sendable {
  private let table: TwoStageTable<UInt16>

  /// The properties of a scalar; those of an unassigned one beyond U+10FFFF.
  @inline(__always)
  package subscript(scalar: UInt32) -> ScalarProperties { ScalarProperties(bits: table[scalar]) }

  fileprivate init() {
    table = TwoStageTable { Self.properties(of: $0).bits }
  }

  private static func properties(of scalar: UInt32) -> ScalarProperties {
    let entry = utf8proc_get_property(utf8proc_int32_t(scalar)).pointee
    let category = GeneralCategory(rawValue: UInt8(truncatingIfNeeded: entry.category)) ?? .cn
    let isWord =
      category.isLetter || category.isMark || category == .nd || category == .nl
      || category == .pc || isOtherAlphabetic(scalar) || isJoinControl(scalar)
    let boundary = GraphemeBoundary(rawValue: UInt8(truncatingIfNeeded: entry.boundclass))
    let isReserved = category == .cn && isReservedForPictographs(scalar)
    return ScalarProperties(
      category: category, boundary: isReserved ? .extendedPictographic : boundary,
      isWhiteSpace: isWhiteSpace(scalar), isWord: isWord)
  }

  // What utf8proc does not tell: three properties of PropList.txt, of which the first and the last
  // have not changed since Unicode 6.3 and 3.0, and what emoji-data.txt reserves.

  private static func isWhiteSpace(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
      0x3000:
      return true
    default: return false
    }
  }

  /// Other_Alphabetic, apart from the marks in it: circled and squared Latin letters.
  private static func isOtherAlphabetic(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x24B6...0x24E9, 0x1F130...0x1F149, 0x1F150...0x1F169, 0x1F170...0x1F189: return true
    default: return false
    }
  }

  /// The two joiners that keep letters of one word together or apart.
  private static func isJoinControl(_ scalar: UInt32) -> Bool {
    scalar == 0x200C || scalar == 0x200D
  }

  /// Where unassigned scalars are Extended_Pictographic already, so that emoji to come will work.
  private static func isReservedForPictographs(_ scalar: UInt32) -> Bool {
    (0x1F000...0x1FAFF).contains(scalar) || (0x1FC00...0x1FFFD).contains(scalar)
  }
}
