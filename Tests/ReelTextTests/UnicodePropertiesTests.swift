import ReelText
import Testing

@Suite struct UnicodePropertiesTests {
  private static let areOfOneVersion =
    UnicodeData.version(of: "PropList.txt") == UnicodeProperties.unicodeVersion

  @Test func somePropertiesOfSomeScalars() {
    #expect(UnicodeProperties.category(0x41) == .lu)
    #expect(UnicodeProperties.category(0x301) == .mn)
    #expect(UnicodeProperties.category(0xD800) == .cs)
    #expect(UnicodeProperties.category(0xE000) == .co)
    #expect(UnicodeProperties.category(0x10FFFD) == .co)
    #expect(UnicodeProperties.category(0x10FFFF) == .cn)
    #expect(UnicodeProperties.category(0xFFFF_FFFF) == .cn)
    #expect(UnicodeProperties.isLetter(0x5D0) && !UnicodeProperties.isLetter(0x35))
    #expect(UnicodeProperties.isNumber(0x966) && UnicodeProperties.isMark(0x94D))
    #expect(UnicodeProperties.isPunctuation(0x3002) && UnicodeProperties.isSymbol(0x20AC))
    #expect(UnicodeProperties.isWhiteSpace(0x3000) && !UnicodeProperties.isWhiteSpace(0x200B))
    #expect(UnicodeProperties.isWord(0x5F) && !UnicodeProperties.isWord(0x2D))
    #expect(UnicodeProperties.isExtendedPictographic(0x1F600))
  }

  /// Every category and each derived answer, against the files of the same version of Unicode.
  @Test(.enabled(if: areOfOneVersion, UnicodeData.hint))
  func allPropertiesOfAllScalars() throws {
    let categories = try #require(UnicodeData.categories())
    let whiteSpace = try #require(UnicodeData.scalars(with: "White_Space", in: "PropList.txt"))
    let joiners = try #require(UnicodeData.scalars(with: "Join_Control", in: "PropList.txt"))
    let alphabetic = try #require(
      UnicodeData.scalars(with: "Alphabetic", in: "DerivedCoreProperties.txt"))
    let pictographic = try #require(
      UnicodeData.scalars(with: "Extended_Pictographic", in: "emoji/emoji-data.txt"))
    var wrong: [UInt32] = []
    for scalar in allScalars {
      let properties = UnicodeProperties.table[scalar]
      let category = categories[scalar] ?? "Cn"
      let isWord =
        alphabetic.contains(scalar) || joiners.contains(scalar)
        || category.hasPrefix("M") || category == "Nd" || category == "Pc"
      let agrees =
        "\(properties.category)" == category.lowercased()
        && properties.isLetter == category.hasPrefix("L")
        && properties.isMark == category.hasPrefix("M")
        && properties.isNumber == category.hasPrefix("N")
        && properties.isPunctuation == category.hasPrefix("P")
        && properties.isSymbol == category.hasPrefix("S")
        && properties.isSeparator == category.hasPrefix("Z")
        && properties.isOther == category.hasPrefix("C")
        && properties.isWhiteSpace == whiteSpace.contains(scalar)
        && properties.isWord == isWord
        && properties.isExtendedPictographic == pictographic.contains(scalar)
      if !agrees { wrong.append(scalar) }
    }
    #expect(wrong.isEmpty, "\(hexadecimal(wrong))")
  }

  /// Case folding, against CaseFolding.txt (statuses C and F).
  @Test(.enabled(if: areOfOneVersion, UnicodeData.hint))
  func allCaseFoldings() throws {
    var expected: [UInt32: [UInt32]] = [:]
    for line in try #require(UnicodeData.lines(of: "CaseFolding.txt")) {
      let fields = line.text.split(separator: ";").map { $0.filter { $0 != " " || true } }
      guard fields.count >= 3, ["C", "F"].contains(fields[1].filter { $0 != " " }),
        let scalar = UnicodeData.scalars(fields[0]).first
      else { continue }
      expected[scalar] = UnicodeData.scalars(fields[2])
    }
    #expect(expected.count > 1_400)
    var wrong: [UInt32] = []
    for scalar in allScalars {
      let folded = scalars(Normalizer.caseFold.normalized(text([scalar])))
      if folded != expected[scalar] ?? [scalar] { wrong.append(scalar) }
    }
    #expect(wrong.isEmpty, "\(hexadecimal(wrong))")
  }
}
