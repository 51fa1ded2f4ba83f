import ReelText
import Testing

/// Text and bytes come back from lossless tokenizers, whatever they are.
@Suite struct TokenizerRoundTripTests {
  private static let hard: [[UInt8]] = [
    [0x80], [0xBF, 0x80, 0x61], [0x61, 0xE2, 0x82], [0xF0, 0x9F, 0x9A], [0xC0, 0x80], [0xFF],
    [0xED, 0xA0, 0x80, 0x20, 0x0D, 0x0A, 0x80], [0x20, 0x80, 0x20], [0x0D, 0x0A], [0x00],
    Array("1\u{FE0F}\u{20E3} \u{1F469}\u{1F3FD}\u{200D}\u{1F680}".utf8), Array("क्षत्रिय".utf8),
    Array("น้ำใจ ".utf8), Array("e\u{301}\u{323} o\u{302}".utf8),
    Array("  \n\n \r\n\t x".utf8), Array("<|endoftext|> a<|endoftext|><user>bridge".utf8),
  ]

  private func check(_ tokenizer: some Tokenizer, _ bytes: [UInt8], _ name: String) throws {
    let ids = try tokenizer.encode(bytes)
    #expect(tokenizer.decodeBytes(ids) == bytes, "\(name): \(bytes)")
    #expect(ids.allSatisfy { 0 <= $0 && $0 < tokenizer.vocabularySize })
  }

  private func checkAll(_ tokenizer: some Tokenizer, _ name: String) throws {
    #expect(tokenizer.isLossless)
    for bytes in Self.hard { try check(tokenizer, bytes, name) }
    for text in TextSamples.all {
      try check(tokenizer, Array(text.utf8), name)
      #expect(try tokenizer.encode(Array(text.utf8)) == tokenizer.encode(text))
    }
    var generator = TestGenerator(state: 71)
    for _ in 0..<400 {
      try check(tokenizer, generator.bytes(upTo: 30), name)
      let text = generator.text(upTo: 20)
      try check(tokenizer, Array(text.utf8), name)
      #expect(tokenizer.decode(tokenizer.encode(text)).utf8.elementsEqual(text.utf8))
    }
  }

  @Test(arguments: ["byte-bpe", "gpt-2", "llama-3"])
  func byteLevelFiles(_ name: String) throws {
    try checkAll(TokenizerFixtures.pipeline(name), name)
  }

  @Test func byteLevelTrainedHere() throws {
    let tokenizer = try TokenizerPipeline.train(
      TokenizerTraining(.byteBytePair, vocabularySize: 400), on: TextSamples.all)
    try checkAll(tokenizer, "trained")
    try checkAll(ByteTokenizer(), "bytes")
  }

  @Test(arguments: [
    "bpe", "wordpiece", "unigram", "roberta", "llama-2", "clip", "bert-cased", "xlm-roberta",
    "t5-first", "words",
  ])
  func othersSayThatTheyAreNot(_ name: String) throws {
    let tokenizer = try TokenizerFixtures.pipeline(name)
    #expect(!tokenizer.isLossless)
    #expect(
      errorText { _ = try tokenizer.encode([0x61, 0x80]) }
        .hasPrefix("not UTF-8: byte 0x80 at line 1, column 2"))
    // What is decoded is encoded to the same text: nothing is lost twice.
    for text in TextSamples.all {
      _ = tokenizer.decode(tokenizer.encode(text))
      #expect(try tokenizer.encode(Array(text.utf8)) == tokenizer.encode(text))
    }
  }

  @Test func graphemesOfTheTrainingTextComeBack() throws {
    let tokenizer = try TokenizerPipeline.train(
      TokenizerTraining(.graphemes, vocabularySize: 1000), on: TextSamples.all)
    for text in TextSamples.all {
      #expect(tokenizer.decode(tokenizer.encode(text)).utf8.elementsEqual(text.utf8))
    }
    #expect(tokenizer.kind == .graphemes)
  }

  /// Offsets lie within the text, at the edges of scalars, and rise.
  @Test(arguments: TokenizerFixtures.trained + TokenizerFixtures.shapes)
  func offsetsLieInTheText(_ name: String) throws {
    let tokenizer = try TokenizerFixtures.pipeline(name)
    var generator = TestGenerator(state: 72)
    for _ in 0..<150 {
      let text = Bool.random(using: &generator) ? generator.text(upTo: 16) : mixed(&generator)
      let bytes = Array(text.utf8)
      let encoding = tokenizer.encoding(of: text)
      let count = encoding.ids.count
      #expect(encoding.tokens.count == count && encoding.offsets.count == count)
      #expect(encoding.wordIndices.count == count && encoding.typeIDs.count == count)
      var last = 0
      for (range, word) in zip(encoding.offsets, encoding.wordIndices) where word != nil {
        #expect(range.upperBound <= bytes.count && range.lowerBound >= last)
        for edge in [range.lowerBound, range.upperBound] where edge < bytes.count {
          #expect(bytes[edge] & 0xC0 != 0x80, "\(name): \(text)")
        }
        last = range.lowerBound
      }
    }
  }

  private func mixed(_ generator: inout TestGenerator) -> String {
    (0..<3).map { _ in TextSamples.all.randomElement(using: &generator) ?? "" }.joined()
  }
}
