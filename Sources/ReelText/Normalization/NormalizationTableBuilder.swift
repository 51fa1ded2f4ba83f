import CUTF8Proc

/// Asks utf8proc for everything that ``NormalizationTable`` holds.
struct NormalizationTableBuilder {
  private(set) var decompositions = DecompositionList()
  private(set) var compositions: [(first: UInt32, second: UInt32, composite: UInt32)] = []
  /// The scalars that have decompositions, in ascending order: the number of their record.
  private var decomposed: [UInt32] = []
  /// For each record, the forms in which the scalar does not stay as it is.
  private var changingForms: [[NormalizationForm]] = []
  /// Which scalars may be joined to one before them, up to the last of them.
  private var isSecond: [Bool] = []

  init() {
    // No plane from the fourth on decomposes anything.
    for scalar in UInt32(0)..<0x40000 where Self.hasDecomposition(scalar) { add(scalar) }
    isSecond = Array(repeating: false, count: Int(compositions.map(\.second).max() ?? 0) + 1)
    for composition in compositions { isSecond[Int(composition.second)] = true }
  }

  func entry(of scalar: UInt32) -> NormalizationEntry {
    let properties = utf8proc_get_property(utf8proc_int32_t(scalar)).pointee
    let combiningClass = UInt8(truncatingIfNeeded: properties.combining_class)
    var forms: [NormalizationForm] = []
    var record: Int?
    if Hangul.isSyllable(scalar) {
      forms = [.nfd, .nfkd]
    } else if properties.decomp_seqindex != .max {
      record = number(of: scalar)
      forms = record.map { changingForms[$0] } ?? []
    }
    let mayJoin =
      Int(scalar) < isSecond.count && isSecond[Int(scalar)] || Hangul.mayJoin(scalar)
    if mayJoin { forms += [.nfc, .nfkc] }
    return NormalizationEntry(combiningClass: combiningClass, uncertainIn: forms, record: record)
  }

  private static func hasDecomposition(_ scalar: UInt32) -> Bool {
    utf8proc_get_property(utf8proc_int32_t(scalar)).pointee.decomp_seqindex != .max
  }

  private mutating func add(_ scalar: UInt32) {
    let canonical = Self.decomposition(of: scalar, isCompatible: false)
    let compatible = Self.decomposition(of: scalar, isCompatible: true)
    decomposed.append(scalar)
    decompositions.append(canonical: canonical, compatible: compatible)

    var forms: [NormalizationForm] = []
    if canonical != [scalar] {
      forms.append(.nfd)
      if Self.composed(canonical) == [scalar] {
        addComposition(of: scalar, canonical)
      } else {
        // A composition exclusion, or an old name of another scalar.
        forms.append(.nfc)
      }
    }
    if compatible != [scalar] { forms.append(.nfkd) }
    if Self.composed(compatible) != [scalar] { forms.append(.nfkc) }
    changingForms.append(forms)
  }

  /// A primary composite is made of what all but the last of its decomposition compose to, and of
  /// the last.
  private mutating func addComposition(of scalar: UInt32, _ canonical: [UInt32]) {
    let first = Self.composed(Array(canonical.dropLast()))
    guard first.count == 1, let second = canonical.last else { return }
    compositions.append((first[0], second, scalar))
  }

  private func number(of scalar: UInt32) -> Int? {
    var low = 0
    var high = decomposed.count
    while low < high {
      let middle = (low + high) / 2
      if decomposed[middle] < scalar { low = middle + 1 } else { high = middle }
    }
    return low < decomposed.count && decomposed[low] == scalar ? low : nil
  }

  private static func decomposition(of scalar: UInt32, isCompatible: Bool) -> [UInt32] {
    var options = UTF8PROC_STABLE.rawValue | UTF8PROC_DECOMPOSE.rawValue
    if isCompatible { options |= UTF8PROC_COMPAT.rawValue }
    // The longest decomposition has 18 scalars, and by Unicode's policies it stays so.
    var result = [utf8proc_int32_t](repeating: 0, count: 32)
    let count = utf8proc_decompose_char(
      utf8proc_int32_t(scalar), &result, result.count, utf8proc_option_t(rawValue: options), nil)
    guard count > 0, count <= result.count else { return [scalar] }
    return result[..<count].map { UInt32($0) }
  }

  private static func composed(_ scalars: [UInt32]) -> [UInt32] {
    var buffer = scalars.map { utf8proc_int32_t($0) }
    let options = UTF8PROC_STABLE.rawValue | UTF8PROC_COMPOSE.rawValue
    let count = utf8proc_normalize_utf32(
      &buffer, buffer.count, utf8proc_option_t(rawValue: options))
    guard count >= 0 else { return scalars }
    return buffer[..<count].map { UInt32($0) }
  }
}
