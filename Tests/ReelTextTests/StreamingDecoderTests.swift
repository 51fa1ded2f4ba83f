import ReelText
import Testing

@Suite struct StreamingDecoderTests {
  private func pieces(_ ids: [Int32], _ tokenizer: any Tokenizer) -> [String] {
    var decoder = StreamingDecoder(tokenizer)
    var pieces = ids.map { decoder.append($0) }
    pieces.append(decoder.finish())
    return pieces
  }

  @Test func bytesAreHeldBackUntilTheCharacterIsWhole() {
    let ids = ByteTokenizer().encode("a\u{E9}\u{20AC}\u{1F680}")
    #expect(
      pieces(ids, ByteTokenizer())
        == ["a", "", "\u{E9}", "", "", "\u{20AC}", "", "", "", "\u{1F680}", ""])
  }

  @Test func whatCannotBecomeACharacterIsGivenOutAtOnce() {
    #expect(pieces([0x80, 0x61], ByteTokenizer()) == ["\u{FFFD}", "a", ""])
    #expect(pieces([0xE2, 0x61], ByteTokenizer()) == ["", "\u{FFFD}a", ""])
    #expect(pieces([0xF0, 0x9F], ByteTokenizer()) == ["", "", "\u{FFFD}"])
  }

  @Test func piecesTogetherEqualTheWhole() {
    var generator = TestGenerator(state: 5)
    let tokenizer = ByteTokenizer()
    for _ in 0..<1000 {
      let ids = generator.bytes(upTo: 12).map { Int32($0) }
      #expect(scalars(pieces(ids, tokenizer).joined()) == scalars(tokenizer.decode(ids)))
    }
  }

  @Test func charactersComeOneByOne() {
    let tokenizer = ScalarTokenizer(trainedOn: "e\u{301}\r\n")
    let ids = tokenizer.encode("e\u{301}\r\n")
    #expect(pieces(ids, tokenizer).map { scalars($0) } == [[0x65], [0x301], [0x0D], [0x0A], []])
  }
}
