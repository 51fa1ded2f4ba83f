import CUTF8Proc

extension AlignedText {
  /// Lower case, scalar by scalar.
  mutating func lowercase() {
    lowercaseASCII()
    changeScalars(keepsASCII: true) { scalar in
      // The one full mapping without a condition in SpecialCasing.txt; utf8proc has the simple ones.
      if scalar == 0x130 { return .replacedBySequence(0x69, 0x307, nil) }
      let lower = UInt32(bitPattern: utf8proc_tolower(utf8proc_int32_t(scalar)))
      return lower == scalar ? .kept : .replaced(by: lower)
    }
  }

  /// Full case folding (CaseFolding.txt, statuses C and F), scalar by scalar.
  mutating func foldCase() {
    lowercaseASCII()
    changeScalars(keepsASCII: true) { scalar in
      let entry = utf8proc_get_property(utf8proc_int32_t(scalar)).pointee
      guard entry.casefold_seqindex != .max else { return .kept }
      return Self.caseFolding(of: scalar)
    }
  }

  private static func caseFolding(of scalar: UInt32) -> ScalarChange {
    withUnsafeTemporaryAllocation(of: utf8proc_int32_t.self, capacity: 8) { folded in
      let count = utf8proc_decompose_char(
        utf8proc_int32_t(scalar), folded.baseAddress, folded.count, UTF8PROC_CASEFOLD, nil)
      func part(_ index: Int) -> UInt32 { UInt32(bitPattern: folded[index]) }
      switch count {
      case 1: return .replaced(by: part(0))
      case 2: return .replacedBySequence(part(0), part(1), nil)
      // No folding has more than three scalars.
      case 3: return .replacedBySequence(part(0), part(1), part(2))
      default: return .kept
      }
    }
  }

  /// Bytes of ASCII letters are nothing else in UTF-8, so this needs no look at the scalars.
  private mutating func lowercaseASCII() {
    changeInPlace { bytes in
      for index in bytes.indices {
        let isUpper = bytes[index] &- UInt8(ascii: "A") < 26
        bytes[index] |= isUpper ? 0x20 : 0
      }
    }
  }
}
