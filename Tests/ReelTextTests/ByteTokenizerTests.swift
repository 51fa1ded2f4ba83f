import ReelText
import Testing

@Suite struct ByteTokenizerTests {
  private let tokenizer = ByteTokenizer()

  @Test(arguments: TextSamples.all)
  func textRoundTrips(_ text: String) {
    let ids = tokenizer.encode(text)
    #expect(ids == text.utf8.map { Int32($0) })
    #expect(scalars(tokenizer.decode(ids)) == scalars(text))
  }

  @Test func anyBytesRoundTrip() throws {
    var generator = TestGenerator(state: 1)
    for _ in 0..<300 {
      let bytes = generator.bytes(upTo: 40)
      #expect(try tokenizer.decodeBytes(tokenizer.encode(bytes)) == bytes)
    }
    let every = (0...255).map { UInt8($0) }
    #expect(try tokenizer.encode(every) == (0...255).map { Int32($0) })
    #expect(tokenizer.decodeBytes(try tokenizer.encode(every)) == every)
  }

  @Test func invalidBytesDecodeAsReplacements() throws {
    #expect(tokenizer.decode([0x61, 0xFF, 0x62]) == "a\u{FFFD}b")
    #expect(tokenizer.decode([0xE2, 0x82]) == "\u{FFFD}")
  }

  @Test func nothingIsUnknown() {
    #expect(tokenizer.vocabularySize == 256)
    #expect(tokenizer.unknownID == nil)
    #expect(tokenizer.kind == .bytes)
    let prompt = tokenizer.encodePrompt("\u{1F680}")
    #expect(prompt.ids == [0xF0, 0x9F, 0x9A, 0x80])
    #expect(prompt.unknown.isEmpty)
  }
}
