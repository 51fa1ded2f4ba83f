import Foundation
import Reel
import Testing

@Suite struct GeneratorTests {
  @Test func trainGenerateEvaluateDescribe() throws {
    let folder = try TestFolder()
    let corpus = try folder.corpus(for: "generator")
    let trained = try Tool.run(
      folder.training("generator", on: corpus, ["--validation", corpus, "--json"]), in: folder)
    #expect(trained.code == 0, "\(trained.error)")
    let result = try trained.json()
    let model = folder.file("generator")
    let evaluated = try Tool.run(
      ["evaluate", "--model", model, "--corpus", corpus, "--json"], in: folder
    ).json()
    #expect(evaluated["loss"] as? Double == result["loss"] as? Double && evaluated["loss"] != nil)
    let described = try Tool.run(["describe", model], in: folder).output
    #expect(described.contains("a text generator") && described.contains("2 labels"))

    let generate = [
      "generate", "--model", model, "--label", "singular", "--length", "30", "--seed",
    ]
    let three = try Tool.run(generate + ["3", "--count", "3"], in: folder)
    #expect(three.code == 0 && three.error == "" && three.outputLines.count == 3)
    let hundred = try Tool.run(generate + ["3", "--count", "100"], in: folder).outputLines
    #expect(hundred.count == 100 && Array(hundred[..<3]) == three.outputLines)
    #expect(try Tool.run(generate + ["4"], in: folder).output != three.outputLines[0] + "\n")
    #expect(try Tool.run(generate + ["3", "--count", "0"], in: folder).output == "")
    let greedy = [
      "generate", "--model", model, "--label", "plural", "--length", "30", "--greedy", "--count",
      "2",
    ]
    let twice = try Tool.run(greedy, in: folder).outputLines
    #expect(twice.count == 2 && twice[0] == twice[1])

    try Tool.expectError(
      1, "unknown label", "\"singular\"",
      from: ["generate", "--model", model, "--label", "dual"], in: folder)
    try Tool.expectError(
      64, "--label is missing", "plural, singular", from: ["generate", "--model", model],
      in: folder)
    try Tool.expectError(
      64, "--prompt does not go with a text generator",
      from: ["generate", "--model", model, "--label", "plural", "--prompt", "The"], in: folder)
  }

  @Test func aLanguageModelTakesNoLabel() throws {
    let folder = try TestFolder.withCorpus()
    try folder.train()
    for option in ["--label", "--count"] {
      try Tool.expectError(
        64, "\(option) does not go with a language model",
        from: ["generate", "--model", folder.file("model"), option, "3"], in: folder)
    }
  }

  @Test(arguments: [
    ["--conditioning", "initial-state", "--cell", "gru"],
    ["--conditioning=every-step", "--tokens", "bytes", "--label-embedding", "4"],
    ["--dropout", "0.2", "--layers", "2", "--minutes", "0.001"],
    ["--zoneout", "0.1", "--zoneout-cell", "0.2", "--projection", "3", "--conditioning", "both"],
    ["--learn-initial-state", "--conditioning", "every-step"],
  ])
  func everyOptionIsTaken(options: [String]) throws {
    let folder = try TestFolder()
    let corpus = try folder.corpus(for: "generator")
    let result = try Tool.run(folder.training("generator", on: corpus, options), in: folder)
    #expect(result.code == 0, "\(result.error)")
  }

  /// What may be done about the states stands in the model's configuration.
  @Test func optionsOfStatesAreTaken() throws {
    let folder = try TestFolder()
    let corpus = try folder.corpus(for: "generator")
    let options = [
      "--zoneout", "0.25", "--zoneout-cell", "0.125", "--projection", "3", "--learn-initial-state",
      "--conditioning", "every-step",
    ]
    let result = try Tool.run(folder.training("generator", on: corpus, options), in: folder)
    #expect(result.code == 0, "\(result.error)")
    let decoder = try TextGenerator(folder: folder.file("generator")).configuration.decoder
    #expect(decoder.zoneout == 0.25 && decoder.zoneoutCell == 0.125)
    #expect(decoder.projectionSize == 3 && decoder.learnsInitialState)
  }
}
