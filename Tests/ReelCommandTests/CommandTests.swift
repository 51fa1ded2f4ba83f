import Foundation
import Testing

@Suite struct CommandTests {
  @Test func trainGenerateEvaluateDescribe() throws {
    let folder = try TestFolder.withCorpus()
    let trained = try Tool.run(folder.training("--json"), in: folder)
    #expect(trained.code == 0, "\(trained.error)")
    #expect(trained.output.split(separator: "\n").count == 1)
    let result = try trained.json()
    #expect(
      result.keys.sorted() == [
        "best_step", "bits_per_token", "ended", "epochs", "model", "parameters", "perplexity",
        "seconds", "steps", "tokens_per_second", "total_seconds", "validation_loss",
      ])
    let loss = try #require(result["validation_loss"] as? Double)
    let bits = try #require(result["bits_per_token"] as? Double)
    let perplexity = try #require(result["perplexity"] as? Double)
    #expect(loss > 0 && loss < 3.2)
    #expect(abs(bits - loss / log(2)) < 1e-9 && abs(perplexity - exp(loss)) < 1e-9)
    #expect(result["ended"] as? String == "finished")
    #expect(result["epochs"] as? Int == 2)
    #expect(result["model"] as? String == folder.file("model"))

    let text = ["generate", "--model", folder.file("model"), "--prompt", "The ", "--length", "40"]
    let first = try Tool.run(text + ["--seed", "3"], in: folder)
    #expect(first.code == 0 && first.error == "")
    #expect(first.output.hasPrefix("The ") && first.output.count == 44)
    #expect(try Tool.run(text + ["--seed", "3"], in: folder).output == first.output)
    #expect(try Tool.run(text + ["--seed", "4"], in: folder).output != first.output)

    // The tool measures the held-out part as the training did.
    try folder.write(sampleText().utf8.suffix(300), to: "rest")
    let evaluate = ["evaluate", "--model", folder.file("model"), "--corpus", folder.file("rest")]
    let evaluated = try Tool.run(evaluate + ["--json"], in: folder).json()
    #expect(
      evaluated.keys.sorted() == [
        "bits_per_byte", "bits_per_token", "loss", "model", "perplexity", "seconds", "tokens",
        "unknown_tokens",
      ])
    #expect(evaluated["tokens"] as? Int == 299)
    #expect(abs(try #require(evaluated["loss"] as? Double) - loss) < 0.3)
    #expect(try Tool.run(evaluate, in: folder).output.contains("nats"))

    let described = try Tool.run(["describe", folder.file("model"), "--json"], in: folder).json()
    #expect(described["parameters"] as? Int == result["parameters"] as? Int)
    #expect((described["layers"] as? [Any])?.count == 3)
    let table = try Tool.run(["describe", folder.file("model")], in: folder).output
    #expect(table.contains("[B, T, 16]") && table.contains("recurrent.l0"))
  }

  @Test func withoutJSONAPersonReadsTheResult() throws {
    let folder = try TestFolder.withCorpus()
    let result = try Tool.run(folder.training(), in: folder)
    #expect(result.output.contains("held-out loss") && result.output.contains("2.00 epochs"))
  }

  @Test func nothingHeldOutIsNull() throws {
    let folder = try TestFolder.withCorpus()
    let result = try Tool.run(folder.training("--validation-fraction", "0", "--json"), in: folder)
    let json = try result.json()
    #expect(json["validation_loss"] is NSNull && json["best_step"] is NSNull)
  }

  @Test(arguments: [
    ["--cell", "gru-reset-before", "--optimizer", "adamw", "--weight-decay", "0.1"],
    ["--embedding=0", "--layers=2", "--recurrent-dropout=0.2", "--clip-norm=none"],
    ["--schedule=step", "--decay-every=5", "--warm-up=3", "--clip-value=1"],
    ["--schedule=linear", "--final-rate=0.1", "--label-smoothing=0.1", "--reduce-on-plateau"],
    ["--tokens=bytes", "--evaluate-every=10", "--patience=3", "--minutes=1"],
    ["--tokens=wordpiece", "--batch=2"],
  ])
  func everyOptionIsTaken(options: [String]) throws {
    let folder = try TestFolder.withCorpus()
    // Given twice, the last counts.
    let result = try Tool.run(folder.training() + options, in: folder)
    #expect(result.code == 0, "\(result.error)")
  }

  @Test func minutesAloneBoundIt() throws {
    let folder = try TestFolder.withCorpus()
    let result = try Tool.run(
      [
        "train", "language-model", "--corpus", folder.file("text"), "--output",
        folder.file("model"), "--hidden", "16", "--batch", "4", "--window", "16", "--minutes",
        "0.01", "--json",
      ], in: folder)
    let json = try result.json()
    #expect(try #require(json["seconds"] as? Double) >= 0.6)
    #expect(json["ended"] as? String == "finished")
  }

  @Test(arguments: [
    ["--help"], ["train", "--help"], ["train", "language-model", "--help"],
    ["generate", "--help"], ["evaluate", "--help"], ["describe", "--help"], [], ["train"],
    ["train", "tokenizer", "--help"], ["tokenize", "--help"], ["corpus", "--help"],
    ["train", "classifier", "--help"], ["train", "tagger", "--help"],
    ["train", "seq2seq", "--help"], ["train", "generator", "--help"], ["classify", "--help"],
    ["tag", "--help"], ["translate", "--help"],
  ])
  func helpIsThere(arguments: [String]) throws {
    let result = try Tool.run(arguments, in: try TestFolder())
    #expect(result.code == 0 && result.error == "")
    #expect(result.output.contains("OVERVIEW: ") && result.output.contains("USAGE: reel"))
  }

  @Test func theVersionIsThere() throws {
    let result = try Tool.run(["--version"], in: try TestFolder())
    #expect(result.code == 0 && result.output.hasPrefix("reel "))
  }

  @Test func unknownCharactersOfAPromptAreNamed() throws {
    let folder = try TestFolder.withCorpus()
    try folder.train()
    let result = try Tool.run(
      [
        "generate", "--model", folder.file("model"), "--prompt", "The ☃\u{7}", "--length", "5",
        "--greedy",
      ], in: folder)
    #expect(result.code == 0)
    #expect(result.output.hasPrefix("The ☃\u{7}"))
    #expect(result.errorLines.count == 1)
    #expect(result.error.contains("'☃' (U+2603), U+0007"))
  }

  @Test func aReaderThatLeavesIsNoError() throws {
    let folder = try TestFolder.withCorpus()
    try folder.train()
    let result = try Tool.shell(
      "\"$REEL\" generate --model '\(folder.file("model"))' --length 100000 | head -c 20",
      in: folder)
    #expect(result.code == 0 && result.error == "" && result.output.utf8.count == 20)
  }
}
