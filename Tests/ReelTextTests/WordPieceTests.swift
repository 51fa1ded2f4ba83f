import ReelText
import Testing

struct WordPieceTests {
  private func model(
    _ tokens: [String], prefix: String = "##", maximum: Int = 100
  ) throws -> WordPieceModel {
    try WordPieceModel(
      tokens: tokens.map { Array($0.utf8) }, unknownID: 0, prefix: prefix,
      maximumInputCharacters: maximum)
  }

  private func ids(_ model: WordPieceModel, _ text: String) -> [Int32] {
    model.tokens(of: Array(text.utf8)).map(\.id)
  }

  /// The tokens of a word by trying every substring from the longest on.
  private func naive(
    _ word: String, _ tokens: [String], prefix: String, maximum: Int
  ) -> [PieceToken] {
    let all = Array(word.unicodeScalars)
    let size = Int32(word.utf8.count)
    guard all.count <= maximum else { return [PieceToken(id: 0, start: 0, end: size)] }
    var found: [PieceToken] = []
    var (start, position): (Int, Int32) = (0, 0)
    while start < all.count {
      var next: (id: Int, end: Int, length: Int)?
      for end in (start + 1...all.count).reversed() {
        let part = String(String.UnicodeScalarView(all[start..<end]))
        let candidate = Array(((start > 0 ? prefix : "") + part).utf8)
        if let id = tokens.firstIndex(where: { Array($0.utf8) == candidate }) {
          next = (id, end, part.utf8.count)
          break
        }
      }
      guard let next else { return [PieceToken(id: 0, start: 0, end: size)] }
      let end = position + Int32(next.length)
      found.append(PieceToken(id: Int32(next.id), start: position, end: end))
      (start, position) = (next.end, end)
    }
    return found
  }

  @Test func takesTheLongestTokenEachTime() throws {
    let model = try model(["[UNK]", "un", "##aff", "##able", "##a", "una", "##ffable"])
    #expect(
      model.tokens(of: Array("unaffable".utf8)) == [
        PieceToken(id: 5, start: 0, end: 3), PieceToken(id: 6, start: 3, end: 9),
      ])
    #expect(ids(model, "una") == [5])
    #expect(ids(model, "unx") == [0])
    // A way that works is not looked for where the longest token leads nowhere.
    #expect(ids(model, "unable") == [0])
    #expect(ids(model, "") == [])
    // The prefix in the text is ordinary text, and a token with it may begin a word.
    #expect(ids(model, "##a") == [4])
    #expect(ids(model, "##aaff") == [4, 2])
    #expect(model.kind == .wordPiece && model.unknownID == 0)
  }

  @Test func longWordsAreUnknown() throws {
    let model = try model(["[UNK]", "é", "##é"], maximum: 5)
    #expect(ids(model, "ééééé") == [1, 2, 2, 2, 2])
    #expect(model.tokens(of: Array("éééééé".utf8)) == [PieceToken(id: 0, start: 0, end: 12)])
  }

  @Test func isThatOfTryingEverySubstring() throws {
    var generator = TestGenerator(state: 71)
    let letters = ["a", "b", "é", "語", "#"]
    for round in 0..<400 {
      let prefix = ["##", "", "#", "語"][round % 4]
      let pieces = generator.pieces(20, letters: Array(letters.prefix(2 + round % 4)), upTo: 4)
      var tokens = ["[UNK]"]
      for piece in pieces {
        let text = String(decoding: piece, as: UTF8.self)
        let token = Bool.random(using: &generator) ? text : prefix + text
        if !tokens.contains(token) { tokens.append(token) }
      }
      let model = try model(tokens, prefix: prefix, maximum: 8)
      var scratch = ModelScratch()
      for _ in 0..<10 {
        let word = generator.word(letters: letters, 0...9)
        let expected = naive(word, tokens, prefix: prefix, maximum: 8)
        let bytes = Array(word.utf8)
        for _ in 0..<2 {
          // The second time from the cache.
          var found: [PieceToken] = []
          bytes.withUnsafeBufferPointer { model.encode($0, into: &found, scratch: &scratch) }
          #expect(found == expected, "\(word) with \(tokens)")
        }
        var ids: [Int32] = []
        bytes.withUnsafeBufferPointer {
          model.encode($0, pieces: [0..<bytes.count], into: &ids, scratch: &scratch)
        }
        #expect(ids == expected.map(\.id))
      }
    }
  }

  @Test func tokensCoverEveryText() throws {
    var generator = TestGenerator(state: 72)
    let model = try model(["[UNK]", "a", "##a", "c", "##é", "हि"])
    for _ in 0..<500 {
      let bytes =
        Bool.random(using: &generator)
        ? generator.bytes(upTo: 30) : Array(generator.text(upTo: 30).utf8)
      var end: Int32 = 0
      for token in model.tokens(of: bytes) {
        #expect(token.start == end && token.end > end)
        end = token.end
      }
      #expect(Int(end) == bytes.count)
    }
  }

  @Test func refusesAnUnknownTokenThatIsNone() {
    let message = errorText {
      _ = try WordPieceModel(tokens: [[97]], unknownID: 4)
    }
    #expect(message == "the unknown token has the id 4, expected one of the 1 tokens")
  }

  @Test func learnsTokensThatWriteItsWords() throws {
    var counts = PieceCounts()
    for (word, count) in [("playing", 20), ("played", 18), ("plays", 9), ("saying", 12), ("é", 2)] {
      counts.add(Array(word.utf8), occurrences: count)
    }
    var trainer = WordPieceTrainer(vocabularySize: 32, specialTokens: ["[UNK]", "[CLS]"])
    trainer.initialAlphabet = ["z"]
    let tokens = try trainer.train(counts.sorted)
    let texts = tokens.map { String(decoding: $0, as: UTF8.self) }
    #expect(Array(texts.prefix(2)) == ["[UNK]", "[CLS]"])
    #expect(texts.count == 32 && Set(texts).count == 32)
    #expect(texts.contains("z") && texts.contains("##ing") && texts.contains("é"))
    let model = try WordPieceModel(tokens: tokens, unknownID: 0)
    for word in counts.sorted {
      #expect(!model.tokens(of: word.bytes).contains { $0.id == 0 })
    }
    #expect(model.tokens(of: Array("playing".utf8)).count == 1)
  }
}
