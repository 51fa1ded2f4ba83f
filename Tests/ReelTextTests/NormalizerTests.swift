import ReelText
import Testing

@Suite struct NormalizerTests {
  /// The ranges of the original that each scalar of a text came from, read bytewise.
  static func scalarRanges(_ text: AlignedText) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    for scalar in text.text.unicodeScalars {
      let end = start + scalar.utf8.count
      ranges.append(text.originalRange(of: start..<end))
      start = end
    }
    return ranges
  }

  private func aligned(_ text: String, _ normalizer: Normalizer) -> AlignedText {
    var aligned = AlignedText(text)
    normalizer.apply(to: &aligned)
    return aligned
  }

  @Test func caseFolding() {
    #expect(Normalizer.caseFold.normalized("Straße ΣΑΣ ﬁn ΐ") == "strasse σασ fin ΐ")
    let text = aligned("aßb", .caseFold)
    #expect(Self.scalarRanges(text) == [0..<1, 1..<3, 1..<3, 3..<4])
  }

  @Test func lowerCaseKnowsNoContext() {
    #expect(scalars(Normalizer.lowercase.normalized("İΣ")) == [0x69, 0x307, 0x3C3])
    #expect(aligned("ÀB Ж", .lowercase).isUnchanged)
  }

  @Test func controlsGoAndJoinersStay() {
    let text = aligned("\u{FEFF}a\u{0}b\tc\r\n\u{85}d\u{200D}\u{202E}e\u{7F}\u{AD}", .cleanControls)
    #expect(scalars(text.text) == scalars("ab\tc\r\n\u{85}d\u{200D}e"))
    #expect(text.originalRange(of: 0..<2) == 3..<6)
  }

  @Test func whiteSpaceBecomesOneSpace() {
    let text = aligned(" \n a\u{3000}\tb c\r\n", .cleanWhiteSpace)
    #expect(text.text == "a b c")
    #expect(Self.scalarRanges(text) == [3..<4, 4..<8, 8..<9, 9..<10, 10..<11])
    #expect(Normalizer.cleanWhiteSpace.normalized(" \u{2003}\n") == "")
    #expect(aligned("already clean", .cleanWhiteSpace).isUnchanged)
  }

  /// What is written to a file for Reel's own kinds does the same.
  @Test(arguments: [Normalizer.cleanControls, .cleanWhiteSpace, .sequence([.cleanControls, .nmt])])
  func ownKindsInCommonOnes(_ normalizer: Normalizer) throws {
    let common = try #require(normalizer.inCommonKinds)
    #expect(common != normalizer)
    var generator = TestGenerator(state: 17)
    let controls = (UInt32(0)...0x2FF).compactMap(Unicode.Scalar.init)
    var samples = TextSamples.all + [String(String.UnicodeScalarView(controls))]
    samples += (0..<100).map { _ in generator.text(upTo: 40) }
    samples.append(text((UInt32(0x2000)...0x20FF)) + "\u{FEFF}\u{3000}x")
    for sample in samples {
      #expect(scalars(common.normalized(sample)) == scalars(normalizer.normalized(sample)))
    }
  }

  @Test func caseFoldingHasNoCommonKind() {
    #expect(Normalizer.caseFold.inCommonKinds == nil)
    #expect(Normalizer.sequence([.lowercase, .caseFold]).inCommonKinds == nil)
    #expect(Normalizer.lowercase.inCommonKinds == .lowercase)
  }

  @Test func composedCharactersStandForAllOfTheirParts() {
    // o, dot below, circumflex; the dot comes second.
    let text = aligned("xo\u{302}\u{323}y", .form(.nfc))
    #expect(scalars(text.text) == scalars("x\u{1ED9}y"))
    #expect(Self.scalarRanges(text) == [0..<1, 1..<6, 6..<7])
  }

  @Test func decomposedCharactersStandForTheirWhole() {
    let text = aligned("xé한y", .form(.nfd))
    #expect(
      Self.scalarRanges(text) == [0..<1, 1..<3, 1..<3, 3..<6, 3..<6, 3..<6, 6..<7])
  }

  @Test func marksThatChangePlacesStandTogether() {
    let text = aligned("q\u{307}\u{1DC0}\u{323}r", .form(.nfd))
    #expect(scalars(text.text) == scalars("q\u{323}\u{307}\u{1DC0}r"))
    #expect(Self.scalarRanges(text) == [0..<1, 1..<8, 1..<8, 1..<8, 8..<9])
  }

  /// Long runs of marks in the wrong order take no more than their share of time.
  @Test func aTextOfNothingButMarks() {
    let marks = String(repeating: "\u{301}\u{323}", count: 200_000)
    let result = marks.normalized(.nfd)
    #expect(result.utf8.count == marks.utf8.count)
    #expect(result.unicodeScalars.first?.value == 0x323)
    #expect(result.unicodeScalars.last?.value == 0x301)
  }

  private static let kinds: [Normalizer] =
    NormalizationForm.allCases.map { .form($0) } + [
      .lowercase, .caseFold, .stripAccents, .strip(left: true, right: true), .cleanControls,
      .cleanWhiteSpace, .replace(Pattern(literal: "a"), with: "<a>"), .prepend("\u{2581}"),
      .bert(BertNormalization()), .nmt, .byteLevel,
      .sequence([.form(.nfkd), .stripAccents, .lowercase, .form(.nfc)]),
    ]

  /// Random Unicode: ranges never step back, lie within the original, and a text that comes out as
  /// it went in has not moved.
  @Test(arguments: kinds)
  func alignmentOfRandomText(_ normalizer: Normalizer) {
    var generator = TestGenerator(state: 7)
    for sample in TextSamples.all + (0..<300).map({ _ in Self.crowdedText(using: &generator) }) {
      let text = aligned(sample, normalizer)
      #expect(text.originalCount == sample.utf8.count)
      if case .sequence = normalizer {
        // A text may be taken apart and put together again.
      } else if text.bytes == Array(sample.utf8) {
        #expect(text.isUnchanged)
      }
      let ranges = Self.scalarRanges(text)
      for (one, next) in zip(ranges, ranges.dropFirst()) {
        #expect(one.lowerBound <= next.lowerBound && one.upperBound <= next.upperBound)
      }
      #expect((ranges.first?.lowerBound ?? 0) >= 0)
      #expect((ranges.last?.upperBound ?? 0) <= text.originalCount)
      if removesNothing(normalizer) {
        #expect(text.originalRange(of: 0..<text.bytes.count) == 0..<text.originalCount)
        for (one, next) in zip(ranges, ranges.dropFirst()) {
          #expect(next.lowerBound <= one.upperBound)
        }
      }
    }
  }

  private func removesNothing(_ normalizer: Normalizer) -> Bool {
    switch normalizer {
    case .form, .lowercase, .caseFold, .replace, .prepend, .byteLevel: true
    default: false
    }
  }

  /// Scalars that normalization does much with, side by side.
  private static func crowdedText(using generator: inout TestGenerator) -> String {
    let crowded: [ClosedRange<UInt32>] = [
      0x20...0x7E, 0x0...0x20, 0xC0...0x17F, 0x300...0x345, 0x1E00...0x1EFF, 0x1100...0x11FF,
      0xAC00...0xD7A3, 0x900...0x97F, 0x5D0...0x5EA, 0x2000...0x206F, 0xFB00...0xFDFF,
      0x1D15E...0x1D164, 0x2F800...0x2FA1D, 0x3041...0x30FF, 0x4E00...0x9FFF, 0x1F300...0x1F64F,
    ]
    var values: [UInt32] = []
    for _ in 0..<Int.random(in: 0...40, using: &generator) {
      let block = crowded[Int.random(in: 0..<crowded.count, using: &generator)]
      values.append(UInt32.random(in: block, using: &generator))
    }
    return text(values)
  }
}
