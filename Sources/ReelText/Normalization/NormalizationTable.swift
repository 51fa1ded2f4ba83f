/// Decompositions, compositions and combining classes of all scalars, from utf8proc, laid out for
/// fast answers. Built at the first use.
struct NormalizationTable: Sendable {
  static let shared = NormalizationTable()

  private let entries: TwoStageTable<UInt32>
  private let decompositions: DecompositionList
  private let compositions: CompositionTable

  private init() {
    let builder = NormalizationTableBuilder()
    entries = TwoStageTable { builder.entry(of: $0).bits }
    decompositions = builder.decompositions
    compositions = CompositionTable(builder.compositions)
  }

  @inline(__always)
  subscript(scalar: UInt32) -> NormalizationEntry { NormalizationEntry(bits: entries[scalar]) }

  /// Calls `body` with each scalar of the full decomposition.
  @inline(__always)
  func forEachDecomposed(_ scalar: UInt32, isCompatible: Bool, _ body: (UInt32) -> Void) {
    if Hangul.isSyllable(scalar) { return Hangul.decompose(scalar, body) }
    guard let record = self[scalar].record else { return body(scalar) }
    decompositions.forEach(of: record, isCompatible: isCompatible, body)
  }

  /// The first scalar of the full decomposition, or the scalar itself where it is Korean, for which
  /// both are starters.
  @inline(__always)
  func firstDecomposed(_ scalar: UInt32, isCompatible: Bool) -> UInt32 {
    guard let record = self[scalar].record else { return scalar }
    return decompositions.first(of: record, isCompatible: isCompatible)
  }

  /// The primary composite of two scalars, where there is one.
  @inline(__always)
  func composite(of first: UInt32, _ second: UInt32) -> UInt32? {
    Hangul.composite(of: first, second) ?? compositions[first, second]
  }
}

/// What normalization asks about one scalar.
///
///     bits 0–7    canonical combining class
///     bits 8–11   not certain to stay as it is in NFC, NFD, NFKC, NFKD
///     bits 12–31  number of its decompositions, from 1; 0 where it has none
struct NormalizationEntry: Sendable {
  let bits: UInt32

  init(bits: UInt32) { self.bits = bits }

  init(combiningClass: UInt8, uncertainIn forms: [NormalizationForm], record: Int?) {
    var bits = UInt32(combiningClass) | UInt32(record.map { $0 + 1 } ?? 0) << 12
    for form in forms { bits |= form.uncertainBit }
    self.bits = bits
  }

  @inline(__always) var combiningClass: UInt8 { UInt8(truncatingIfNeeded: bits) }

  /// Where its decompositions are.
  @inline(__always) var record: Int? { bits >> 12 == 0 ? nil : Int(bits >> 12) - 1 }

  /// Whether the quick check of UAX 15 says "yes" for it, other than "no" or "maybe".
  @inline(__always)
  func isCertain(in form: NormalizationForm) -> Bool { bits & form.uncertainBit == 0 }

  /// Whether text may be cut before this scalar: it stays, and joins nothing before it.
  @inline(__always)
  func beginsSegment(in form: NormalizationForm) -> Bool { bits & (0xFF | form.uncertainBit) == 0 }
}

extension NormalizationForm {
  @inline(__always)
  fileprivate var uncertainBit: UInt32 {
    switch self {
    case .nfc: 1 << 8
    case .nfd: 1 << 9
    case .nfkc: 1 << 10
    case .nfkd: 1 << 11
    }
  }
}

/// The full decompositions of scalars, canonical and compatible.
struct DecompositionList: Sendable {
  private var scalars: [UInt32] = []
  /// Where the canonical decomposition of each record begins, then where its compatible one does.
  private var starts: [Int32] = [0]

  var count: Int { starts.count / 2 }

  mutating func append(canonical: [UInt32], compatible: [UInt32]) {
    for decomposition in [canonical, compatible] {
      scalars += decomposition
      starts.append(Int32(scalars.count))
    }
  }

  /// No decomposition is empty.
  @inline(__always)
  func first(of record: Int, isCompatible: Bool) -> UInt32 {
    scalars[Int(starts[record * 2 + (isCompatible ? 1 : 0)])]
  }

  @inline(__always)
  func forEach(of record: Int, isCompatible: Bool, _ body: (UInt32) -> Void) {
    let index = record * 2 + (isCompatible ? 1 : 0)
    for position in Int(starts[index])..<Int(starts[index + 1]) { body(scalars[position]) }
  }
}

/// Pairs of scalars and what they compose to: a hash table with open addressing.
struct CompositionTable: Sendable {
  private var keys: [UInt64]
  private var values: [UInt32]
  private let mask: Int

  init(_ compositions: [(first: UInt32, second: UInt32, composite: UInt32)]) {
    var size = 16
    while size < compositions.count * 2 { size *= 2 }
    mask = size - 1
    keys = Array(repeating: 0, count: size)
    values = Array(repeating: 0, count: size)
    for composition in compositions {
      let key = Self.key(composition.first, composition.second)
      var slot = Self.hash(key) & mask
      while keys[slot] != 0 { slot = (slot + 1) & mask }
      keys[slot] = key
      values[slot] = composition.composite
    }
  }

  subscript(first: UInt32, second: UInt32) -> UInt32? {
    let key = Self.key(first, second)
    var slot = Self.hash(key) & mask
    while keys[slot] != 0 {
      if keys[slot] == key { return values[slot] }
      slot = (slot + 1) & mask
    }
    return nil
  }

  private static func key(_ first: UInt32, _ second: UInt32) -> UInt64 {
    UInt64(first) << 32 | UInt64(second)
  }

  /// Fibonacci hashing (Knuth, volume 3, section 6.4).
  private static func hash(_ key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 40)
  }
}

/// Korean syllables are composed of their letters by arithmetic (Unicode Standard, section 3.12).
enum Hangul {
  private static let firstSyllable: UInt32 = 0xAC00
  private static let firstLeading: UInt32 = 0x1100
  private static let firstVowel: UInt32 = 0x1161
  /// One before the first trailing consonant: a syllable without one counts as if it had this.
  private static let noTrailing: UInt32 = 0x11A7
  private static let leadingCount: UInt32 = 19
  private static let vowelCount: UInt32 = 21
  private static let trailingCount: UInt32 = 28

  @inline(__always)
  static func isSyllable(_ scalar: UInt32) -> Bool {
    scalar &- firstSyllable < leadingCount * vowelCount * trailingCount
  }

  /// Whether the scalar may be joined to a syllable before it.
  static func mayJoin(_ scalar: UInt32) -> Bool {
    scalar &- firstVowel < vowelCount || scalar &- noTrailing &- 1 < trailingCount - 1
  }

  static func decompose(_ syllable: UInt32, _ body: (UInt32) -> Void) {
    let number = syllable - firstSyllable
    body(firstLeading + number / (vowelCount * trailingCount))
    body(firstVowel + number / trailingCount % vowelCount)
    if number % trailingCount > 0 { body(noTrailing + number % trailingCount) }
  }

  @inline(__always)
  static func composite(of first: UInt32, _ second: UInt32) -> UInt32? {
    if first &- firstLeading < leadingCount, second &- firstVowel < vowelCount {
      let row = (first - firstLeading) * vowelCount + (second - firstVowel)
      return firstSyllable + row * trailingCount
    }
    if isSyllable(first), (first - firstSyllable) % trailingCount == 0,
      second &- noTrailing &- 1 < trailingCount - 1
    {
      return first + (second - noTrailing)
    }
    return nil
  }
}
