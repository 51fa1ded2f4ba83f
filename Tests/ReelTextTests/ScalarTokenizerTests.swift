import ReelText
import Testing

@Suite struct ScalarTokenizerTests {
  @Test(arguments: TextSamples.all)
  func textRoundTrips(_ text: String) throws {
    let tokenizer = ScalarTokenizer(trainedOn: TextSamples.joined)
    let ids = tokenizer.encode(text)
    #expect(ids.count == text.unicodeScalars.count)
    #expect(scalars(tokenizer.decode(ids)) == scalars(text))
    #expect(try tokenizer.encode(Array(text.utf8)) == ids)
  }

  @Test func randomTextRoundTrips() throws {
    var generator = TestGenerator(state: 2)
    for _ in 0..<20 {
      let text = generator.text(upTo: 60)
      let tokenizer = try ScalarTokenizer(trainedOn: Array(text.utf8))
      #expect(scalars(tokenizer.decode(tokenizer.encode(text))) == scalars(text))
      #expect(tokenizer == ScalarTokenizer(trainedOn: text))
    }
  }

  @Test func vocabularyIsOrderedByFrequencyThenScalar() {
    let tokenizer = ScalarTokenizer(trainedOn: "banana\u{1F680} cab\n")
    // a 4 times, b and n twice, the rest once: line feed, space, c, rocket.
    #expect(tokenizer.tokens == ["\u{FFFD}", "a", "b", "n", "\n", " ", "c", "\u{1F680}"])
    #expect(tokenizer.vocabularySize == 8)
    #expect(tokenizer.unknownID == 0)
    #expect(tokenizer.encode("nab") == [3, 1, 2])
    #expect(tokenizer.kind == .characters)
  }

  @Test func minimumCountLeavesRareScalarsOut() throws {
    let tokenizer = try ScalarTokenizer(trainedOn: Array("aaabbc".utf8), minimumCount: 2)
    #expect(tokenizer.tokens == ["\u{FFFD}", "a", "b"])
    #expect(tokenizer.encode("abc\u{10FFFF}") == [1, 2, 0, 0])
    #expect(tokenizer.decode([1, 0]) == "a\u{FFFD}")
  }

  @Test func equivalentScalarsStayApart() {
    let tokenizer = ScalarTokenizer(trainedOn: "K\u{212A}\u{E5}\u{212B}")
    #expect(tokenizer.vocabularySize == 5)
    #expect(Set(tokenizer.encode("K\u{212A}\u{E5}\u{212B}")).count == 4)
    #expect(ScalarTokenizer(["K"]) != ScalarTokenizer(["\u{212A}"]))
  }

  @Test func theReplacementCharacterIsTheUnknownToken() {
    let tokenizer = ScalarTokenizer(trainedOn: "a\u{FFFD}")
    #expect(tokenizer.tokens == ["\u{FFFD}", "a"])
    #expect(tokenizer.encode("\u{FFFD}a?") == [0, 1, 0])
    #expect(tokenizer.id(of: "\u{FFFD}") == 0)
    #expect(tokenizer.id(of: "?") == nil)
    #expect(tokenizer.encodePrompt("\u{FFFD}").unknown.isEmpty)
  }

  @Test func emptyTextHasOnlyTheUnknownToken() {
    let tokenizer = ScalarTokenizer(trainedOn: "")
    #expect(tokenizer.vocabularySize == 1)
    #expect(tokenizer.encode("ab") == [0, 0])
    #expect(tokenizer.encode("").isEmpty)
    #expect(tokenizer.encodePrompt("ab").unknown == ["a", "b"])
  }

  @Test func invalidUTF8IsRefusedWithItsPosition() {
    let tokenizer = ScalarTokenizer(trainedOn: "ab\n")
    let bytes: [UInt8] = [0x61, 0x0A, 0x62, 0xE9, 0x61]
    let text = errorText { _ = try tokenizer.encode(bytes) }
    #expect(
      text == "not UTF-8: byte 0xE9 at line 2, column 2 (offset 3) is the start of a character, "
        + "but 0x61 follows")
    #expect(errorText { _ = try ScalarTokenizer(trainedOn: bytes) } == text)
  }

  @Test func encodingStopsAtEveryIllFormedSequence() {
    var generator = TestGenerator(state: 3)
    let tokenizer = ScalarTokenizer(trainedOn: "A")
    for _ in 0..<500 {
      let bytes = generator.bytes(upTo: 6)
      let validation = errorText { try UTF8Validation.validate(bytes) }
      #expect(errorText { _ = try tokenizer.encode(bytes) } == validation)
    }
  }
}
