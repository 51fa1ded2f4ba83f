import ReelText
import Testing

@Suite struct BytePairModelTests {
  /// A model over bytes, learned from random words of few letters.
  static func randomModel(seed: UInt64, letters: ClosedRange<UInt8>) throws -> BytePairModel {
    var generator = TestGenerator(state: seed)
    let words = (0..<60).map { _ in randomPiece(&generator, 2...12, letters) }
    var counts = PieceCounts()
    for word in words { counts.add(word) }
    var trainer = BytePairTrainer(vocabularySize: 256 + 80)
    trainer.initialAlphabet = BytePairTrainer.allBytes
    let (tokens, merges) = try trainer.train(counts.sorted, alphabet: .bytes)
    return try BytePairModel(tokens: tokens, merges: merges)
  }

  static func randomPiece(
    _ generator: inout TestGenerator, _ lengths: ClosedRange<Int>, _ letters: ClosedRange<UInt8>
  ) -> [UInt8] {
    (0..<Int.random(in: lengths, using: &generator)).map { _ in
      UInt8.random(in: letters, using: &generator)
    }
  }

  static func ids(_ model: BytePairModel, _ piece: String) -> [Int32] {
    model.tokens(of: Array(piece.utf8)).map(\.id)
  }

  /// Short pieces, and long ones, for which the model works otherwise.
  @Test(arguments: [0x61...0x62, 0x61...0x64, 0x61...0x6C] as [ClosedRange<UInt8>])
  func mergesAsTheDefinitionSays(letters: ClosedRange<UInt8>) throws {
    let model = try Self.randomModel(seed: UInt64(letters.count), letters: letters)
    var generator = TestGenerator(state: 11)
    for lengths in [1...10, 40...60, 100...300] {
      for _ in 0..<20 {
        let piece = Self.randomPiece(&generator, lengths, letters)
        let symbols = try piece.map { try #require(model.table.id(of: [$0])) }
        let expected = BytePairOracle.merged(symbols, model.merges, model.table)
        #expect(model.tokens(of: piece).map(\.id) == expected)
      }
    }
  }

  @Test func tokensStandForThePieceByteForByte() throws {
    let model = try Self.randomModel(seed: 4, letters: 0x61...0x66)
    var generator = TestGenerator(state: 12)
    for _ in 0..<200 {
      let piece = generator.bytes(upTo: 120)
      let tokens = model.tokens(of: piece)
      var position: Int32 = 0
      for token in tokens {
        #expect(token.start == position)
        position = token.end
        #expect(model.table.bytes(of: token.id) == Array(piece[Int(token.start)..<Int(token.end)]))
      }
      #expect(Int(position) == piece.count)
    }
  }

  /// The cache is filled beyond its limits, with pieces of all kinds.
  @Test func cachedPiecesGetTheSameTokens() throws {
    let model = try Self.randomModel(seed: 6, letters: 0x61...0x66)
    var generator = TestGenerator(state: 13)
    var pieces = (0..<70_000).map { _ in Self.randomPiece(&generator, 5...20, 0x61...0x7A) }
    pieces += (0..<200).map { _ in Self.randomPiece(&generator, 0...400, 0x61...0x66) }
    pieces += pieces.suffix(400) + pieces.prefix(400)
    var text: [UInt8] = []
    var ranges: [Range<Int>] = []
    for piece in pieces {
      ranges.append(text.count..<text.count + piece.count)
      text += piece
    }
    var scratch = ModelScratch()
    var ids: [Int32] = []
    var tokens: [PieceToken] = []
    text.withUnsafeBufferPointer { text in
      model.encode(text, pieces: ranges, into: &ids, scratch: &scratch)
      for range in ranges {
        let piece = UnsafeBufferPointer(rebasing: text[range])
        model.encode(piece, into: &tokens, scratch: &scratch)
      }
    }
    #expect(tokens.map(\.id) == ids)
    let sample = pieces.suffix(1000) + pieces.prefix(200)
    let expected = sample.flatMap { model.tokens(of: $0) }
    let positions = pieces.map { model.tokens(of: $0).count }
    let first = positions.prefix(200).reduce(0, +)
    let last = positions.suffix(1000).reduce(0, +)
    #expect(Array(tokens.suffix(last) + tokens.prefix(first)) == expected)
  }

  @Test func aPieceOfAMillionBytesTakesNoLongerThanItsLength() throws {
    let model = try Self.randomModel(seed: 9, letters: 0x61...0x62)
    var generator = TestGenerator(state: 14)
    let piece = Self.randomPiece(&generator, 1_000_000...1_000_000, 0x61...0x62)
    let tokens = model.tokens(of: piece)
    #expect(tokens.reduce(0) { $0 + Int($1.end - $1.start) } == 1_000_000)
    #expect(tokens.flatMap { model.table.bytes(of: $0.id) } == piece)
  }

  // MARK: Options

  static func model(
    _ tokens: [String], _ merges: [(Int32, Int32)] = [], _ options: BytePairModel.Options
  ) throws -> BytePairModel {
    try BytePairModel(tokens: tokens.map { Array($0.utf8) }, merges: merges, options: options)
  }

  @Test func unknownSymbolsBecomeTheUnknownToken() throws {
    let tokens = ["<unk>", "a", "b", "ab"]
    var options = BytePairModel.Options(alphabet: .scalars, unknownToken: 0)
    let apart = try Self.model(tokens, [(1, 2)], options)
    #expect(apart.unknownID == 0)
    #expect(apart.kind == .bytePair)
    #expect(
      apart.tokens(of: Array("ab\u{E9}\u{E9}b".utf8)) == [
        PieceToken(id: 3, start: 0, end: 2), PieceToken(id: 0, start: 2, end: 4),
        PieceToken(id: 0, start: 4, end: 6), PieceToken(id: 2, start: 6, end: 7),
      ])
    options.fusesUnknown = true
    #expect(
      try Self.model(tokens, [(1, 2)], options).tokens(of: Array("\u{E9}xb\u{E9}".utf8)) == [
        PieceToken(id: 0, start: 0, end: 3), PieceToken(id: 2, start: 3, end: 4),
        PieceToken(id: 0, start: 4, end: 6),
      ])
    options.unknownToken = nil
    #expect(Self.ids(try Self.model(tokens, [(1, 2)], options), "a\u{E9}b\u{E9}") == [3])
  }

  @Test func byteFallbackNeedsAllBytesOfASymbol() throws {
    let options = BytePairModel.Options(
      alphabet: .scalars, unknownToken: 0, fusesUnknown: true, byteFallback: true)
    let model = try Self.model(["<unk>", "a", "<0xC3>", "<0xA9>", "<0x0A>"], [], options)
    #expect(
      model.tokens(of: Array("a\u{E9}".utf8)) == [
        PieceToken(id: 1, start: 0, end: 1), PieceToken(id: 2, start: 1, end: 2),
        PieceToken(id: 3, start: 2, end: 3),
      ])
    #expect(Self.ids(model, "\na\u{E8}") == [4, 1, 0])
    // As the tokenizers library: an unknown token that waits for more comes after the bytes.
    #expect(Self.ids(model, "\u{E8}\na") == [4, 0, 1])
  }

  @Test func prefixAndSuffixBelongToTheSymbols() throws {
    let tokens = ["a", "##a", "a</w>", "##a</w>", "##b", "aa</w>", "##ba</w>", "aba</w>"]
    let merges: [(Int32, Int32)] = [(4, 3), (0, 3), (0, 6)]
    let options = BytePairModel.Options(
      alphabet: .scalars, continuingSubwordPrefix: "##", endOfWordSuffix: "</w>")
    let model = try Self.model(tokens, merges, options)
    #expect(Self.ids(model, "a") == [2])
    #expect(Self.ids(model, "aa") == [5])
    #expect(Self.ids(model, "aba") == [7])
    #expect(Self.ids(model, "aaba") == [0, 1, 6])
  }

  @Test func mergesAreIgnoredWhereThePieceIsAToken() throws {
    let tokens = ["a", "b", "c", "ab", "bc", "abc"]
    let merges: [(Int32, Int32)] = [(1, 2), (0, 1)]
    var options = BytePairModel.Options(alphabet: .bytes)
    #expect(Self.ids(try Self.model(tokens, merges, options), "abc") == [0, 4])
    options.ignoresMerges = true
    let model = try Self.model(tokens, merges, options)
    #expect(Self.ids(model, "abc") == [5])
    #expect(Self.ids(model, "abca") == [0, 4, 0])
    #expect(Self.ids(model, "") == [])
    #expect(model.kind == .byteBytePair)
  }

  @Test func ofEqualMergesTheLastCounts() throws {
    let tokens = ["a", "b", "c", "ab", "bc"]
    let merges: [(Int32, Int32)] = [(0, 1), (1, 2), (0, 1)]
    let model = try Self.model(tokens, merges, BytePairModel.Options(alphabet: .bytes))
    #expect(Self.ids(model, "abc") == [0, 4])
  }

  // MARK: Errors

  @Test func refusesWhatDoesNotFitTogether() {
    let tokens = ["a", "b"]
    #expect(
      errorText { _ = try Self.model(tokens, [(0, 1)], .init()) }
        == "merge 0 of 'a' and 'b' makes 'ab', which is no token")
    #expect(
      errorText { _ = try Self.model(tokens, [(0, 2)], .init()) }
        == "merge 0 names id 2, expected one of the 2 tokens")
    #expect(
      errorText { _ = try Self.model(tokens, [], .init(unknownToken: -1)) }
        == "the unknown token is id -1, expected one of the 2 tokens")
    #expect(
      errorText { _ = try Self.model(tokens, [], .init(dropout: 0.1)) }
        == "the dropout of merges is 0.1, expected none: equal texts get equal tokens")
    #expect(errorText { _ = try Self.model(tokens, [], .init(dropout: 0)) } == "")
  }
}
