import Foundation
import Testing

@Suite struct BadInputTests {
  @Test(arguments: [
    ("--hidden", "0"), ("--hidden", "-3"), ("--hidden", "nan"), ("--layers", "0"),
    ("--embedding", "-1"), ("--dropout", "nan"), ("--dropout", "1"), ("--recurrent-dropout", "-1"),
    ("--batch", "0"), ("--window", "-1"), ("--epochs", "0"), ("--minutes", "nan"),
    ("--minutes", "0"), ("--minutes", "inf"), ("--learning-rate", "0"), ("--learning-rate", "-1"),
    ("--learning-rate", "nan"), ("--clip-norm", "0"), ("--clip-norm", "nan"),
    ("--clip-value", "-2"), ("--label-smoothing", "1"), ("--validation-fraction", "nan"),
    ("--validation-fraction", "1"), ("--evaluate-every", "-5"), ("--patience", "0"),
    ("--warm-up", "-1"), ("--threads", "0"), ("--threads", "-2"), ("--seed", "-1"),
    ("--cell", "transformer"), ("--optimizer", "magic"), ("--tokens", "syllables"),
    ("--schedule", "none"), ("--no-such-option", "1"), ("--final-rate", "0.1"),
    ("--decay-every", "10"), ("--weight-decay", "nan"),
  ])
  func argumentsOutOfRange(option: String, value: String) throws {
    let folder = try TestFolder.withCorpus()
    let arguments = folder.training(option, value)
    try Tool.expectError(64, from: arguments, in: folder)
    // The line quotes what came.
    let line = try Tool.run(arguments, in: folder).error
    #expect(line.contains(value) || line.contains(option), "\(line)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("model")))
  }

  @Test func argumentsThatAreMissing() throws {
    let folder = try TestFolder()
    try Tool.expectError(64, "--corpus", from: ["train", "language-model"], in: folder)
    try Tool.expectError(64, "--model", from: ["generate"], in: folder)
    try Tool.expectError(64, "folder", from: ["describe"], in: folder)
    try Tool.expectError(64, "bogus", from: ["bogus"], in: folder)
  }

  @Test func corpora() throws {
    let folder = try TestFolder.withCorpus()
    func expect(_ words: String..., bytes: [UInt8]?, _ more: String...) throws {
      if let bytes { try folder.write(bytes, to: "text") }
      let result = try Tool.run(folder.training() + more, in: folder)
      #expect(result.code == 1 && result.errorLines.count == 1, "\(result.error)")
      for word in words { #expect(result.error.contains(word), "\(result.error)") }
    }
    try FileManager.default.removeItem(atPath: folder.file("text"))
    try expect("text", "does not exist", bytes: nil)
    try expect("empty", bytes: [])
    try expect("window of 16", bytes: Array(repeating: 65, count: 60))
    try expect("validation fraction", bytes: [65])
    let broken = Array(sampleText().utf8) + [0xFF]
    try expect("line 121", "0xFF", "--tokens bytes", bytes: broken)
    try FileManager.default.removeItem(atPath: folder.file("text"))
    try FileManager.default.createDirectory(
      atPath: folder.file("text"), withIntermediateDirectories: true)
    try expect("directory", bytes: nil)
    #expect(!FileManager.default.fileExists(atPath: folder.file("model")))
    try FileManager.default.removeItem(atPath: folder.file("text"))
    try folder.write(broken, to: "text")
    #expect(try Tool.run(folder.training("--tokens", "bytes"), in: folder).code == 0)
  }

  @Test func outputs() throws {
    let folder = try TestFolder.withCorpus()
    try folder.train()
    let before = try folder.data("model/model.safetensors")
    try Tool.expectError(
      1, "already holds a model", "--resume", "--overwrite", from: folder.training(), in: folder)
    try Tool.expectError(
      64, "--resume and --overwrite", from: folder.training("--resume", "--overwrite"), in: folder)
    try Tool.expectError(1, "is a file", from: folder.training(model: "text"), in: folder)
    try Tool.expectError(
      1, "Not a directory", from: folder.training(model: "text/model"), in: folder)
    try Tool.expectError(
      1, "no model folder", from: folder.training("--resume", model: "x"), in: folder)
    #expect(try folder.data("model/model.safetensors") == before)
    try folder.train("--overwrite", "--hidden", "12")
    #expect(try folder.data("model/model.safetensors") != before)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.file("model")).count == 4)
  }

  @Test func whatAResumedTrainingCannotChange() throws {
    let folder = try TestFolder.withCorpus()
    try folder.train()
    for (option, value) in [
      ("--hidden", "20"), ("--cell", "gru"), ("--layers", "3"), ("--tokens", "bytes"),
      ("--embedding", "0"), ("--dropout", "0.5"), ("--batch", "5"), ("--window", "8"),
      ("--seed", "9"), ("--optimizer", "sgd"), ("--validation-fraction", "0.2"),
    ] {
      try Tool.expectError(
        64, option, value, "cannot change", from: folder.training("--resume", option, value),
        in: folder)
    }
    try folder.write(sampleText(121).utf8, to: "text")
    try Tool.expectError(1, "corpus", from: folder.training("--resume"), in: folder)
  }

  @Test func modelFolders() throws {
    let folder = try TestFolder.withCorpus()
    try folder.train()
    let model = folder.file("model")
    func commands(_ path: String) -> [[String]] {
      [
        ["generate", "--model", path, "--length", "5"],
        ["evaluate", "--model", path, "--corpus", folder.file("text")], ["describe", path],
      ]
    }
    for command in commands(folder.file("none")) {
      try Tool.expectError(1, "no model folder", from: command, in: folder)
    }
    let config = String(decoding: try folder.data("model/config.json"), as: UTF8.self)
    try folder.write(
      config.replacingOccurrences(of: "\"version\" : 1", with: "\"version\" : 2").utf8,
      to: "model/config.json")
    for command in commands(model) {
      try Tool.expectError(1, "version 2", from: command, in: folder)
    }
    try folder.write(config.utf8, to: "model/config.json")
    let weights = try folder.data("model/model.safetensors")
    try folder.write(weights.dropLast(100), to: "model/model.safetensors")
    for command in commands(model) {
      try Tool.expectError(1, "model.safetensors", from: command, in: folder)
    }
  }

  @Test(arguments: [
    ["--length", "-1"], ["--temperature", "-1"], ["--temperature", "nan"], ["--top-k", "0"],
    ["--top-p", "0"], ["--top-p", "1.1"], ["--greedy", "--top-k", "2"], ["--threads", "0"],
  ])
  func sampling(arguments: [String]) throws {
    try Tool.expectError(
      64, from: ["generate", "--model", "none"] + arguments, in: try TestFolder())
  }

  @Test func evaluationOfWhatIsNoText() throws {
    let folder = try TestFolder.withCorpus()
    try folder.train()
    try folder.write([0x41, 0xC3, 0x28], to: "text")
    try Tool.expectError(
      1, "not UTF-8", "offset 1",
      from: ["evaluate", "--model", folder.file("model"), "--corpus", folder.file("text")],
      in: folder)
  }

  /// A limit on the size of files stands for a full disk: the write fails half-way.
  @Test func aFullDiskLosesNothing() throws {
    let folder = try TestFolder.withCorpus()
    try folder.train()
    let files = ["config.json", "model.safetensors", "tokenizer.json", "checkpoint.safetensors"]
    let before = try files.map { try folder.data("model/" + $0) }
    for change in ["--resume --epochs 3", "--overwrite --hidden 24 --seed 2"] {
      let words = folder.training().joined(separator: " ")
      let result = try Tool.shell("ulimit -f 8; \"$REEL\" \(words) \(change)", in: folder)
      #expect(result.code == 1)
      let last = try #require(result.errorLines.last)
      #expect(last.hasPrefix("Error: cannot write") && last.contains("too large"), "\(last)")
      #expect(try files.map { try folder.data("model/" + $0) } == before)
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.file("model")).sorted()
      #expect(left == files.sorted())
    }
    try folder.train("--resume", "--epochs", "3")
  }
}
