import Foundation
import Testing

/// A file of the corpora that are part of the project.
func corpusFile(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("corpora/\(name)").path
}

extension TestFolder {
  /// The first lines of a corpus, in a file of this folder.
  func beginning(of corpus: String, lines: Int) throws -> String {
    let text = try String(contentsOfFile: corpusFile(corpus), encoding: .utf8)
    let first = text.split(separator: "\n", omittingEmptySubsequences: false).prefix(lines)
    return try write(
      (first.joined(separator: "\n") + "\n").utf8,
      to: corpus.replacingOccurrences(of: "/", with: "-"))
  }

  /// Arguments of a training that takes well under a second, into a folder of the task's name.
  func training(_ task: String, on corpus: String, _ more: [String] = []) -> [String] {
    ["train", task, "--corpus", corpus, "--output", file(task)] + Self.small(task) + more
  }

  private static func small(_ task: String) -> [String] {
    switch task {
    case "classifier":
      ["--hidden", "8", "--embedding", "8", "--epochs", "2", "--learning-rate", "0.01"]
    case "tagger":
      [
        "--hidden", "8", "--embedding", "8", "--character-embedding", "4", "--character-hidden",
        "4", "--epochs", "2", "--learning-rate", "0.02",
      ]
    case "seq2seq":
      [
        "--source-tokens", "characters", "--target-tokens", "characters", "--hidden", "8",
        "--embedding", "8", "--decoder-hidden", "16", "--epochs", "2",
      ]
    default: ["--hidden", "16", "--embedding", "8", "--epochs", "2"]
    }
  }

  /// Trains a model of a task on the corpus that is part of the project; its folder.
  @discardableResult
  func trainTask(_ task: String, _ more: String...) throws -> String {
    let result = try Tool.run(training(task, on: try corpus(for: task), more), in: self)
    try #require(result.code == 0, "\(result.error)")
    return file(task)
  }

  /// A small corpus for a task.
  func corpus(for task: String) throws -> String {
    switch task {
    case "classifier": corpusFile("sentiment/train.tsv")
    case "tagger": corpusFile("entities/train.txt")
    case "seq2seq": try beginning(of: "dates/train.tsv", lines: 120)
    default: try beginning(of: "agreement/train.tsv", lines: 200)
    }
  }
}

extension ToolProcess {
  /// Starts the tool with a named pipe that it reads, and the end to write into.
  static func reading(
    pipe arguments: (String) -> [String], in folder: TestFolder
  ) throws -> (process: ToolProcess, pipe: FileHandle) {
    let path = folder.file("pipe-\(UUID().uuidString)")
    try #require(mkfifo(path, 0o600) == 0)
    let process = try ToolProcess(try Tool.path, arguments(path), in: folder)
    return (process, try #require(FileHandle(forWritingAtPath: path)))
  }
}
