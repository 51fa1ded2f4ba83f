import Foundation
import Testing

@Suite struct TaskResumeTests {
  private let weights = "/model.safetensors"

  @Test(arguments: ["classifier", "tagger", "seq2seq", "generator"])
  func moreEpochsLaterAreTheSameBytes(task: String) throws {
    let folder = try TestFolder()
    let corpus = try folder.corpus(for: task)
    let constant = ["--schedule", "constant"]
    let straight = try Tool.run(
      folder.training(task, on: corpus, constant + ["--threads", "1"]), in: folder)
    #expect(straight.code == 0, "\(straight.error)")
    let model = try folder.data(task + weights)
    let first = try Tool.run(
      folder.training(task, on: corpus, constant + ["--overwrite", "--epochs", "1"]), in: folder)
    #expect(first.code == 0, "\(first.error)")
    let resumed = try Tool.run(
      folder.training(task, on: corpus, constant + ["--resume", "--threads", "2", "--json"]),
      in: folder)
    #expect(resumed.code == 0 && resumed.error.contains("resumed at step"), "\(resumed.error)")
    #expect(try resumed.json()["epochs"] as? Int == 2)
    #expect(try folder.data(task + weights) == model)
  }

  /// Ctrl-C, and on to the end with the command that standard error gives.
  @Test func stoppedBySignalAndResumed() throws {
    // On a busy machine a short training may be over before the signal comes.
    for epochs in [20, 200, 2000] {
      let folder = try TestFolder()
      let more = ["--epochs", "\(epochs)", "--threads", "1", "--json"]
      let arguments = folder.training(
        "classifier", on: corpusFile("sentiment/train.tsv"), more)
      let process = try ToolProcess(try Tool.path, arguments, in: folder)
      try process.waitForError("epoch 1.00")
      process.signal(SIGINT)
      let stopped = try process.wait()
      if stopped.code == 0 && epochs < 2000 { continue }
      #expect(stopped.code == 130 && stopped.error.contains("To go on:"))
      #expect(try stopped.json()["ended"] as? String == "stopped")
      // To the end would take long where the machine was slow to stop.
      guard epochs == 20 else { return }
      let command = try #require(stopped.errorLines.last)
      let resumed = try Tool.shell(String(command) + " --json", in: folder)
      #expect(resumed.code == 0, "\(resumed.error)")
      #expect(try resumed.json()["ended"] as? String == "finished")
      let model = try folder.data("classifier" + weights)
      #expect(try Tool.run(arguments + ["--overwrite"], in: folder).code == 0)
      #expect(try folder.data("classifier" + weights) == model)
      return
    }
  }

  @Test func whatAResumedTrainingCannotChange() throws {
    let folder = try TestFolder()
    let corpus = try folder.corpus(for: "classifier")
    try folder.trainTask("classifier")
    for (option, value) in [
      ("--hidden", "20"), ("--cell", "gru"), ("--pooling", "mean"), ("--dropout", "0.25"),
      ("--batch", "5"), ("--seed", "9"), ("--optimizer", "sgd"), ("--average", "0.5"),
    ] {
      try Tool.expectError(
        64, value, "cannot change",
        from: folder.training("classifier", on: corpus, ["--resume", option, value]), in: folder)
    }
    let other = try folder.beginning(of: "sentiment/train.tsv", lines: 100)
    try Tool.expectError(
      1, "corpus", from: folder.training("classifier", on: other, ["--resume"]), in: folder)
    try Tool.expectError(
      1, "already holds a model", from: folder.training("classifier", on: corpus), in: folder)
  }

  @Test func anotherKindOfModelTakesThePlaceWhole() throws {
    let folder = try TestFolder()
    try folder.trainTask("tagger")
    let result = try Tool.run(
      folder.training(
        "classifier", on: corpusFile("sentiment/train.tsv"),
        ["--overwrite", "--output", folder.file("tagger")]), in: folder)
    #expect(result.code == 0, "\(result.error)")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.file("tagger")).sorted()
    #expect(
      files == ["checkpoint.safetensors", "config.json", "model.safetensors", "tokenizer.json"])
  }

  @Test func progressIsPlainLinesInAPipeAndABarOnATerminal() throws {
    let folder = try TestFolder()
    let arguments = folder.training("tagger", on: corpusFile("entities/train.txt"))
    let result = try Tool.run(arguments, in: folder)
    #expect(!result.error.contains("\u{1B}") && !result.error.contains("\r"))
    #expect(result.errorLines.filter { $0.contains("held-out span F1") }.count == 2)
    #expect(result.output.contains("held out: span F1") && result.output.contains("2.00 epochs"))
    let shown = try Terminal.run(arguments + ["--overwrite"], in: folder, standardOutput: false)
    #expect(shown.contains("━") && shown.contains("sentences/s"))
  }
}
