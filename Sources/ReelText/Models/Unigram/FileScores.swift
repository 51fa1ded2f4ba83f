/// What becomes of a score on its way through a file.
enum FileScores {
  /// The score that the Hugging Face tokenizers library has after reading the shortest text of this
  /// one: the number without its point, rounded, times or divided by a power of ten. For texts of 16
  /// or 17 digits this is now and then the next number, and it decides between sums that are nearly
  /// equal, such as those of the same tokens in another order.
  static func asRead(_ score: Double) -> Double {
    var significand: UInt64 = 0
    var exponent = 0
    var written = 0
    var isFraction = false
    var text = score.description.utf8[...]
    let isNegative = text.first == UInt8(ascii: "-")
    if isNegative { text.removeFirst() }
    while let byte = text.popFirst() {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let digit = UInt64(byte - UInt8(ascii: "0"))
        let (product, overflows) = significand.multipliedReportingOverflow(by: 10)
        guard !overflows, product <= .max - digit else { return score }
        significand = product + digit
        if isFraction { exponent -= 1 }
      case UInt8(ascii: "."): isFraction = true
      case UInt8(ascii: "e"):
        guard let power = Int(Substring(text)) else { return score }
        written = power
        text = text.suffix(0)
      default: return score
      }
    }
    exponent += written
    guard let power = Double("1e\(abs(exponent))"), power.isFinite else { return score }
    let size = exponent < 0 ? Double(significand) / power : Double(significand) * power
    return isNegative ? -size : size
  }
}
