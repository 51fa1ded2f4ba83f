import Foundation
import Testing

/// What the trainings and answers of tasks make of files and folders that they cannot use.
@Suite struct TaskInputTests {
  /// Corpora that nothing can be learned from, and what is said of them.
  @Test(arguments: [
    ("classifier", "", ["is empty"]),
    ("classifier", "\n\n", ["holds no examples"]),
    ("classifier", "good\tyes\ngood\tno\n", ["good", "at least 2"]),
    ("classifier", "one column\n", ["column 2"]),
    ("classifier", "a\tb\nc\n", ["line 2", "1 column"]),
    ("classifier", "a\tb\n\tc\n", ["line 2", "label is empty"]),
    ("tagger", "", ["is empty"]),
    ("tagger", "\n\n", ["holds no examples"]),
    ("tagger", "Ida\nHolm\n", ["line 1", "1 column"]),
    ("tagger", "Ida O\nHolm O\n", ["O", "2"]),
    ("tagger", "Ida B-PER\nHolm\n", ["line 2", "1 column"]),
    ("seq2seq", "", ["is empty"]),
    ("seq2seq", "\n", ["holds no examples"]),
    ("seq2seq", "a\tb\n\tc\n", ["line 2", "empty"]),
    ("seq2seq", "a\tb\nc\t\n", ["line 2", "empty"]),
    ("generator", "", ["is empty"]),
    ("generator", "a\tb\nc\n", ["line 2"]),
  ])
  func corpora(task: String, text: String, words: [String]) throws {
    let folder = try TestFolder()
    let file = try folder.write(text.utf8, to: "corpus.txt")
    let arguments = folder.training(task, on: file, ["--validation-fraction", "0"])
    let result = try Tool.run(arguments, in: folder)
    #expect(
      result.code == 1 && result.output == "" && result.errorLines.count == 1, "\(result.error)")
    for word in ["corpus.txt"] + words {
      #expect(result.error.contains(word), "\(word): \(result.error)")
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file(task)))
  }

  /// Labels and tags that training has not seen.
  @Test(arguments: [
    ("classifier", "positive\tFine.\nneutral\tSo so.\n", ["line 2", "\"neutral\"", "positive"]),
    ("tagger", "Ida B-PER\n\nMars B-PLANET\n", ["line 3", "B-PLANET"]),
    ("generator", "plural\tThe cats\ndual\tA pair\n", ["line 2", "\"dual\"", "plural"]),
  ])
  func unknownLabels(task: String, text: String, words: [String]) throws {
    let folder = try TestFolder()
    let model = try folder.trainTask(task)
    let file = try folder.write(text.utf8, to: "other.txt")
    let corpus = try folder.corpus(for: task)
    for arguments in [
      ["evaluate", "--model", model, "--corpus", file],
      folder.training(task, on: corpus, ["--overwrite", "--validation", file]),
    ] {
      let result = try Tool.run(arguments, in: folder)
      #expect(
        result.code == 1 && result.output == "" && result.errorLines.count == 1,
        "\(result.error)")
      for word in ["other.txt"] + words {
        #expect(result.error.contains(word), "\(word): \(result.error)")
      }
    }
  }

  @Test func modelsOfTheWrongKind() throws {
    let folder = try TestFolder()
    let text = try folder.write("a b\n".utf8, to: "text")
    for task in ["classifier", "tagger"] {
      let model = try folder.trainTask(task)
      let title = task == "tagger" ? "a sequence tagger" : "a text classifier"
      var commands: [[String]] = [
        ["translate", "--model", model, text], ["generate", "--model", model],
        folder.training("seq2seq", on: text, ["--resume", "--output", model]),
      ]
      commands.append([task == "tagger" ? "classify" : "tag", "--model", model, text])
      for command in commands {
        try Tool.expectError(1, model, title, "is expected", from: command, in: folder)
      }
    }
    for command in ["classify", "tag", "translate"] {
      try Tool.expectError(
        1, "no model folder", from: [command, "--model", folder.file("none"), text], in: folder)
      try Tool.expectError(64, "--model", from: [command, text], in: folder)
    }
  }

  @Test func inputsThatAreMissing() throws {
    let folder = try TestFolder()
    let model = try folder.trainTask("classifier")
    try Tool.expectError(
      1, "does not exist", from: ["classify", "--model", model, folder.file("none")], in: folder)
    try Tool.expectError(
      1, "cannot be read", from: ["classify", "--model", model, folder.path], in: folder)
    try Tool.expectError(
      1, "does not exist",
      from: folder.training("tagger", on: folder.file("none")), in: folder)
  }

  @Test(arguments: [
    ("classifier", ["--dropout", "1"]), ("classifier", ["--hidden", "0"]),
    ("classifier", ["--pooling", "median"]), ("classifier", ["--directions", "up"]),
    ("classifier", ["--validation-fraction", "1"]), ("classifier", ["--average", "1"]),
    ("classifier", ["--patience", "1", "--validation-fraction", "0"]),
    ("classifier", ["--resume", "--overwrite"]), ("classifier", ["--threads", "0"]),
    ("classifier", ["--projection", "4", "--cell", "gru"]),
    ("tagger", ["--character-hidden", "-1"]), ("tagger", ["--scheme", "bio"]),
    ("tagger", ["--tag-column", "0"]), ("tagger", ["--vector-limit", "3"]),
    ("seq2seq", ["--attention", "self"]), ("seq2seq", ["--teacher-forcing", "2"]),
    ("seq2seq", ["--decoder-layers", "0"]), ("generator", ["--conditioning", "never"]),
    ("generator", ["--validation", "x", "--validation-fraction", "0.5"]),
  ])
  func argumentsOutOfRange(task: String, options: [String]) throws {
    let folder = try TestFolder()
    let corpus = try folder.corpus(for: task)
    try Tool.expectError(64, from: folder.training(task, on: corpus, options), in: folder)
    #expect(!FileManager.default.fileExists(atPath: folder.file(task)))
  }

  @Test(arguments: [
    ["tag", "--n-best", "0"], ["tag", "--n-best", "2", "--confidence"], ["tag", "--format", "xml"],
    ["tag", "--input", "xml"], ["tag", "--token-column", "0"], ["translate", "--beam", "0"],
    ["translate", "--beam", "2", "--n-best", "3"], ["translate", "--attention"],
    ["translate", "--length-normalization", "-1"], ["classify", "--threads", "0"],
  ])
  func answersThatAreAskedForWrongly(arguments: [String]) throws {
    try Tool.expectError(64, from: arguments + ["--model", "none"], in: try TestFolder())
  }

  @Test func aReaderThatLeavesIsNoError() throws {
    let folder = try TestFolder()
    let model = try folder.trainTask("classifier")
    let text = try folder.write(
      String(repeating: "It was good.\n", count: 20_000).utf8, to: "text")
    let result = try Tool.shell(
      "\"$REEL\" classify --model '\(model)' '\(text)' | head -n 1", in: folder)
    #expect(result.code == 0 && result.error == "" && result.outputLines.count == 1)
  }
}
