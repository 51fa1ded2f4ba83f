import Foundation
import Testing

@Suite struct StopAndResumeTests {
  private let weights = "model.safetensors"

  @Test func theSameBytesWithOneAndTwoThreadsAndInTwoProcesses() throws {
    let folder = try TestFolder.withCorpus()
    for (model, threads) in [("one", "1"), ("two", "2"), ("again", "2")] {
      let result = try Tool.run(folder.training("--threads", threads, model: model), in: folder)
      #expect(result.code == 0)
    }
    let one = try folder.data("one/" + weights)
    #expect(try folder.data("two/" + weights) == one)
    #expect(try folder.data("again/" + weights) == one)
    #expect(try folder.data("one/config.json") == folder.data("two/config.json"))
  }

  @Test func moreEpochsLaterAreTheSameBytes() throws {
    let folder = try TestFolder.withCorpus()
    #expect(try Tool.run(folder.training(model: "straight"), in: folder).code == 0)
    #expect(try Tool.run(folder.training("--epochs", "1"), in: folder).code == 0)
    let resumed = try Tool.run(folder.training("--resume", "--json"), in: folder)
    #expect(resumed.code == 0 && resumed.error.contains("resumed at step"))
    #expect(try resumed.json()["epochs"] as? Int == 2)
    #expect(try folder.data("model/" + weights) == folder.data("straight/" + weights))
  }

  /// Ctrl-C in the middle of an epoch, as often as the training lets it, and on to the end.
  @Test(arguments: [SIGINT, SIGTERM])
  func stoppedBySignalAndResumed(signal: Int32) throws {
    // On a busy machine a short training may be over before the signal comes.
    for epochs in [6, 30, 150] {
      let folder = try TestFolder.withCorpus(sentences: 1500)
      let more = ["--epochs", "\(epochs)", "--evaluate-every", "100", "--json"]
      let process = try ToolProcess(
        try Tool.path, folder.training("--threads", "1") + more, in: folder)
      try process.waitForError("step 100 ")
      process.signal(signal)
      let stopped = try process.wait()
      if stopped.code == 0 && epochs < 150 { continue }
      try checkStopped(stopped, epochs: epochs)

      // The line that standard error gives is a command.
      let command = try #require(stopped.errorLines.last)
      let resumed = try Tool.shell(String(command) + " --json", in: folder)
      #expect(resumed.code == 0, "\(resumed.error)")
      #expect(try resumed.json()["ended"] as? String == "finished")
      #expect(try Tool.run(folder.training(model: "straight") + more, in: folder).code == 0)
      #expect(try folder.data("model/" + weights) == folder.data("straight/" + weights))
      return
    }
  }

  private func checkStopped(_ stopped: ToolResult, epochs: Int) throws {
    #expect(stopped.code == 130)
    #expect(stopped.error.contains("To go on:"))
    let json = try stopped.json()
    #expect(json["ended"] as? String == "stopped")
    #expect(try #require(json["epochs"] as? Double) < Double(epochs))
  }

  @Test func theSecondSignalQuitsAtOnce() throws {
    let folder = try TestFolder.withCorpus(sentences: 1500)
    // One step of this takes long: the first signal waits for it.
    let process = try ToolProcess(
      try Tool.path,
      [
        "train", "language-model", "--corpus", folder.file("text"), "--output",
        folder.file("model"), "--hidden", "512", "--batch", "4", "--window", "8000", "--threads",
        "1",
      ], in: folder)
    try process.waitForError("parameters")
    process.signal(SIGINT)
    usleep(20_000)
    process.signal(SIGINT)
    #expect(try process.wait().code == 130)
  }
}
