import Foundation
import Testing

/// Language models whose tokens are subwords, from the text to what they write.
@Suite struct SubwordModelTests {
  private func trainTokenizer(_ kind: String, in folder: TestFolder, to name: String) throws {
    let result = try Tool.run(
      [
        "train", "tokenizer", "--kind", kind, "--vocabulary", "300", "--corpus",
        folder.file("text"), "--output", folder.file(name),
      ], in: folder)
    #expect(result.code == 0, "\(result.error)")
  }

  @Test(arguments: ["byte-bpe", "unigram", "wordpiece", "words"])
  func fromTokenizerToText(kind: String) throws {
    let folder = try TestFolder.withCorpus()
    try trainTokenizer(kind, in: folder, to: "tokens.json")
    let trained = try Tool.run(
      folder.training("--tokenizer", folder.file("tokens.json"), "--json"), in: folder)
    #expect(trained.code == 0, "\(trained.error)")
    #expect(trained.error.contains("bits per token"))
    #expect(try #require(try trained.json()["validation_loss"] as? Double) < 5)

    let model = folder.file("model")
    let generated = try Tool.run(
      ["generate", "--model", model, "--prompt", "The miller", "--length", "20", "--seed", "1"],
      in: folder)
    #expect(generated.code == 0, "\(generated.error)")
    #expect(generated.output.hasPrefix("The miller") && generated.output.count > 20)
    let evaluated = try Tool.run(
      ["evaluate", "--model", model, "--corpus", folder.file("text"), "--json"], in: folder
    ).json()
    let forByte = try #require(evaluated["bits_per_byte"] as? Double)
    let forToken = try #require(evaluated["bits_per_token"] as? Double)
    #expect(forByte > 0 && forByte < forToken)
    let described = try Tool.run(["describe", model, "--json"], in: folder).json()
    #expect(described["tokens"] as? String == kind)

    let resumed = try Tool.run(
      folder.training("--resume", "--epochs", "3", "--tokenizer", folder.file("tokens.json")),
      in: folder)
    #expect(resumed.code == 0, "\(resumed.error)")
  }

  @Test func theTokenizerOfATrainingCannotChange() throws {
    let folder = try TestFolder.withCorpus()
    try trainTokenizer("byte-bpe", in: folder, to: "tokens.json")
    try trainTokenizer("words", in: folder, to: "other.json")
    try folder.train("--tokenizer", folder.file("tokens.json"))
    try Tool.expectError(
      64, "cannot change",
      from: folder.training("--resume", "--tokenizer", folder.file("other.json")), in: folder)
    try Tool.expectError(
      64, "--tokens and --tokenizer",
      from: folder.training(
        "--tokenizer", folder.file("tokens.json"), "--tokens", "bytes", model: "new"), in: folder)
    try Tool.expectError(
      1, "does not exist",
      from: folder.training("--tokenizer", folder.file("none.json"), model: "new"), in: folder)
  }
}
