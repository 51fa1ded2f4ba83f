import Foundation

/// A number that is not negative, of any size: mantissa · 2^exponent with the exponent apart.
///
/// Sums of products of probabilities over thousands of steps leave the range of a Double. Logarithms
/// would hold them and cost an exp and a log for each sum; this costs a few integer operations, and
/// keeps all digits.
struct WideNumber {
  /// 0, or at least 1 and below 2.
  var mantissa: Double
  var exponent: Int

  static let zero = WideNumber(mantissa: 0, exponent: Int.min / 8)
  static let one = WideNumber(mantissa: 1, exponent: 0)

  /// Logarithms below this count as that of 0: exponents of a million factors still fit.
  private static let smallestLogarithm = -1e11

  @inline(__always)
  init(mantissa: Double, exponent: Int) {
    self.mantissa = mantissa
    self.exponent = exponent
  }

  /// e^x; 0 for −∞.
  init(exponentialOf x: Double) {
    guard x > Self.smallestLogarithm else {
      self = .zero
      return
    }
    let power = x * 1.442_695_040_888_963_4
    let whole = power.rounded(.down)
    self.init(normalizing: exp2(power - whole), exponent: Int(whole))
  }

  /// `value` · 2^exponent; `value` is finite and not negative.
  @inline(__always)
  init(normalizing value: Double, exponent: Int) {
    guard value > 0 else {
      self = .zero
      return
    }
    let bits = value.bitPattern
    mantissa = Double(bitPattern: bits & 0x000F_FFFF_FFFF_FFFF | 0x3FF0_0000_0000_0000)
    self.exponent = exponent + Int(bits >> 52) - 1023
  }

  /// The natural logarithm; −∞ of 0.
  var logarithm: Double {
    mantissa > 0 ? log(mantissa) + Double(exponent) * 0.693_147_180_559_945_3 : -.infinity
  }

  /// As a Double; 0 where that cannot hold it.
  @inline(__always)
  var value: Double {
    mantissa * Self.powerOfTwo(Swift.min(exponent, 1023))
  }

  /// 2^n for n up to 1023, 0 below −1022.
  @inline(__always)
  static func powerOfTwo(_ n: Int) -> Double {
    Double(bitPattern: UInt64(bitPattern: Int64(Swift.max(n, -1023) &+ 1023)) << 52)
  }

  @inline(__always)
  static func * (a: WideNumber, b: WideNumber) -> WideNumber {
    WideNumber(normalizing: a.mantissa * b.mantissa, exponent: a.exponent &+ b.exponent)
  }

  @inline(__always)
  static func + (a: WideNumber, b: WideNumber) -> WideNumber {
    let largest = Swift.max(a.exponent, b.exponent)
    return WideNumber(
      normalizing: a.mantissa * powerOfTwo(a.exponent &- largest)
        + b.mantissa * powerOfTwo(b.exponent &- largest), exponent: largest)
  }

  /// (a + b + c) · factor
  @inline(__always)
  static func product(
    ofSum a: WideNumber, _ b: WideNumber, _ c: WideNumber, _ factor: WideNumber
  ) -> WideNumber {
    let largest = Swift.max(a.exponent, b.exponent, c.exponent)
    let sum =
      a.mantissa * powerOfTwo(a.exponent &- largest)
      + b.mantissa * powerOfTwo(b.exponent &- largest)
      + c.mantissa * powerOfTwo(c.exponent &- largest)
    return WideNumber(
      normalizing: sum * factor.mantissa, exponent: largest &+ factor.exponent)
  }

  static func / (a: WideNumber, b: WideNumber) -> WideNumber {
    WideNumber(normalizing: a.mantissa / b.mantissa, exponent: a.exponent &- b.exponent)
  }
}
