/// How a word is capitalized.
enum Capitalization: Int32, CaseIterable, Sendable {
  /// Neither letters with case nor digits: punctuation, scripts without case.
  case none
  /// "river"
  case lower
  /// "River", "A"
  case initial
  /// "UN"
  case upper
  /// "McDonald", "iPad"
  case mixed
  /// "1996", "10-2": digits, and no letter with case
  case digits

  init(_ word: some Sequence<Unicode.Scalar>) {
    var (upper, lower, digits) = (0, 0, 0)
    var startsUpper = false
    for scalar in word {
      let isUpper: Bool
      let isLower: Bool
      if scalar.isASCII {
        isUpper = (0x41...0x5A).contains(scalar.value)
        isLower = (0x61...0x7A).contains(scalar.value)
        digits += (0x30...0x39).contains(scalar.value) ? 1 : 0
      } else {
        isUpper = scalar.properties.isUppercase
        isLower = scalar.properties.isLowercase
        digits += scalar.properties.numericType == .decimal ? 1 : 0
      }
      if isUpper {
        if upper + lower == 0 { startsUpper = true }
        upper += 1
      } else if isLower {
        lower += 1
      }
    }
    self =
      switch (upper, lower) {
      case (0, 0): digits > 0 ? .digits : .none
      case (0, _): .lower
      case (1, _) where startsUpper: .initial
      case (_, 0): .upper
      default: .mixed
      }
  }
}
