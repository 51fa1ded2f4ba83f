/// The general category of a scalar (Unicode Standard, table 4-4), in the order of utf8proc.
package enum GeneralCategory: UInt8, Sendable, CaseIterable {
  /// Not assigned.
  case cn
  /// Letters: upper-case, lower-case, title-case, modifier, other.
  case lu, ll, lt, lm, lo
  /// Marks: not spacing, spacing, enclosing.
  case mn, mc, me
  /// Numbers: decimal digit, letter, other.
  case nd, nl, no
  /// Punctuation: connector, dash, opening, closing, initial quote, final quote, other.
  case pc, pd, ps, pe, pi, pf, po
  /// Symbols: mathematical, currency, modifier, other.
  case sm, sc, sk, so
  /// Separators: space, line, paragraph.
  case zs, zl, zp
  /// Others: control, format, surrogate, private use.
  case cc, cf, cs, co

  package var isLetter: Bool { (Self.lu.rawValue...Self.lo.rawValue).contains(rawValue) }
  package var isMark: Bool { (Self.mn.rawValue...Self.me.rawValue).contains(rawValue) }
  package var isNumber: Bool { (Self.nd.rawValue...Self.no.rawValue).contains(rawValue) }
  package var isPunctuation: Bool { (Self.pc.rawValue...Self.po.rawValue).contains(rawValue) }
  package var isSymbol: Bool { (Self.sm.rawValue...Self.so.rawValue).contains(rawValue) }
  package var isSeparator: Bool { (Self.zs.rawValue...Self.zp.rawValue).contains(rawValue) }
  /// Control, format, surrogate, private use or not assigned.
  package var isOther: Bool { rawValue == Self.cn.rawValue || rawValue >= Self.cc.rawValue }
}
