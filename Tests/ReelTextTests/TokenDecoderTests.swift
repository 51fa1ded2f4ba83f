import ReelText
import Testing

/// What the decoders of the tokenizers package say of these tokens, and the same token by token.
@Suite struct TokenDecoderTests {
  private func decode(_ decoder: TokenDecoder?, _ tokens: [String]) throws -> String {
    var vocabulary: [String] = []
    for token in tokens where !vocabulary.contains(token) { vocabulary.append(token) }
    let pipeline = try TokenizerPipeline(
      model: WordLevelModel(tokens: vocabulary.map { Array($0.utf8) }, unknownID: nil),
      decoder: decoder)
    let ids = tokens.compactMap { pipeline.id(of: $0) }
    let text = pipeline.decode(ids)
    var streaming = StreamingDecoder(pipeline)
    let pieces = ids.map { streaming.append($0) }.joined() + streaming.finish()
    #expect(pieces.utf8.elementsEqual(text.utf8), "\(decoder.map { "\($0)" } ?? "none"): \(tokens)")
    return text
  }

  @Test func tokensWithoutADecoderAreJoinedBySpaces() throws {
    #expect(try decode(nil, ["a", "b", "c"]) == "a b c")
    #expect(try decode(nil, []) == "")
  }

  @Test func wordPieces() throws {
    let decoder = TokenDecoder.wordPiece(prefix: "##", cleansUp: true)
    #expect(
      try decode(decoder, ["##a", "##b", "c", "do not", "##do", " n't"]) == "##ab c don'tdo n't")
    #expect(try decode(decoder, ["it", "'s", ",", "no", "?"]) == "it's, no?")
    #expect(
      try decode(.wordPiece(prefix: "##", cleansUp: false), ["it", "'s", "##x"]) == "it 'sx")
  }

  @Test func bytePairsWithASuffix() throws {
    let decoder = TokenDecoder.bytePair(suffix: "</w>")
    #expect(try decode(decoder, ["a</w>", "b", "c</w>"]) == "a bc")
    #expect(try decode(.bytePair(suffix: ""), ["abc", "de"]) == " a b c de")
    #expect(try decode(decoder, []) == "")
  }

  @Test func metaspaces() throws {
    func metaspace(_ prepend: PreTokenizer.PrependScheme) -> TokenDecoder {
      .metaspace(replacement: "\u{2581}", prepend: prepend, splits: true)
    }
    let tokens = ["\u{2581}a\u{2581}b", "\u{2581}c"]
    #expect(try decode(metaspace(.first), tokens) == "ab c")
    #expect(try decode(metaspace(.always), tokens) == "ab c")
    #expect(try decode(metaspace(.never), tokens) == " a b c")
  }

  @Test func bytesInAngleBrackets() throws {
    let tokens = ["<0x+f>", "<0xe9>", "a", "<0xC3>", "<0xa9>", "<0x 1>"]
    #expect(try decode(.byteFallback, tokens) == "\u{FFFD}\u{FFFD}a\u{E9}<0x 1>")
  }

  @Test func temporalClassification() throws {
    let tokens = ["a", "a", "|", "<pad>", "b |", " ."]
    #expect(
      try decode(.ctc(padding: "<pad>", wordDelimiter: "|", cleansUp: true), tokens) == "a b  .")
    #expect(
      try decode(.ctc(padding: "<pad>", wordDelimiter: "|", cleansUp: false), tokens) == "a|b | .")
  }

  @Test func theByteLevelAlphabet() throws {
    #expect(try decode(.byteLevel, ["\u{E9}", "\u{120}a", "\u{6F22}"]) == "\u{FFFD} a\u{6F22}")
    #expect(try decode(.byteLevel, ["\u{C3}", "\u{A9}"]) == "\u{E9}")
  }

  @Test func strippingWithinTokensAndOfTheWhole() throws {
    #expect(try decode(.strip("a", start: 2, stop: 1), ["aaaa", "baa", "aab"]) == "abab")
    let llama = TokenDecoder.sequence([
      .replace(Pattern(literal: "\u{2581}"), with: " "), .byteFallback, .fuse,
      .strip(" ", start: 1, stop: 0),
    ])
    #expect(try decode(llama, ["\u{2581}", "\u{2581}a", "\u{2581}b"]) == " a b")
    let ends = TokenDecoder.sequence([.fuse, .strip("\u{E9}", start: 2, stop: 3)])
    #expect(
      try decode(ends, ["\u{E9}", "\u{E9}\u{E9}x\u{E9}", "\u{E9}y\u{E9}\u{E9}", "\u{E9}\u{E9}"])
        == "\u{E9}x\u{E9}\u{E9}y\u{E9}")
    #expect(
      try decode(.sequence([.fuse, .wordPiece(prefix: "#", cleansUp: true)]), ["a", " ."]) == "a.")
  }

  @Test func replacingByAPattern() throws {
    let pattern = try Pattern(expression: "[an]+")
    #expect(try decode(.replace(pattern, with: "X"), ["banana", "nab"]) == "bXXb")
  }

  /// All together: whatever the ids, decoding them one by one gives the same text.
  @Test(arguments: TokenizerFixtures.trained + TokenizerFixtures.shapes)
  func tokenByTokenEqualsTheWhole(_ name: String) throws {
    let tokenizer = try TokenizerFixtures.pipeline(name)
    var generator = TestGenerator(state: 73)
    for _ in 0..<200 {
      let ids = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
        Int32.random(in: 0..<Int32(tokenizer.vocabularySize), using: &generator)
      }
      var streaming = StreamingDecoder(tokenizer)
      let pieces = ids.map { streaming.append($0) } + [streaming.finish()]
      let text = tokenizer.decode(ids)
      #expect(scalars(pieces.joined()) == scalars(text), "\(name): \(ids)")
    }
  }

  @Test func specialTokensMayBeLeftOut() throws {
    let tokenizer = try TokenizerFixtures.pipeline("wordpiece")
    let ids = tokenizer.encoding(of: "the river").ids
    #expect(tokenizer.decode(ids) == "[CLS] the river [SEP]")
    #expect(tokenizer.decode(ids, skippingSpecialTokens: true) == "the river")
  }
}
