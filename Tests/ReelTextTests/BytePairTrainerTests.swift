import ReelText
import Testing

@Suite struct BytePairTrainerTests {
  static func words(_ texts: [String: Int]) -> [(bytes: [UInt8], count: Int)] {
    texts.sorted { $0.key < $1.key }.map { (Array($0.key.utf8), $0.value) }
  }

  static func texts(_ tokens: [[UInt8]]) -> [String] {
    tokens.map { String(decoding: $0, as: UTF8.self) }
  }

  /// Few letters and long words, so that tokens are made in several ways and pairs overlap.
  static func randomWords(
    _ generator: inout TestGenerator, letters: Int
  ) -> [(bytes: [UInt8], count: Int)] {
    var counts = PieceCounts()
    for _ in 0..<40 {
      let word = BytePairModelTests.randomPiece(&generator, 1...14, 0x61...0x60 + UInt8(letters))
      counts.add(word, occurrences: Int.random(in: 1...5, using: &generator))
    }
    return counts.sorted
  }

  @Test(arguments: 1...6)
  func learnsWhatTheDefinitionSays(letters: Int) throws {
    var generator = TestGenerator(state: UInt64(letters))
    for round in 0..<25 {
      let words = Self.randomWords(&generator, letters: letters)
      let alphabet = (0..<UInt8(letters)).map { [0x61 + $0] }
      var trainer = BytePairTrainer(vocabularySize: Int.random(in: 1...150, using: &generator))
      trainer.initialAlphabet = alphabet
      trainer.minimumFrequency = round % 3 == 0 ? Int.random(in: 1...8, using: &generator) : 0
      trainer.maximumTokenLength = round % 4 == 0 ? Int.random(in: 2...6, using: &generator) : nil
      let (tokens, merges) = try trainer.train(words, alphabet: .bytes)
      let expected = BytePairOracle.trained(
        words, alphabet: alphabet, vocabularySize: trainer.vocabularySize,
        minimumFrequency: trainer.minimumFrequency,
        maximumTokenLength: trainer.maximumTokenLength ?? .max)
      #expect(tokens == expected.tokens)
      #expect(merges.map { [Int($0.0), Int($0.1)] } == expected.merges)
    }
  }

  @Test func theMostFrequentPairComesFirstThenTheSmallerIDs() throws {
    var trainer = BytePairTrainer()
    trainer.minimumFrequency = 2
    let words = Self.words([
      "roses": 1, "are": 2, "red": 1, "voilets": 1, "blue": 1, "BERT": 1, "is": 2, "big": 1,
      "and": 1, "so": 1, "GPT-2": 1,
    ])
    let (tokens, merges) = try trainer.train(words, alphabet: .scalars)
    #expect(
      Self.texts(tokens).joined(separator: " ")
        == "- 2 B E G P R T a b d e g i l n o r s t u v re are is")
    #expect(merges.map { [$0.0, $0.1] } == [[17, 11], [8, 22], [13, 18]])
  }

  @Test func specialTokensComeFirstThenTheAlphabet() throws {
    var trainer = BytePairTrainer(vocabularySize: 8)
    trainer.specialTokens = ["<s>", "b", "<s>", "ab"]
    let (tokens, merges) = try trainer.train(Self.words(["abab": 3, "é": 1]), alphabet: .scalars)
    #expect(Self.texts(tokens) == ["<s>", "b", "ab", "a", "é", "abab"])
    #expect(merges.map { [$0.0, $0.1] } == [[3, 1], [2, 2]])
  }

  @Test func theAlphabetIsLimitedToTheMostFrequentSymbols() throws {
    var trainer = BytePairTrainer(vocabularySize: 4)
    trainer.limitAlphabet = 3
    trainer.initialAlphabet = [Array("z".utf8)]
    let words = Self.words(["axb": 5, "aab": 2, "cc": 3, "d": 6])
    let (tokens, merges) = try trainer.train(words, alphabet: .scalars)
    // a comes 9 times, b 7, d and c 6 times, x 5 times; words lose what is not kept.
    #expect(Self.texts(tokens) == ["a", "b", "z", "ab"])
    #expect(merges.map { [$0.0, $0.1] } == [[0, 1]])
  }

  /// Byte-level files list bytes in the order of the characters that stand for them.
  @Test func bytesAreInTheOrderOfTheirCharacters() throws {
    var trainer = BytePairTrainer(vocabularySize: 0)
    trainer.initialAlphabet = BytePairTrainer.allBytes
    let tokens = try trainer.train([], alphabet: .bytes).tokens
    #expect(tokens.count == 256)
    #expect(tokens.prefix(2) == [[0x21], [0x22]])
    #expect(tokens[94] == [0xA1])
    #expect(tokens[188] == [0])
    #expect(tokens[220] == [0x20])
    #expect(tokens[255] == [0xAD])
  }

  @Test func prefixAndSuffixBelongToTheTokens() throws {
    var trainer = BytePairTrainer(vocabularySize: 12)
    trainer.continuingSubwordPrefix = "##"
    trainer.endOfWordSuffix = "</w>"
    let (tokens, merges) = try trainer.train(
      [(Array("aab".utf8), 4), (Array("ab".utf8), 3), (Array("b".utf8), 1)], alphabet: .scalars)
    #expect(
      Self.texts(tokens) == [
        "a", "b", "##a", "##b</w>", "b</w>", "aa", "aab</w>", "ab</w>",
      ])
    #expect(merges.map { [$0.0, $0.1] } == [[0, 2], [5, 3], [0, 3]])
    let options = BytePairModel.Options(
      alphabet: .scalars, continuingSubwordPrefix: "##", endOfWordSuffix: "</w>")
    let model = try BytePairModel(tokens: tokens, merges: merges, options: options)
    #expect(model.tokens(of: Array("aab".utf8)).map(\.id) == [6])
    #expect(model.tokens(of: Array("aaab".utf8)).map(\.id) == [5, 2, 3])
  }

  @Test func longWordsAreNoQuadraticWork() throws {
    var generator = TestGenerator(state: 1)
    let word = BytePairModelTests.randomPiece(&generator, 300_000...300_000, 0x61...0x64)
    let (tokens, merges) = try BytePairTrainer(vocabularySize: 500)
      .train([(word, 1)], alphabet: .bytes)
    #expect(tokens.count == 500)
    #expect(merges.count >= 496)
  }

  @Test func progressMayEndTheTraining() throws {
    struct Stop: Error {}
    var generator = TestGenerator(state: 2)
    let words = Self.randomWords(&generator, letters: 6)
    var calls: [Int] = []
    _ = try BytePairTrainer(vocabularySize: 60).train(words, alphabet: .bytes) { done, wanted in
      calls.append(done)
      #expect(wanted == 60)
    }
    #expect(calls == [6, 60])
    #expect(throws: Stop.self) {
      try BytePairTrainer(vocabularySize: 60).train(words, alphabet: .bytes) { _, _ in throw Stop()
      }
    }
  }

  @Test func wordsHaveToBeUTF8WhereScalarsAreAskedFor() {
    let words: [(bytes: [UInt8], count: Int)] = [([0x61, 0xFF], 1)]
    #expect(
      errorText { _ = try BytePairTrainer().train(words, alphabet: .scalars) }
        == "byte 1 of the word 'a\u{FFFD}' is 255, expected UTF-8")
    #expect(errorText { _ = try BytePairTrainer().train(words, alphabet: .bytes) } == "")
    var trainer = BytePairTrainer()
    trainer.initialAlphabet = [Array("ab".utf8)]
    #expect(
      errorText { _ = try trainer.train([], alphabet: .scalars) }
        == "'ab' of the initial alphabet has 2 symbols, expected 1")
  }
}
