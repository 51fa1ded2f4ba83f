import ReelText
import Testing

struct UnigramModelTests {
  private func model(
    _ pieces: [(String, Double)], unknownID: Int32? = 0, byteFallback: Bool = false
  ) throws -> UnigramModel {
    try UnigramModel(
      tokens: pieces.map { Array($0.0.utf8) }, scores: pieces.map(\.1), unknownID: unknownID,
      byteFallback: byteFallback)
  }

  private func texts(_ model: UnigramModel, _ text: String) -> [String] {
    let bytes = Array(text.utf8)
    return model.tokens(of: bytes).map {
      String(decoding: bytes[Int($0.start)..<Int($0.end)], as: UTF8.self)
    }
  }

  @Test func takesTheBestPathAndJoinsUnknownScalars() throws {
    let model = try model([
      ("<unk>", 0), ("a", 0), ("b", 0), ("c", 0), ("d", 0), ("cd", 1), ("ab", 2), ("abc", 5),
      ("abcd", 10),
    ])
    #expect(texts(model, "abcdacdxx") == ["abcd", "a", "cd", "xx"])
    #expect(
      model.tokens(of: Array("xéa".utf8)) == [
        PieceToken(id: 0, start: 0, end: 3), PieceToken(id: 1, start: 3, end: 4),
      ])
    #expect(model.tokens(of: []).isEmpty)
    #expect(model.kind == .unigram && model.unknownID == 0)
  }

  @Test func isThatOfTryingAllSegmentations() throws {
    var generator = TestGenerator(state: 41)
    let letters = ["a", "b", "é", "語", "😀"]
    for round in 0..<400 {
      let known = Array(letters.prefix(Int.random(in: 1...5, using: &generator)))
      let tokens = [Array("?".utf8)] + generator.pieces(12, letters: known, upTo: 4)
      // Few different scores, so that many segmentations are equally good.
      let scores = tokens.map { _ in
        round % 2 == 0
          ? -Double(Int.random(in: 1...4, using: &generator))
          : -Double.random(in: 0.5...9, using: &generator)
      }
      let model = try UnigramModel(tokens: tokens, scores: scores, unknownID: 0)
      let oracle = SegmentationOracle(tokens, scores)
      var scratch = ModelScratch()
      for _ in 0..<6 {
        let word = Array(generator.word(letters: letters, 0...7).utf8)
        let expected = try #require(oracle.best(word))
        var tokens: [PieceToken] = []
        for _ in 0..<2 {
          // The second time from the cache.
          tokens = []
          word.withUnsafeBufferPointer { model.encode($0, into: &tokens, scratch: &scratch) }
          #expect(tokens == joined(expected))
        }
        var ids: [Int32] = []
        word.withUnsafeBufferPointer {
          model.encode($0, pieces: [0..<word.count], into: &ids, scratch: &scratch)
        }
        #expect(ids == tokens.map(\.id))
      }
    }
  }

  /// The tokens of a segmentation, with neighbouring unknown scalars as one.
  private func joined(_ segmentation: SegmentationOracle.Segmentation) -> [PieceToken] {
    var tokens: [PieceToken] = []
    var start = 0
    for (piece, end) in zip(segmentation.pieces, segmentation.ends) {
      let id = Int32(max(piece, 0))
      if id == 0, tokens.last?.id == 0 {
        tokens[tokens.count - 1].end = Int32(end)
      } else {
        tokens.append(PieceToken(id: id, start: Int32(start), end: Int32(end)))
      }
      start = end
    }
    return tokens
  }

  @Test func unknownScalarsBecomeBytesIfAllOfThemAreTokens() throws {
    var pieces: [(String, Double)] = [("<unk>", 0), ("a", -1), ("<0xC3>", 0), ("<0xA9>", 0)]
    let model = try model(pieces, byteFallback: true)
    #expect(
      model.tokens(of: Array("éa".utf8)) == [
        PieceToken(id: 2, start: 0, end: 2), PieceToken(id: 3, start: 0, end: 2),
        PieceToken(id: 1, start: 2, end: 3),
      ])
    // A run with one byte that is no token is unknown as a whole.
    #expect(model.tokens(of: Array("éè".utf8)) == [PieceToken(id: 0, start: 0, end: 4)])
    // Without an unknown token, only what cannot be written is left out.
    pieces.removeFirst()
    let bare = try self.model(pieces, unknownID: nil, byteFallback: true)
    #expect(bare.tokens(of: Array("éaèa".utf8)).map(\.id) == [1, 2, 0, 0])
  }

  @Test func theUnknownTokenInTheTextJoinsUnknownNeighbours() throws {
    let model = try model([("<unk>", 0), ("a", -1)])
    #expect(texts(model, "a<unk>a") == ["a", "<unk>", "a"])
    #expect(texts(model, "ax<unk>xa") == ["a", "x<unk>x", "a"])
  }

  @Test func tokensCoverEveryTextInOrder() throws {
    var generator = TestGenerator(state: 42)
    let tokens =
      [Array("<unk>".utf8)] + generator.pieces(60, letters: ["a", "é", " ", "語"], upTo: 5)
    let model = try UnigramModel(
      tokens: tokens, scores: tokens.map { -Double($0.count) }, unknownID: 0)
    for text in TextSamples.all + (0..<200).map({ _ in generator.text(upTo: 40) }) {
      let bytes = Array(text.utf8)
      var end: Int32 = 0
      for token in model.tokens(of: bytes) {
        #expect(token.start == end && token.end > end)
        end = token.end
        if token.id != 0 {
          #expect(model.table.bytes(of: token.id) == Array(bytes[Int(token.start)..<Int(end)]))
        }
      }
      #expect(end == Int32(bytes.count))
    }
    // Bytes that are not UTF-8 are unknown, and do no harm.
    for _ in 0..<500 {
      let bytes = generator.bytes(upTo: 20)
      #expect(model.tokens(of: bytes).last.map { Int($0.end) } ?? 0 == bytes.count)
    }
  }

  @Test func refusesWhatDoesNotFitTogether() {
    #expect(
      errorText { _ = try model([("a", 0)], unknownID: 1) }
        == "the unknown token has the id 1, expected one of the 1 tokens")
    #expect(
      errorText { _ = try model([("a", 0), ("b", .nan)]) }
        == "token 1 has the score nan, expected a finite number")
    #expect(
      errorText { _ = try model([("a", 0), ("a", 0)]) }
        .hasPrefix("token 'a' comes twice, as id 0 and as id 1"))
  }

  @Test func aTrieFindsWhatWasPutIn() {
    var generator = TestGenerator(state: 43)
    for count in [0, 1, 5, 400] {
      var strings: [[UInt8]] = []
      for _ in 0..<count {
        let string = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
          UInt8.random(in: 0...255, using: &generator) % [3, 20, 255][count % 3]
        }
        if !strings.contains(string) { strings.append(string) }
      }
      let trie = PieceTrie(ByteStrings(strings))
      for (index, string) in strings.enumerated() {
        #expect(trie.value(of: string) == Int32(index))
      }
      for _ in 0..<400 {
        let string = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
          UInt8.random(in: 0...20, using: &generator)
        }
        #expect(trie.value(of: string) == strings.firstIndex(of: string).map { Int32($0) })
      }
    }
  }

  @Test func aTrieTakesLongStrings() {
    let long = [UInt8](repeating: 7, count: 300_000)
    let trie = PieceTrie(ByteStrings([long, Array(long.dropLast())]))
    #expect(trie.value(of: long) == 0)
    #expect(trie.value(of: long.dropLast()) == 1)
    #expect(trie.value(of: long.dropLast(2)) == nil)
    #expect(trie.nodes.count < 310_000)
  }
}
