import Foundation
import Reel
import Testing

@Suite struct ConvertTests {
  /// Every kind of model is read and used as before, with other weights.
  @Test(
    arguments: ["classifier", "tagger", "seq2seq", "generator"], [WeightFormat.bfloat16, .int8])
  func convertedModelsAnswer(task: String, format: WeightFormat) throws {
    let folder = try TestFolder()
    let corpus = try folder.corpus(for: task)
    let trained = try Tool.run(folder.training(task, on: corpus), in: folder)
    #expect(trained.code == 0, "\(trained.error)")
    let (model, output) = (folder.file(task), folder.file("converted"))
    let convert = ["convert", "--model", model, "--weights", format.rawValue, "--output", output]
    let result = try Tool.run(convert + ["--json"], in: folder).json()
    #expect(result["weights"] as? String == format.rawValue)
    let before = try #require(result["bytes_before"] as? Int)
    let after = try #require(result["bytes_after"] as? Int)
    let weights = try #require(result["weights_converted"] as? Int)
    let matrices = try #require(result["matrices"] as? Int)
    #expect(weights > 0 && matrices > 1 && after < before)
    if format == .bfloat16 { #expect(abs(before - 2 * weights - after) <= 16) }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: output).allSatisfy {
        $0 != ModelFolder.checkpointName
      })

    let evaluate = ["evaluate", "--corpus", corpus, "--json", "--model"]
    let first = try Tool.run(evaluate + [model], in: folder).json()
    let second = try Tool.run(evaluate + [output], in: folder)
    #expect(second.code == 0, "\(second.error)")
    let (loss, other) = (first["loss"] as? Double, try second.json()["loss"] as? Double)
    if let loss, let other {
      #expect(loss != other && abs(loss - other) < 0.05 * loss)
    }
    let described = try Tool.run(["describe", output], in: folder)
    #expect(described.code == 0 && described.output.contains("weights in \(format.rawValue)"))
  }

  @Test func aLanguageModelGenerates() throws {
    let folder = try TestFolder.withCorpus()
    try folder.train()
    let (model, output) = (folder.file("model"), folder.file("small"))
    let line = try Tool.run(
      ["convert", "--model", model, "--weights", "int8", "--output", output], in: folder)
    #expect(line.code == 0 && line.outputLines.count == 1 && line.output.contains(" as int8, "))
    let text = try Tool.run(
      ["generate", "--model", output, "--prompt", "the ", "--length", "20", "--seed", "1"],
      in: folder)
    #expect(text.code == 0 && text.output.count > 20, "\(text.error)")

    func weights(_ folder: String) throws -> Data {
      try Data(contentsOf: URL(fileURLWithPath: folder + "/model.safetensors"))
    }
    // In place of another model nothing of that one stays.
    try "{}".write(
      toFile: output + "/" + ModelFolder.checkpointName, atomically: true, encoding: .utf8)
    try "{}".write(toFile: output + "/words.json", atomically: true, encoding: .utf8)
    let before = try weights(output)
    let replaced = try Tool.run(
      ["convert", "--model", model, "--weights", "int8", "--output", output, "--overwrite"],
      in: folder)
    #expect(replaced.code == 0, "\(replaced.error)")
    #expect(try weights(output) == before)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: output).sorted()
        == ["config.json", "model.safetensors", "tokenizer.json"])

    // Back: what is left of the weights, in Floats.
    let back = folder.file("back")
    _ = try Tool.run(
      ["convert", "--model", output, "--weights", "float32", "--output", back], in: folder)
    let again = try Tool.run(
      ["convert", "--model", back, "--weights", "int8", "--output", folder.file("again")],
      in: folder)
    #expect(again.code == 0)
    #expect(try weights(output) == weights(folder.file("again")))
  }

  @Test func mistakes() throws {
    let folder = try TestFolder.withCorpus()
    try folder.train()
    let model = folder.file("model")
    func convert(_ output: String, _ more: String...) -> [String] {
      ["convert", "--model", model, "--weights", "int8", "--output", output] + more
    }
    try Tool.expectError(
      1, "already holds a model", "--overwrite", from: convert(model), in: folder)
    try Tool.expectError(
      1, "is the model itself", "another folder",
      from: convert(model + "/../model/", "--overwrite"), in: folder)
    try Tool.expectError(
      64, "int4", "bf16",
      from: ["convert", "--model", model, "--weights", "int4", "--output", "x"],
      in: folder)
    try Tool.expectError(
      1, "there is no model folder", "nothing",
      from: ["convert", "--model", "nothing", "--weights", "int8", "--output", "x"], in: folder)
  }
}
