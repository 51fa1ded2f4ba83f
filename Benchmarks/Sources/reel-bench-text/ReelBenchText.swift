import ArgumentParser
import Foundation
import Reel

@main
struct ReelBenchText: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reel-bench-text",
    abstract: "Times one text workload in this process, on one thread, and prints JSON.",
    discussion: "peers/tokenizers_peer.py says what each workload is.")

  @Option(help: "encode, whole, train or split.") var task: TextWorkload.Task = .encode
  @Option(help: "byte-bpe, bpe, wordpiece, unigram; for split words or whitespace.")
  var kind = "byte-bpe"
  @Option(help: "A text in UTF-8.") var corpus: String
  @Option(help: "A tokenizer.json, for encode and whole.") var tokenizer: String?
  @Option(help: "Tokens to train.") var vocabulary = 16_000
  @Flag(help: "Encodings with offsets.") var offsets = false
  @Option(help: "At least this many timings.") var repeats = 3
  @Option(help: "And at least this long.") var seconds = 0.0

  func validate() throws {
    guard repeats > 0, vocabulary > 0 else {
      throw ValidationError("repeats and vocabulary must be positive")
    }
    guard tokenizer != nil || task == .train || task == .split else {
      throw ValidationError("\(task.rawValue) needs --tokenizer")
    }
  }

  func run() throws {
    let text = try String(contentsOfFile: corpus, encoding: .utf8)
    let workload = try TextWorkload(
      task: task, kind: kind, text: text, tokenizer: tokenizer, vocabulary: vocabulary,
      offsets: offsets)
    let outcome = try workload.run()
    let clock = ContinuousClock()
    var times: [Double] = []
    let start = clock.now
    while times.count < repeats || clock.now - start < .seconds(seconds) {
      let begin = clock.now
      _ = try workload.run()
      times.append((clock.now - begin) / .milliseconds(1))
    }
    times.sort()
    let median = times[times.count / 2]
    let report = TextReport(
      task: task.rawValue, kind: kind, bytes: text.utf8.count, milliseconds: median,
      minimum: times[0], maximum: times[times.count - 1], repeats: times.count,
      megabytes_per_second: Double(text.utf8.count) / median / 1000, count: outcome.count,
      checksum: outcome.checksum)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    print(String(decoding: try encoder.encode(report), as: UTF8.self))
  }
}

/// What is printed; the names are those of the peer.
struct TextReport: Encodable {
  let task: String
  let kind: String
  let bytes: Int
  let milliseconds: Double
  let minimum: Double
  let maximum: Double
  let repeats: Int
  let megabytes_per_second: Double
  let count: Int
  /// Left out where there is none.
  let checksum: String?
}

extension TextWorkload.Task: ExpressibleByArgument {}
