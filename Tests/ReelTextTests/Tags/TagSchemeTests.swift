import ReelText
import Testing

/// Tags as words with spaces between them.
private func tags(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

@Suite struct TagSchemeTests {
  private func span(_ label: String, _ range: Range<Int>) -> Span {
    Span(label: label, range: range)
  }

  static let sentence: [(scheme: TagScheme, tags: String)] = [
    (.iob1, "I-A I-A B-A I-B O I-C B-C I-C I-C"), (.iob2, "B-A I-A B-A B-B O B-C B-C I-C I-C"),
    (.iobes, "B-A E-A S-A S-B O S-C B-C I-C E-C"), (.bilou, "B-A L-A U-A U-B O U-C B-C I-C L-C"),
  ]

  @Test func everySchemeSaysTheSame() throws {
    let spans = [
      span("A", 0..<2), span("A", 2..<3), span("B", 3..<4), span("C", 5..<6), span("C", 6..<9),
    ]
    for (scheme, text) in Self.sentence {
      #expect(try scheme.spans(of: tags(text)) == spans)
      #expect(try scheme.tags(for: spans, count: 9) == tags(text))
      #expect(try scheme.tags(for: spans.reversed(), count: 9) == tags(text))
      for (other, expected) in Self.sentence {
        #expect(try scheme.convert(tags(text), to: other) == tags(expected))
        #expect(other.isValid(tags(text)) == (other == scheme))
      }
    }
  }

  @Test(arguments: TagScheme.allCases)
  func spansComeBackFromTags(_ scheme: TagScheme) throws {
    var random = TestGenerator(state: 3)
    for _ in 0..<300 {
      let count = Int.random(in: 0...12, using: &random)
      var spans: [Span] = []
      var start = 0
      while start < count {
        let end = Int.random(in: start + 1...min(count, start + 4), using: &random)
        if Int.random(in: 0..<3, using: &random) > 0 {
          let label = ["A", "B-x", "\u{E9}", ""].randomElement(using: &random) ?? ""
          spans.append(span(label, start..<end))
        }
        start = end
      }
      let tags = try scheme.tags(for: spans, count: count)
      #expect(tags.count == count)
      #expect(try scheme.spans(of: tags) == spans)
      #expect(TagScheme.scoredSpans(of: tags) == spans)
    }
  }

  @Test func labelsAreComparedByBytes() throws {
    let both = ["B-\u{E9}", "I-e\u{301}"]
    #expect(!TagScheme.iob2.isValid(both))
    #expect(TagScheme.iob1.isValid(["I-\u{E9}", "I-e\u{301}"]))
    #expect(TagScheme.scoredSpans(of: both).map(\.range) == [0..<1, 1..<2])
  }

  @Test(arguments: [
    (TagScheme.iob1, "O B-A", 1, "found \"B-A\" after \"O\", expected \"I-A\""),
    (.iob1, "I-B B-A", 1, "found \"B-A\" after \"I-B\", expected \"I-A\""),
    (.iob2, "I-A", 0, "found \"I-A\" at the beginning, expected \"B-A\""),
    (.iob2, "B-A I-A I-B", 2, "found \"I-B\" after \"I-A\", expected \"B-B\""),
    (.iob2, "B-A O I-A", 2, "found \"I-A\" after \"O\", expected \"B-A\""),
    (
      .iob2, "B-A S-A", 1,
      "\"S-A\" is none of its tags, expected \"B-…\", \"I-…\" or \"O\""
    ),
    (.iobes, "B-A O", 1, "found \"O\" after \"B-A\", expected \"I-A\" or \"E-A\""),
    (.iobes, "B-A E-B", 1, "found \"E-B\" after \"B-A\", expected \"I-A\" or \"E-A\""),
    (.iobes, "S-A E-A", 1, "found \"E-A\" after \"S-A\", expected \"B-A\" or \"S-A\""),
    (.iobes, "O B-A", 1, "the sentence ends after \"B-A\", expected \"I-A\" or \"E-A\""),
    (.bilou, "B-A I-A", 1, "the sentence ends after \"I-A\", expected \"I-A\" or \"L-A\""),
    (.bilou, "I-A L-A", 0, "found \"I-A\" at the beginning, expected \"B-A\" or \"U-A\""),
    (
      .bilou, "E-A", 0,
      "\"E-A\" is none of its tags, expected \"B-…\", \"I-…\", \"L-…\", \"U-…\" or \"O\""
    ),
    (.iob2, "O O-A", 1, "\"O-A\" is none of its tags, expected \"B-…\", \"I-…\" or \"O\""),
    (.iob2, "B-", 0, "\"B-\" is none of its tags, expected \"B-…\", \"I-…\" or \"O\""),
    (.iob2, "PER", 0, "\"PER\" is none of its tags, expected \"B-…\", \"I-…\" or \"O\""),
  ])
  func violations(scheme: TagScheme, text: String, index: Int, reason: String) {
    do {
      try scheme.validate(tags(text))
      Issue.record("\(scheme.name) takes \(text)")
    } catch {
      #expect(error.index == index)
      #expect(error.reason == reason)
      #expect("\(error)" == "\(scheme.name) is broken: \(reason)")
    }
  }

  @Test func badSpans() {
    func text(_ spans: [Span]) -> String {
      errorText { _ = try TagScheme.iob2.tags(for: spans, count: 4) }
    }
    #expect(
      text([span("A", 1..<5)])
        == "the span \"A\" over tokens 1..<5 came, expected at least one of the sentence's 4 tokens"
    )
    #expect(text([span("A", 2..<2)]).contains("expected at least one"))
    #expect(
      text([span("A", 2..<4), span("B", 0..<3)])
        == "the span \"A\" over tokens 2..<4 overlaps \"B\" over 0..<3")
  }

  /// What the CoNLL scorer makes of tags that break every scheme.
  @Test(arguments: [
    ("I-A I-A O I-B", [("A", 0..<2), ("B", 3..<4)]),
    ("B-A I-B I-B B-B", [("A", 0..<1), ("B", 1..<3), ("B", 3..<4)]),
    ("O I-A B-A", [("A", 1..<2), ("A", 2..<3)]),
    ("E-A I-A S-A E-A X", [("A", 0..<1), ("A", 1..<2), ("A", 2..<3), ("A", 3..<4)]),
    ("B I O I", [("", 0..<2), ("", 3..<4)]),
  ])
  func scored(text: String, expected: [(String, Range<Int>)]) {
    #expect(TagScheme.scoredSpans(of: tags(text)) == expected.map { span($0.0, $0.1) })
  }
}
