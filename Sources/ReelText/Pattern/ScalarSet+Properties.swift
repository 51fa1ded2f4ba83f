extension ScalarSet {
  /// The scalars of each general category.
  private static let categories: [ScalarSet] = {
    var ranges = [[ClosedRange<UInt32>]](repeating: [], count: GeneralCategory.allCases.count)
    let table = UnicodeProperties.table
    var start: UInt32 = 0
    var category = table[0].category
    func close(at end: UInt32) {
      ranges[Int(category.rawValue)].append(start...end - 1)
      start = end
    }
    func add(_ scalar: UInt32) {
      let next = table[scalar].category
      if next != category {
        close(at: scalar)
        category = next
      }
    }
    // Planes 4 to 13 are not assigned; 15 and 16 are for private use but for two noncharacters.
    for scalar in UInt32(1)...0x40000 { add(scalar) }
    for scalar in UInt32(0xE0000)...0xF0000 { add(scalar) }
    for scalar: UInt32 in [0xFFFFE, 0x100000, 0x10FFFE] { add(scalar) }
    close(at: maximum + 1)
    return ranges.map { ScalarSet($0) }
  }()

  static func category(_ category: GeneralCategory) -> ScalarSet {
    categories[Int(category.rawValue)]
  }

  static func categories(where isIn: (GeneralCategory) -> Bool) -> ScalarSet {
    ScalarSet(GeneralCategory.allCases.filter(isIn).flatMap { category($0).ranges })
  }

  static let letters = categories { $0.isLetter }
  static let marks = categories { $0.isMark }
  static let numbers = categories { $0.isNumber }
  static let punctuation = categories { $0.isPunctuation }
  static let symbols = categories { $0.isSymbol }

  /// The property White_Space.
  static let whiteSpace = ScalarSet([
    0x09...0x0D, 0x20...0x20, 0x85...0x85, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A,
    0x2028...0x2029, 0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000,
  ])
  static let hexadecimalDigits = ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66])
  /// What Oniguruma's `[\w]` matches: unlike in other engines, without the joiners U+200C and
  /// U+200D.
  static let word = ScalarSet(where: UnicodeProperties.isWord)
    .intersection(ScalarSet([0x200C...0x200D]).inverted)
  /// What its `\w` and `\b` take for a word outside of classes: "²³¹¼½¾" too.
  static let wordOutsideClasses = word.union(
    ScalarSet([0xB2...0xB3, 0xB9...0xB9, 0xBC...0xBE]))

  /// The scalars with a property that stands in `\p{…}`; nil where the name is not known. White
  /// space, hyphens, underscores and case do not count in it.
  static func property(named name: String) -> ScalarSet? {
    var key = ""
    for scalar in name.unicodeScalars where scalar != " " && scalar != "-" && scalar != "_" {
      guard scalar.value < 0x80 else { return nil }
      key += scalar.properties.lowercaseMapping
    }
    if let category = categoryNamed(key) { return category }
    switch key {
    case "any": return .all
    case "ascii": return ScalarSet([0...0x7F])
    case "assigned": return category(.cn).inverted
    case "whitespace", "wspace": return .whiteSpace
    case "extendedpictographic", "extpict":
      return ScalarSet(where: UnicodeProperties.isExtendedPictographic)
    case "regionalindicator", "ri": return ScalarSet([0x1F1E6...0x1F1FF])
    default: break
    }
    for prefix in ["script=", "sc="] where key.hasPrefix(prefix) {
      key.removeFirst(prefix.count)
    }
    return UnicodeScripts.script(named: key).map(UnicodeScripts.scalars(of:)) ?? bracketed(key)
  }

  /// The POSIX classes, as Oniguruma defines them on Unicode.
  static func bracketed(_ name: String) -> ScalarSet? {
    switch name {
    case "space": return .whiteSpace
    case "digit": return category(.nd)
    case "word": return .word
    case "xdigit": return .hexadecimalDigits
    case "ascii": return ScalarSet([0...0x7F])
    case "cntrl": return category(.cc)
    case "blank": return category(.zs).union(ScalarSet(0x09))
    case "punct": return punctuation.union(symbols)
    default: return nil
    }
  }

  private static func categoryNamed(_ name: String) -> ScalarSet? {
    switch name {
    case "l", "letter": return .letters
    case "m", "mark", "combiningmark": return .marks
    case "n", "number": return .numbers
    case "p", "punctuation": return .punctuation
    case "s", "symbol": return .symbols
    case "z", "separator": return categories { $0.isSeparator }
    case "c", "other": return categories { $0.isOther }
    case "lc", "casedletter": return categories { [.lu, .ll, .lt].contains($0) }
    default: break
    }
    let longNames: [(String, GeneralCategory)] = [
      ("unassigned", .cn), ("uppercaseletter", .lu), ("lowercaseletter", .ll),
      ("titlecaseletter", .lt), ("modifierletter", .lm), ("otherletter", .lo),
      ("nonspacingmark", .mn), ("spacingmark", .mc), ("enclosingmark", .me),
      ("decimalnumber", .nd), ("letternumber", .nl), ("othernumber", .no),
      ("connectorpunctuation", .pc), ("dashpunctuation", .pd), ("openpunctuation", .ps),
      ("closepunctuation", .pe), ("initialpunctuation", .pi), ("finalpunctuation", .pf),
      ("otherpunctuation", .po), ("mathsymbol", .sm), ("currencysymbol", .sc),
      ("modifiersymbol", .sk), ("othersymbol", .so), ("spaceseparator", .zs),
      ("lineseparator", .zl), ("paragraphseparator", .zp), ("control", .cc), ("format", .cf),
      ("surrogate", .cs), ("privateuse", .co),
    ]
    if let match = longNames.first(where: { $0.0 == name }) { return category(match.1) }
    return GeneralCategory.allCases.first { "\($0)" == name }.map(category)
  }
}
