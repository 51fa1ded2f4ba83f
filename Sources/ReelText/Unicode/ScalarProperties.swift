/// What Reel knows of one scalar, in 16 bits.
///
///     bits 0–4    general category
///     bits 5–9    class of grapheme cluster boundaries
///     bit  10     white space (property White_Space)
///     bit  11     part of a word
package struct ScalarProperties: Sendable, Equatable {
  let bits: UInt16

  init(
    category: GeneralCategory, boundary: GraphemeBoundary, isWhiteSpace: Bool, isWord: Bool
  ) {
    bits =
      UInt16(category.rawValue) | UInt16(boundary.rawValue) << 5
      | (isWhiteSpace ? Self.whiteSpaceBit : 0) | (isWord ? Self.wordBit : 0)
  }

  init(bits: UInt16) { self.bits = bits }

  private static let whiteSpaceBit: UInt16 = 1 << 10
  private static let wordBit: UInt16 = 1 << 11

  // Each set of categories is one mask, so that a test is a shift and an "and".
  private static let letters: UInt32 = 0b11111 << 1
  private static let marks: UInt32 = 0b111 << 6
  private static let numbers: UInt32 = 0b111 << 9
  private static let punctuation: UInt32 = 0b1111111 << 12
  private static let symbols: UInt32 = 0b1111 << 19
  private static let separators: UInt32 = 0b111 << 23
  private static let others: UInt32 = 0b1111 << 26 | 1

  @inline(__always)
  private func isIn(_ categories: UInt32) -> Bool { categories >> UInt32(bits & 31) & 1 != 0 }

  /// The general category.
  @inline(__always)
  package var category: GeneralCategory {
    // Only categories are ever stored in these bits.
    GeneralCategory(rawValue: UInt8(truncatingIfNeeded: bits & 31)) ?? .cn
  }

  /// The class of grapheme cluster boundaries (UAX 29).
  @inline(__always)
  package var boundary: GraphemeBoundary {
    GraphemeBoundary(rawValue: UInt8(truncatingIfNeeded: bits >> 5 & 31))
  }

  /// Categories Lu, Ll, Lt, Lm, Lo.
  @inline(__always) package var isLetter: Bool { isIn(Self.letters) }
  /// Categories Mn, Mc, Me.
  @inline(__always) package var isMark: Bool { isIn(Self.marks) }
  /// Categories Nd, Nl, No.
  @inline(__always) package var isNumber: Bool { isIn(Self.numbers) }
  /// Categories Pc, Pd, Ps, Pe, Pi, Pf, Po.
  @inline(__always) package var isPunctuation: Bool { isIn(Self.punctuation) }
  /// Categories Sm, Sc, Sk, So.
  @inline(__always) package var isSymbol: Bool { isIn(Self.symbols) }
  /// Categories Zs, Zl, Zp.
  @inline(__always) package var isSeparator: Bool { isIn(Self.separators) }
  /// Categories Cc, Cf, Cs, Co, Cn.
  @inline(__always) package var isOther: Bool { isIn(Self.others) }
  /// The property White_Space.
  @inline(__always) package var isWhiteSpace: Bool { bits & Self.whiteSpaceBit != 0 }
  /// What `\w` matches (UTS 18, annex C): Alphabetic, marks, decimal digits, connector punctuation
  /// and Join_Control.
  @inline(__always) package var isWord: Bool { bits & Self.wordBit != 0 }
  /// The property Extended_Pictographic: emoji, and what may become one.
  @inline(__always) package var isExtendedPictographic: Bool { boundary == .extendedPictographic }
}

/// A class of grapheme cluster boundaries, numbered as in utf8proc.
package struct GraphemeBoundary: Sendable, Equatable {
  package let rawValue: UInt8

  package static let other = GraphemeBoundary(rawValue: 1)
  package static let carriageReturn = GraphemeBoundary(rawValue: 2)
  package static let lineFeed = GraphemeBoundary(rawValue: 3)
  package static let control = GraphemeBoundary(rawValue: 4)
  package static let extendedPictographic = GraphemeBoundary(rawValue: 19)

  /// Carriage return, line feed or another control: a cluster ends before and after it.
  @inline(__always)
  package var isControl: Bool {
    rawValue >= Self.carriageReturn.rawValue && rawValue <= Self.control.rawValue
  }
}
