import ReelText
import Testing

/// Added tokens are found as by the tokenizers package; what it says of these texts stands here.
@Suite struct AddedTokenTests {
  private func tokenizer(
    _ added: [AddedToken], normalizer: Normalizer? = nil
  ) throws -> TokenizerPipeline {
    try TokenizerPipeline(
      normalizer: normalizer, preTokenizer: .whitespaceSplit,
      model: WordLevelModel(tokens: ["a", "b", "<unk>"].map { Array($0.utf8) }, unknownID: 2),
      addedTokens: added)
  }

  @Test func whiteSpaceGoesWithThem() throws {
    let mask = AddedToken("<m>", isNormalized: false, stripsLeft: true, stripsRight: true)
    let encoding = try tokenizer([mask, AddedToken(" x", isNormalized: false)])
      .encoding(of: "a  <m>  x b")
    #expect(encoding.tokens == ["a", "  <m>  ", " x", "b"])
    #expect(encoding.offsets == [0..<1, 1..<8, 7..<9, 10..<11])
    #expect(encoding.ids == [0, 3, 4, 1])
  }

  @Test func singleWordsStandAlone() throws {
    let word = AddedToken("<m>", isNormalized: false, isSingleWord: true)
    let tokenizer = try tokenizer([word, AddedToken("m>a", isNormalized: false)])
    let encoding = tokenizer.encoding(of: "b<m>a <m> a")
    #expect(encoding.tokens == ["<unk>", "<m>", "a"])
    #expect(encoding.offsets == [0..<5, 6..<9, 10..<11])
    #expect(tokenizer.encode("\u{5D0}<m> <m>\u{301} -<m>-") == [2, 2, 2, 3, 2])
  }

  @Test func theLongestWins() throws {
    let tokenizer = try tokenizer(
      ["<", "<a", "<abc>", "bc"].map { AddedToken($0, isNormalized: false) })
    #expect(tokenizer.encode("<abc><ab<<abc") == [5, 4, 1, 3, 4, 6])
  }

  @Test func normalizedOnesAreFoundInNormalizedText() throws {
    let tokenizer = try tokenizer(
      [AddedToken("Hello"), AddedToken("WORLD", isNormalized: false)], normalizer: .lowercase)
    let encoding = tokenizer.encoding(of: "hELLO world WORLD B")
    #expect(encoding.ids == [3, 2, 4, 1])
    #expect(encoding.offsets == [0..<5, 6..<11, 12..<17, 18..<19])
    #expect(encoding.tokens == ["hello", "<unk>", "WORLD", "b"])
    #expect(encoding.wordIndices == [0, 1, 2, 3])
  }

  @Test func offsetsLeadBackThroughBothSteps() throws {
    let tokenizer = try tokenizer([AddedToken("é|")], normalizer: .form(.nfc))
    let text = "a e\u{301}| a\u{301} b"
    let encoding = tokenizer.encoding(of: text)
    #expect(encoding.ids == [0, 3, 2, 1])
    #expect(encoding.offsets == [0..<1, 2..<6, 7..<10, 11..<12])
  }

  @Test func idsFollowTheVocabulary() throws {
    let pipeline = try tokenizer([AddedToken("x"), AddedToken("b"), AddedToken("y")])
    #expect(pipeline.addedTokenIDs == [3, 1, 4])
    #expect(pipeline.vocabularySize == 5)
    #expect(
      pipeline.token(at: 4) == "y" && pipeline.id(of: "y") == 4 && pipeline.id(of: "z") == nil)
    #expect(errorText { _ = try tokenizer([AddedToken("")]) } == "an added token is empty")
    #expect(
      errorText { _ = try tokenizer([AddedToken("x"), AddedToken("x", isSpecial: true)]) }
        == "the added token \"x\" comes twice")
  }

  @Test func manyTokensInALongText() throws {
    // Beginnings of tokens everywhere must not cost more than their length.
    let added = (1...60).map {
      AddedToken(String(repeating: "a", count: $0) + "!", isNormalized: false)
    }
    let tokenizer = try tokenizer(added)
    let text = String(repeating: "a", count: 20_000) + "!"
    #expect(tokenizer.encode(text) == [2, 62])
  }
}
