import Foundation
import ReelText
import Testing

@Suite struct TokenizerTrainingTests {
  private static let kinds: [TokenizerKind] = [
    .graphemes, .whitespace, .words, .byteBytePair, .bytePair, .wordPiece, .unigram,
  ]

  private func text() throws -> [String] {
    try Array(TokenizerFixtures.decoded("lines", as: [String].self).prefix(400))
  }

  @Test(arguments: kinds)
  func everyKindIsTrainedWrittenAndRead(_ kind: TokenizerKind) throws {
    let text = try text()
    let tokenizer = try TokenizerPipeline.train(
      TokenizerTraining(kind, vocabularySize: 1500), on: text)
    #expect(tokenizer.kind == kind)
    #expect(tokenizer.vocabularySize <= 1500 && tokenizer.vocabularySize > 256)
    let content = try tokenizer.fileContent
    let read = try TokenizerFile.parsePipeline(content)
    #expect(read.kind == kind)
    #expect(try read.fileContent == content)
    for line in text + TextSamples.all {
      let ids = tokenizer.encode(line)
      #expect(read.encode(line) == ids)
      #expect(ids.allSatisfy { 0 <= $0 && $0 < tokenizer.vocabularySize })
    }
    #expect(tokenizer.encodePrompt("\u{10450}").unknown.isEmpty == (kind == .byteBytePair))
    let special = tokenizer.encoding(of: "a").specialTokensMask.filter { $0 }.count
    #expect(special == (kind == .wordPiece ? 2 : kind == .unigram ? 1 : 0))
    let again = try TokenizerPipeline.train(
      TokenizerTraining(kind, vocabularySize: 1500), on: text)
    #expect(try again.fileContent == content)
  }

  @Test func filesAndTextsAreTheSame() throws {
    let path = NSTemporaryDirectory() + "reel-training-\(UUID().uuidString).txt"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let text = try text().map { $0 + "\n" }
    try Data(text.joined().utf8).write(to: URL(fileURLWithPath: path))
    let training = TokenizerTraining(.byteBytePair, vocabularySize: 600)
    var steps: [TokenizerTrainer.Progress] = []
    let fromFile = try TokenizerPipeline.train(training, files: [path]) { steps.append($0) }
    let fromTexts = try TokenizerPipeline.train(training, on: text)
    #expect(try fromFile.fileContent == fromTexts.fileContent)
    #expect(steps.first == .reading(bytes: text.joined().utf8.count))
    #expect(steps.last == .choosing(tokens: 600, of: 600))
    #expect(
      errorText { _ = try TokenizerPipeline.train(training, files: [path + "x"]) }
        == "corpus '\(path)x' does not exist")
    try Data([0x61, 0x0A, 0x62, 0x80]).write(to: URL(fileURLWithPath: path))
    #expect(
      errorText { _ = try TokenizerPipeline.train(training, files: [path]) }
        .hasPrefix("corpus '\(path)' is not UTF-8: byte 0x80 at line 2, column 2 (offset 3)"))
  }

  @Test func settingsAreChecked() {
    func failure(_ training: TokenizerTraining) -> String {
      errorText { _ = try TokenizerTrainer(training) }
    }
    #expect(failure(TokenizerTraining(.bytes)).contains("expected ByteTokenizer()"))
    #expect(
      failure(TokenizerTraining(.wordPiece, vocabularySize: 5))
        == "the vocabulary size is 5, expected at least 6")
    var training = TokenizerTraining(.byteBytePair)
    training.specialTokens = ["<fin\u{E9}>"]
    #expect(failure(training).contains("has characters other than printable ASCII"))
    training.specialTokens = ["<a>", "<a>"]
    #expect(failure(training) == "the special token \"<a>\" is empty or comes twice")
  }

  @Test func ownSpecialTokensComeFirst() throws {
    var training = TokenizerTraining(.bytePair, vocabularySize: 100)
    training.specialTokens = ["<s>", "<unk>"]
    let tokenizer = try TokenizerPipeline.train(training, on: ["aaa bbb abab <s>"])
    #expect(tokenizer.id(of: "<s>") == 0 && tokenizer.unknownID == 1)
    #expect(tokenizer.encode("ab<s>\u{6F22}").contains(0))
  }

  @Test func tasksGiveTheSame() async throws {
    let tokenizer = try TokenizerFixtures.pipeline("roberta")
    let lines = try TokenizerFixtures.decoded("lines", as: [String].self)
    let alone = tokenizer.encodings(of: lines)
    let longest = alone.map(\.ids.count).max() ?? 0
    #expect(alone.allSatisfy { $0.ids.count == longest })
    for tasks in [1, 2, 5] {
      #expect(await tokenizer.encodings(of: lines, tasks: tasks) == alone)
      #expect(await tokenizer.encode(lines, tasks: tasks) == lines.map { tokenizer.encode($0) })
    }
  }
}
