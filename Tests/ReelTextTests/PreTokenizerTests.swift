import ReelText
import Testing

@Suite struct PreTokenizerTests {
  private static let behaviors: [String: SplitBehavior] = [
    "removed": .removed, "isolated": .isolated, "merged_with_previous": .mergedWithPrevious,
    "merged_with_next": .mergedWithNext, "contiguous": .contiguous,
  ]

  private func preTokenizer(named name: String) -> PreTokenizer? {
    let words = name.split(separator: " ").map { String($0) }
    let mark: Unicode.Scalar = "\u{2581}"
    switch name {
    case "whitespace": return .whitespace
    case "whitespaceSplit": return .whitespaceSplit
    case "bert": return .bert
    case "unicodeScripts": return .unicodeScripts
    case "digits": return .digits(individual: false)
    case "digits individual": return .digits(individual: true)
    case "delimiter e": return .characterDelimiter("e")
    case "fixedLength 1": return .fixedLength(1)
    case "fixedLength 7": return .fixedLength(7)
    case "whitespaceSplit, metaspace first":
      return .sequence([
        .whitespaceSplit, .metaspace(replacement: mark, prepend: .first, splits: true),
      ])
    case "bert, byteLevel prefix":
      return .sequence([
        .bert, .byteLevel(addsPrefixSpace: true, trimsOffsets: true, usesPattern: true),
      ])
    default: break
    }
    switch words[0] {
    case "punctuation": return Self.behaviors[words[1]].map { .punctuation($0) }
    case "metaspace":
      return PreTokenizer.PrependScheme(rawValue: words[1]).map {
        .metaspace(replacement: mark, prepend: $0, splits: words.count == 2)
      }
    case "byteLevel":
      return .byteLevel(
        addsPrefixSpace: words[1] == "prefix", trimsOffsets: true, usesPattern: words.count == 2)
    default: return nil
    }
  }

  @Test func kindsCutAsElsewhere() throws {
    let fixture = try SplitFixture.load()
    for kind in fixture.kinds {
      let kindOfName = self.preTokenizer(named: kind.name)
      let preTokenizer = try #require(kindOfName, "\(kind.name)")
      for (index, text) in fixture.texts.enumerated() {
        let found = pieces(of: text, by: preTokenizer)
        #expect(
          found.offsets == kind.offsets[index], "\(kind.name) on \(text.debugDescription)")
        if let pieces = kind.pieces {
          #expect(found.pieces.map(scalars) == pieces[index].map(scalars), "\(kind.name)")
        }
      }
    }
  }

  @Test func behaviorsCutAsElsewhere() throws {
    for entry in try SplitFixture.load().behaviors {
      let pattern =
        try entry.expression.map { try Pattern(expression: $0) }
        ?? Pattern(literal: entry.literal ?? "")
      let behavior = try #require(Self.behaviors[entry.behavior])
      for (text, expected) in zip(entry.texts, entry.offsets) {
        let found = pieces(of: text, by: .split(pattern, behavior, invert: entry.invert)).offsets
        #expect(found == expected, "\(entry) on \(text.debugDescription)")
      }
    }
  }

  @Test func metaspaceKnowsWhereTheOriginalBegins() {
    let first = PreTokenizer.metaspace(replacement: "\u{2581}", prepend: .first, splits: true)
    var text = AlignedText("a b")
    #expect(first.split(&text, isFirst: false) == [0..<1, 1..<5])
    #expect(text.text == "a\u{2581}b")
    text = AlignedText("a b")
    #expect(first.split(&text, isFirst: true) == [0..<4, 4..<8])
    #expect(text.originalRange(of: 0..<3) == 0..<1)
    #expect(text.originalRange(of: 4..<8) == 1..<3)
  }

  @Test func piecesThatAreBytesAreNotCutFurther() {
    let bytes = PreTokenizer.byteLevel(
      addsPrefixSpace: false, trimsOffsets: true, usesPattern: true)
    #expect(errorText { try PreTokenizer.sequence([.bert, bytes]).check() } == "")
    #expect(
      errorText { try PreTokenizer.sequence([.sequence([bytes]), .bert]).check() }
        == "a pre-tokenizer follows ByteLevel in a sequence, which is not supported; expected "
        + "ByteLevel last")
    #expect(
      errorText { try PreTokenizer.fixedLength(0).check() }
        == "pieces of fixed length 0, expected at least 1")
    #expect(PreTokenizer.sequence([.bert, bytes]).endsInBytes)
    #expect(!PreTokenizer.words.endsInBytes)
  }

  @Test func nothingIsCutFromNothing() {
    for preTokenizer in [PreTokenizer.words, .graphemes, .whitespace, .sequence([])] {
      #expect(pieces(of: "", by: preTokenizer).offsets == [])
    }
    #expect(pieces(of: "a b", by: .sequence([])).offsets == [0, 3])
  }

  @Test func graphemesAreCharacters() {
    let text = "e\u{301}\r\n\u{1F469}\u{200D}\u{1F680}한"
    #expect(
      pieces(of: text, by: .graphemes).pieces.map(scalars)
        == ["e\u{301}", "\r\n", "\u{1F469}\u{200D}\u{1F680}", "한"].map(scalars))
  }

  @Test(arguments: [
    ("Don't say \"well-known\" O'Brien’s l’été!", "Don't|say|\"|well|-|known|\"|O'Brien’s|l’été|!"),
    ("It cost $1,000.50, or 3.14 (1.2.3).", "It|cost|$|1,000.50|,|or|3.14|(|1.2.3|)|."),
    ("The U.S. and e.g. a.b.com...", "The|U.S.|and|e.g.|a|.|b|.|com|..."),
    (
      "See https://example.org/a_b?c=1, www.x.y. Mail a.b+c@d-e.org!",
      "See|https://example.org/a_b?c=1|,|www.x.y|.|Mail|a.b+c@d-e.org|!"
    ),
    ("cafe\u{301} हिन्दी ไทย 日本語", "cafe\u{301}|हिन्दी|ไทย|日|本|語"),
    (
      "1\u{FE0F}\u{20E3}2\u{FE0F}\u{20E3} \u{1F1EE}\u{1F1F3}\u{1F1EB}\u{1F1F7} ❤\u{FE0F}\u{1F525}",
      "1\u{FE0F}\u{20E3}|2\u{FE0F}\u{20E3}|\u{1F1EE}\u{1F1F3}|\u{1F1EB}\u{1F1F7}|❤\u{FE0F}|\u{1F525}"
    ),
    (
      "\u{1F469}\u{1F3FD}\u{200D}\u{1F680}!? -- 3rd mp3 snake_case C++",
      "\u{1F469}\u{1F3FD}\u{200D}\u{1F680}|!?|--|3rd|mp3|snake_case|C|+|+"
    ),
    ("می\u{200C}خواهم \u{301}x", "می\u{200C}خواهم|\u{301}|x"),
  ])
  func wordsByTheRules(_ text: String, _ expected: String) {
    #expect(
      pieces(of: text, by: .words).pieces.map(scalars)
        == expected.unicodeScalars.split(separator: "|").map { $0.map(\.value) })
  }

  /// A Split by the published pattern cuts as Reel's own scanner does.
  @Test func wordsAreCutAlikeElsewhere() throws {
    let fixture = try SplitFixture.load()
    #expect(fixture.words.expression == WordPattern.expression)
    for (text, expected) in zip(fixture.texts, fixture.words.offsets) {
      #expect(pieces(of: text, by: .words).offsets == expected, "\(text.debugDescription)")
    }
  }

  /// Nothing but white space is lost, and no run of characters is gone over again and again.
  @Test func wordsKeepEverythingButWhiteSpace() {
    var generator = TestGenerator(state: 11)
    for _ in 0..<300 {
      let text = generator.text(upTo: 60)
      let kept = pieces(of: text, by: .words).pieces.joined()
      let expected = text.unicodeScalars.filter { !$0.properties.isWhitespace }
      #expect(scalars(kept) == expected.map(\.value))
    }
    for unit in [
      "a.", "a-", "www.", "\u{1F469}\u{200D}", "1,", "a'", "a+", "http://", "-", "\u{301}",
    ] {
      let text = String(repeating: unit, count: 200_000)
      #expect(pieces(of: text, by: .words).pieces.joined() == text)
    }
  }
}
