import Reel
import Testing

@Suite struct GenerationTests {
  private let model: LanguageModel
  private let byteModel: LanguageModel

  init() throws {
    var generator = RandomGenerator(seed: 3)
    model = try LanguageModel(
      smallModel(), tokenizer: ScalarTokenizer(trainedOn: "abcdéfgh \n"), using: &generator)
    byteModel = try LanguageModel(
      smallModel(tokens: .bytes), tokenizer: ByteTokenizer(), using: &generator)
  }

  @Test(arguments: ["abc", "", "é", String(repeating: "abc ", count: 400)])
  func streamedPiecesMakeUpTheWhole(prompt: String) throws {
    var pieces: [String] = []
    try model.generate(prompt: prompt, length: 50, seed: 4) { pieces.append($0) }
    #expect(pieces.count == 50)
    #expect(try model.generate(prompt: prompt, length: 50, seed: 4) == pieces.joined())
  }

  @Test func theSeedDecides() throws {
    let text = try model.generate(prompt: "a", length: 80, seed: 1)
    #expect(try model.generate(prompt: "a", length: 80, seed: 1) == text)
    #expect(try model.generate(prompt: "a", length: 80, seed: 2) != text)
    let greedy = try model.generate(prompt: "a", length: 80, sampling: .greedy, seed: 1)
    #expect(try model.generate(prompt: "a", length: 80, sampling: .greedy, seed: 2) == greedy)
  }

  @Test func theThreadsDoNot() throws {
    let one = try Threads.with(1) { try model.generate(length: 80, seed: 1) }
    #expect(try Threads.with(2) { try model.generate(length: 80, seed: 1) } == one)
  }

  /// The text of a prompt in several windows goes on as it does when read token by token.
  @Test func aLongPromptIsReadInPieces() throws {
    let prompt = String(repeating: "abc dé\n", count: 200)
    var state: RecurrentNetwork.State?
    var last: [Float] = []
    for id in model.tokenizer.encode(prompt) {
      let (logits, next) = model.network(TokenSequences([[id]]), state: state)
      (last, state) = (logits[0].values, next)
    }
    let best = try #require(last.indices.dropFirst().max { last[$0] < last[$1] })
    #expect(
      try model.generate(prompt: prompt, length: 1, sampling: .greedy)
        == model.tokenizer.decode([Int32(best)]))
  }

  @Test func unknownCharactersAreReadAndNeverWritten() throws {
    let prompt = "a☃b👋🏽\u{0}z"
    #expect(model.tokenizer.encodePrompt(prompt).unknown.map(String.init).joined() == "☃👋🏽\u{0}z")
    let text = try model.generate(
      prompt: prompt, length: 300, sampling: Sampling(temperature: 5), seed: 9)
    #expect(text.unicodeScalars.count == 300)
    #expect(text.unicodeScalars.allSatisfy { "abcdéfgh \n".unicodeScalars.contains($0) })
    // An accent that the keyboard writes apart is the same character.
    #expect(model.tokenizer.encodePrompt("e\u{301}").unknown.isEmpty)
  }

  @Test func anEmptyPromptStartsAfterALineEnd() throws {
    #expect(
      try model.generate(prompt: "", length: 40, seed: 3)
        == model.generate(prompt: "\n", length: 40, seed: 3))
  }

  @Test(arguments: ["é", "नमस्ते", "👩‍👩‍👧", "\r\n"])
  func bytesNeverCutACharacter(prompt: String) throws {
    var pieces: [String] = []
    try byteModel.generate(
      prompt: prompt, length: 400, sampling: Sampling(temperature: 2), seed: 3
    ) { pieces.append($0) }
    // Untrained, it writes any bytes: each piece is text of its own, and all pieces are the whole.
    let whole = try byteModel.generate(
      prompt: prompt, length: 400, sampling: Sampling(temperature: 2), seed: 3)
    #expect(pieces.joined().unicodeScalars.elementsEqual(whole.unicodeScalars))
    #expect(!whole.isEmpty)
  }

  @Test func lengthZeroWritesNothing() throws {
    #expect(try model.generate(prompt: "abc", length: 0) == "")
  }

  @Test func settingsOutOfRangeAreRefused() {
    for sampling in [
      Sampling(temperature: -1), Sampling(temperature: .nan), Sampling(topK: 0), Sampling(topP: 0),
      Sampling(topP: 1.5), Sampling(topP: .nan),
    ] {
      #expect(throws: SamplingError.self) { try model.generate(length: 1, sampling: sampling) }
    }
    #expect(throws: ConfigurationError.self) { try model.generate(length: -1) }
  }

  /// A writer that has had enough ends the generation with its own error.
  @Test func theWriterCanStopIt() {
    struct Enough: Error {}
    var count = 0
    #expect(throws: Enough.self) {
      try model.generate(length: 1_000_000, seed: 1) { _ in
        count += 1
        if count == 3 { throw Enough() }
      }
    }
    #expect(count == 3)
  }
}
