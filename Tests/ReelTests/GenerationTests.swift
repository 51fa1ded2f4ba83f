import Reel
import Testing

@Suite struct GenerationTests {
  private let model: LanguageModel

  init() throws {
    let settings = LanguageModelConfiguration(hiddenSize: 12, layers: 2, embeddingSize: 5)
    var generator = RandomGenerator(seed: 3)
    model = try LanguageModel(
      settings, tokenizer: ScalarTokenizer(trainedOn: "abcdefgh \n"), using: &generator)
  }

  @Test func streamedPiecesMakeUpTheWhole() throws {
    var pieces: [String] = []
    try model.generate(prompt: "abc", length: 50, seed: 4) { pieces.append($0) }
    #expect(pieces.count == 50)
    #expect(try model.generate(prompt: "abc", length: 50, seed: 4) == pieces.joined())
  }
}
