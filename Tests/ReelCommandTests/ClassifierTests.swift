import Foundation
import Testing

@Suite struct ClassifierTests {
  @Test func trainClassifyEvaluateDescribe() throws {
    let folder = try TestFolder()
    let trained = try Tool.run(
      folder.training(
        "classifier", on: corpusFile("sentiment/train.tsv"),
        ["--validation", corpusFile("sentiment/test.tsv"), "--json"]), in: folder)
    #expect(trained.code == 0, "\(trained.error)")
    #expect(trained.outputLines.count == 1)
    let result = try trained.json()
    #expect(
      result.keys.sorted() == [
        "accuracy", "balanced_error_rate", "best_step", "confusion", "ended", "epochs", "examples",
        "examples_per_second", "loss", "macro_f1", "model", "parameters", "per_type", "precision",
        "recall", "seconds", "steps", "total_seconds", "training_examples", "validation_examples",
      ])
    #expect(result["ended"] as? String == "finished")
    #expect(result["epochs"] as? Int == 2 && result["steps"] as? Int == 20)
    #expect(result["training_examples"] as? Int == 320)
    #expect(result["validation_examples"] as? Int == 80)
    let model = folder.file("classifier")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: model).sorted() == [
        "checkpoint.safetensors", "config.json", "model.safetensors", "tokenizer.json",
      ])

    // The tool measures the held-out file as the training did.
    let evaluate = [
      "evaluate", "--model", model, "--corpus", corpusFile("sentiment/test.tsv"),
    ]
    let evaluated = try Tool.run(evaluate + ["--json"], in: folder).json()
    for key in ["accuracy", "balanced_error_rate", "macro_f1", "loss", "precision", "recall"] {
      #expect(evaluated[key] as? Double == result[key] as? Double, "\(key)")
    }
    let perType = try #require(evaluated["per_type"] as? [String: [String: Any]])
    #expect(perType.keys.sorted() == ["negative", "positive"])
    #expect(perType["negative"]?.keys.sorted() == ["count", "f1", "precision", "recall"])
    let table = try Tool.run(evaluate, in: folder).output
    #expect(table.contains("accuracy") && table.contains("positive"))

    let described = try Tool.run(["describe", model, "--json"], in: folder).json()
    #expect(described["parameters"] as? Int == result["parameters"] as? Int)
    #expect(described["kind"] as? String == "reel-text-classifier")
    let settings = try #require(described["configuration"] as? [String: Any])
    #expect(settings["labels"] as? [String] == ["negative", "positive"])
    let layers = try Tool.run(["describe", model], in: folder).output
    #expect(layers.contains("a text classifier") && layers.contains("both ways"))

    let text = try folder.write("It was a joy.\nNever again!\r\n".utf8, to: "text")
    let answers = try Tool.run(["classify", "--model", model, text], in: folder)
    #expect(answers.code == 0 && answers.error == "" && answers.outputLines.count == 2)
    for line in answers.outputLines {
      let columns = line.split(separator: "\t")
      let probability = try #require(Double(columns[1]))
      #expect(["negative", "positive"].contains(columns[0]) && probability >= 0.5)
    }
    let objects = try Tool.run(["classify", "--model", model, "--json", text], in: folder)
      .jsonLines()
    #expect(objects.map { $0["line"] as? Int } == [1, 2])
    let all = try #require(objects[0]["probabilities"] as? [String: Double])
    #expect(abs(all.values.reduce(0, +) - 1) < 1e-5)
    #expect(objects[0]["probability"] as? Double == all.values.max())
  }

  @Test func linesComeBeforeTheInputEnds() throws {
    let folder = try TestFolder()
    let model = try folder.trainTask("classifier")
    let (process, pipe) = try ToolProcess.reading(
      pipe: { ["classify", "--model", model, "--json", $0] }, in: folder)
    try pipe.write(contentsOf: Data("The first one.\nThe sec".utf8))
    try process.waitForOutput("{\"line\":1,")
    try process.waitForOutput("\n")
    #expect(!process.outputSoFar.contains("\"line\":2"))
    try pipe.write(contentsOf: Data("ond one.".utf8))
    try pipe.close()
    let result = try process.wait()
    #expect(result.code == 0 && result.outputLines.count == 2)
  }

  @Test func whatCannotBeAnsweredIsNamedAndTheRestGoesOn() throws {
    let folder = try TestFolder()
    let model = try folder.trainTask("classifier")
    let text = try folder.write(
      Array("one\n\nthree\n".utf8) + [0xFF, 0x0A] + "five\n".utf8, to: "text")
    let result = try Tool.run(["classify", "--model", model, text], in: folder)
    #expect(result.code == 1)
    #expect(result.outputLines.map(\.isEmpty) == [false, true, false, true, false])
    #expect(result.errorLines.count == 2)
    #expect(result.error.contains("line 2: it is empty, a text is expected"))
    #expect(result.error.contains("line 4, column 1: byte 0xFF"))
    let objects = try Tool.run(["classify", "--model", model, "--json", text], in: folder)
      .jsonLines()
    #expect(objects.map { $0["error"] == nil } == [true, false, true, false, true])
    let replaced = try Tool.run(
      ["classify", "--model", model, "--replace-invalid", "-"], in: folder)
    #expect(replaced.code == 0 && replaced.output == "")
  }

  /// A hundred thousand words on a line.
  @Test func aVeryLongLine() throws {
    let folder = try TestFolder()
    let model = try folder.trainTask("classifier")
    let text = try folder.write(
      (String(repeating: "long ", count: 100_000) + "\nshort\n").utf8, to: "text")
    let result = try Tool.run(["classify", "--model", model, text], in: folder)
    #expect(result.code == 0 && result.error == "" && result.outputLines.count == 2)
  }

  @Test func columnsAndJSONLines() throws {
    let folder = try TestFolder()
    let tsv = try folder.write(
      "review\tstars\ngood it is\t5\nbad it is\t1\nvery good\t5\nvery bad\t1\n".utf8,
      to: "named.tsv")
    let lines = try folder.write(
      """
      {"text": "good it is", "label": 5}
      {"text": "bad it is", "label": 1}
      {"text": "very good", "label": 5}
      {"text": "very bad", "label": 1}

      """.utf8, to: "lines.jsonl")
    let none = ["--validation-fraction", "0"]
    let first = try Tool.run(
      folder.training(
        "classifier", on: tsv, none + ["--header", "--label", "stars", "--text", "review"]),
      in: folder)
    #expect(first.code == 0, "\(first.error)")
    let weights = try folder.data("classifier/model.safetensors")
    let second = try Tool.run(
      folder.training("classifier", on: lines, none + ["--overwrite"]), in: folder)
    #expect(second.code == 0, "\(second.error)")
    #expect(try folder.data("classifier/model.safetensors") == weights)
  }

  @Test(arguments: [
    ["--pooling", "attention"], ["--pooling=final-states", "--directions", "forward"],
    ["--pooling", "mean", "--cell", "gru", "--layers", "2", "--layer-dropout", "0.2"],
    ["--word-dropout", "0.1", "--embedding-dropout", "0.1", "--balance-labels", "--cased"],
    ["--average", "0.9", "--minimum-count", "2", "--patience", "1", "--optimizer", "adamw"],
    ["--zoneout=0.1", "--zoneout-cell=0.1", "--learn-initial-state", "--projection", "4"],
  ])
  func everyOptionIsTaken(options: [String]) throws {
    let folder = try TestFolder()
    let corpus = try folder.beginning(of: "sentiment/train.tsv", lines: 60)
    let result = try Tool.run(folder.training("classifier", on: corpus, options), in: folder)
    #expect(result.code == 0, "\(result.error)")
  }
}
