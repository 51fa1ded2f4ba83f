import Foundation
import Testing

/// `--cell tcn` in every training, and the character CNN of the tagger.
@Suite struct TCNTests {
  private static let tcn = ["--cell", "tcn", "--kernel", "2", "--layers", "2"]

  @Test(arguments: ["classifier", "tagger", "seq2seq", "generator"])
  func trainsDescribesAndResumes(task: String) throws {
    let folder = try TestFolder()
    let corpus = try folder.corpus(for: task)
    var more = Self.tcn + ["--schedule", "constant"]
    if task == "generator" { more += ["--conditioning", "every-step"] }
    let straight = try Tool.run(
      folder.training(task, on: corpus, more + ["--threads", "1"]), in: folder)
    #expect(straight.code == 0, "\(straight.error)")
    let path = task + "/model.safetensors"
    let model = try folder.data(path)

    let size = task == "generator" ? 16 : 8
    let described = try Tool.run(["describe", folder.file(task)], in: folder).output
    #expect(described.contains("tcn 2×\(size) kernel 2 (sees 7 steps)"), "\(described)")
    #expect(described.contains("network.1.conv2") && !described.contains("weight_g"))
    let json = try Tool.run(["describe", "--json", folder.file(task)], in: folder).json()
    #expect(json["receptive_field"] as? Int == 7)

    let first = try Tool.run(
      folder.training(task, on: corpus, more + ["--overwrite", "--epochs", "1"]), in: folder)
    #expect(first.code == 0, "\(first.error)")
    try Tool.expectError(
      64, "5", "cannot change",
      from: folder.training(task, on: corpus, ["--resume", "--kernel", "5"]), in: folder)
    let resumed = try Tool.run(
      folder.training(task, on: corpus, more + ["--resume", "--threads", "3"]), in: folder)
    #expect(resumed.code == 0, "\(resumed.error)")
    #expect(try folder.data(path) == model)
  }

  @Test(arguments: [[], ["--embedding", "0"], ["--tie-weights", "--dilation-base", "3"]])
  func languageModel(more: [String]) throws {
    let folder = try TestFolder.withCorpus()
    let arguments = folder.training() + Self.tcn + more
    let trained = try Tool.run(arguments + ["--threads", "1"], in: folder)
    #expect(trained.code == 0, "\(trained.error)")
    let model = try folder.data("model/model.safetensors")
    let field = more.contains("3") ? 9 : 7
    let described = try Tool.run(["describe", folder.file("model")], in: folder).output
    #expect(described.contains("each from the last \(field) characters"), "\(described)")
    #expect(described.contains("tcn.network.1") && described.contains("[B, T, 16]"))
    let json = try Tool.run(["describe", "--json", folder.file("model")], in: folder).json()
    #expect(json["receptive_field"] as? Int == field)
    let write = ["generate", "--model", folder.file("model"), "--seed", "3", "--length", "40"]
    let text = try Tool.run(write + ["--prompt", "The miller"], in: folder)
    #expect(text.code == 0 && text.output.hasPrefix("The miller") && text.output.count > 40)

    #expect(try Tool.run(arguments + ["--overwrite", "--epochs", "1"], in: folder).code == 0)
    for (option, value) in [("--kernel", "4"), ("--dilation-base", "7"), ("--cell", "gru")] {
      try Tool.expectError(
        64, value, "cannot change", from: folder.training("--resume", option, value), in: folder)
    }
    let resumed = try Tool.run(arguments + ["--resume", "--threads", "2"], in: folder)
    #expect(resumed.code == 0, "\(resumed.error)")
    #expect(try folder.data("model/model.safetensors") == model)
  }

  @Test(arguments: [
    ("classifier", ["--kernel", "5"], "kernel size 5 for the cell 'lstm'"),
    ("classifier", ["--cell", "tcn", "--directions", "backward"], "directions backward"),
    ("classifier", ["--cell", "tcn", "--zoneout", "0.1"], "zoneout 0.1 for the cell 'tcn'"),
    ("classifier", ["--cell", "tcn", "--projection", "4"], "projection to 4"),
    ("classifier", ["--cell", "tcn", "--kernel", "0"], "kernel size 0"),
    ("classifier", ["--cell", "tcn", "--layers", "30"], "receptive field"),
    ("tagger", ["--cell", "tcn", "--learn-initial-state"], "a learned initial state"),
    ("tagger", ["--character-encoder", "gru"], "character-encoder"),
    ("seq2seq", ["--dilation-base", "0"], "dilation base 0"),
    ("generator", ["--cell", "tcn"], "every-step"),
    ("generator", ["--cell", "tcn", "--recurrent-dropout", "0.5"], "recurrent dropout 0.5"),
  ])
  func whatDoesNotGo(task: String, options: [String], words: String) throws {
    let folder = try TestFolder()
    let corpus = try folder.corpus(for: task)
    try Tool.expectError(64, words, from: folder.training(task, on: corpus, options), in: folder)
  }

  @Test func charactersThroughACNN() throws {
    let folder = try TestFolder()
    let model = try folder.trainTask("tagger", "--character-encoder", "cnn", "--cell", "gru")
    let described = try Tool.run(["describe", model], in: folder).output
    #expect(described.contains("characters cnn 4"), "\(described)")
    #expect(described.contains("characters.convolution"))
    let text = try folder.write("Ida Holm lives in Siena.\n".utf8, to: "text")
    let tagged = try Tool.run(["tag", "--model", model, text], in: folder)
    #expect(tagged.code == 0 && tagged.error == "" && tagged.outputLines.count == 1)
    for (options, words) in [
      (["--character-encoder", "lstm"], "cannot change"),
      (["--kernel", "5"], "for the cell 'gru'"),
    ] {
      try Tool.expectError(
        64, words,
        from: folder.training(
          "tagger", on: corpusFile("entities/train.txt"), ["--resume"] + options), in: folder)
    }
  }
}
