import Foundation
import Testing

@Suite struct Seq2SeqTests {
  @Test func trainTranslateEvaluateDescribe() throws {
    let folder = try TestFolder()
    let corpus = try folder.corpus(for: "seq2seq")
    let trained = try Tool.run(
      folder.training("seq2seq", on: corpus, ["--validation", corpus, "--json"]), in: folder)
    #expect(trained.code == 0, "\(trained.error)")
    let result = try trained.json()
    let model = folder.file("seq2seq")
    let evaluate = ["evaluate", "--model", model, "--corpus", corpus]
    let evaluated = try Tool.run(evaluate + ["--json"], in: folder).json()
    for key in ["word_error_rate", "token_error_rate", "loss", "accuracy"] {
      #expect(result[key] != nil && evaluated[key] as? Double == result[key] as? Double, "\(key)")
    }
    #expect(try Tool.run(evaluate + ["--beam", "2"], in: folder).output.contains("wrong answers"))
    let described = try Tool.run(["describe", model], in: folder).output
    #expect(described.contains("a seq2seq model") && described.contains("general attention"))

    let text = try folder.write("1. 2. 1999\nMay 5, 1961\n".utf8, to: "text")
    let translate = ["translate", "--model", model]
    let greedy = try Tool.run(translate + [text], in: folder)
    #expect(greedy.code == 0 && greedy.error == "" && greedy.outputLines.count == 2)
    let several = try Tool.run(translate + ["--n-best", "3", text], in: folder).outputLines
    #expect(
      several.map { $0.split(separator: "\t", omittingEmptySubsequences: false)[0] }
        == ["1", "1", "1", "2", "2", "2"])
    let objects = try Tool.run(
      translate + ["--json", "--attention", "--beam", "4", "--n-best", "2", text], in: folder
    ).jsonLines()
    #expect(objects.count == 2)
    let best = try #require(objects[0]["n_best"] as? [[String: Any]])
    #expect(best.count == 2 && best[0]["target"] as? String == objects[0]["target"] as? String)
    let tokens = try #require(objects[0]["source_tokens"] as? [String])
    let rows = try #require(objects[0]["attention"] as? [[Double]])
    let target = try #require(objects[0]["target_tokens"] as? [String])
    #expect(tokens.count == 10 && rows.count == target.count + 1)
    #expect(rows.allSatisfy { $0.count == 10 && abs($0.reduce(0, +) - 1) < 1e-4 })
    for normalization in ["none", "mean", "0.6"] {
      let result = try Tool.run(
        translate + ["--beam", "3", "--length-normalization", normalization, text], in: folder)
      #expect(result.code == 0 && result.outputLines.count == 2)
    }
  }

  @Test func linesComeBeforeTheInputEnds() throws {
    let folder = try TestFolder()
    let model = try folder.trainTask("seq2seq")
    let (process, pipe) = try ToolProcess.reading(
      pipe: { ["translate", "--model", model, "--json", $0] }, in: folder)
    try pipe.write(contentsOf: Data("1. 2. 1999\n3.".utf8))
    try process.waitForOutput("\"source\":\"1. 2. 1999\"")
    #expect(!process.outputSoFar.contains("\"line\":2"))
    try pipe.close()
    #expect(try process.wait().outputLines.count == 2)
  }

  @Test func whatCannotBeAnsweredIsNamedAndTheRestGoesOn() throws {
    let folder = try TestFolder()
    let model = try folder.trainTask("seq2seq")
    let long = String(repeating: "1 ", count: 100_000)
    let text = try folder.write("1.\n\n\(long)\n☃☃\n2.\n".utf8, to: "text")
    let result = try Tool.run(["translate", "--model", model, text], in: folder)
    #expect(result.code == 1 && result.outputLines.count == 5)
    #expect(result.outputLines[1...3].allSatisfy { $0.isEmpty })
    #expect(result.errorLines.count == 3)
    #expect(result.error.contains("line 2: the source is empty"), "\(result.error)")
    #expect(result.error.contains("line 3: a source of 200000 tokens, expected at most 1000"))
    #expect(result.error.contains("line 4: none of the 2 tokens"))
  }

  @Test func tokensOfAFileAndASharedVocabulary() throws {
    let folder = try TestFolder()
    let corpus = try folder.corpus(for: "seq2seq")
    let made = try Tool.run(
      [
        "train", "tokenizer", "--kind", "characters", "--corpus", corpus, "--output",
        folder.file("tokens.json"),
      ], in: folder)
    #expect(made.code == 0, "\(made.error)")
    let tokens = folder.file("tokens.json")
    let arguments = folder.training(
      "seq2seq", on: corpus,
      [
        "--source-tokens", tokens, "--target-tokens", tokens, "--share-vocabulary", "--copy",
        "--attention", "additive", "--teacher-forcing", "0.5", "--teacher-forcing-decay", "cosine",
      ])
    let result = try Tool.run(arguments, in: folder)
    #expect(result.code == 0, "\(result.error)")
    try Tool.expectError(
      1, "none of bytes", "--source-tokens",
      from: arguments + ["--source-tokens", "syllables", "--overwrite"], in: folder)
    try Tool.expectError(
      64, "copies without a shared vocabulary",
      from: folder.training("seq2seq", on: corpus, ["--copy", "--overwrite"]), in: folder)
  }
}
