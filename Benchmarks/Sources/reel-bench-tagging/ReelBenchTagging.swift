import ArgumentParser
import Foundation
import Reel

@main
struct ReelBenchTagging: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reel-bench-tagging",
    abstract: "Times tagging in this process and prints JSON.",
    discussion: """
      prepare writes an untrained tagger for the sentences of --corpus to --model; its weights do \
      not matter for its speed. tag reads sentences and tagger, and times one call that tags them \
      all, from strings to strings.
      """)

  enum Task: String, ExpressibleByArgument { case prepare, tag }

  @Option(help: "prepare or tag.") var task = Task.tag
  @Option(help: "Tagged sentences in CoNLL columns.") var corpus: String
  @Option(help: "The folder of the tagger.") var model: String
  @Option(help: "For prepare: units of each direction.") var hidden = 256
  @Option(help: "For prepare: layers.") var layers = 1
  @Option(help: "Most sentences to tag.") var sentences = 10_000
  @Option(help: "Threads, all processors without it.") var threads: Int?
  @Option(help: "Of large products: highest, high or medium.")
  var precision = ProductPrecision.highest
  @Option(help: "How the tagger holds its weights: float32, bf16 or int8.")
  var weights = WeightFormat.float32
  @Option(help: "At least this many timings.") var repeats = 3
  @Option(help: "And at least this long.") var seconds = 0.0
  @Option(help: "A file to write the tags to, one a line.") var tags: String?
  @Flag(help: "Print JSON; it is always printed.") var json = false

  func validate() throws {
    guard hidden > 0, layers > 0, sentences > 0, repeats > 0, threads ?? 1 > 0 else {
      throw ValidationError(
        "hidden, layers, sentences, repeats and threads must be positive")
    }
  }

  func run() throws {
    let all = try ConllReader(MappedFile(corpus)).records()
    guard task == .tag else {
      try prepare(all)
      return
    }
    var tagger = try SequenceTagger(folder: model)
    if weights != .float32 { try tagger.network.convertWeights(to: weights) }
    let sentences = all.prefix(sentences).map(\.tokens)
    let report = try ProductPrecision.with(precision) {
      try Threads.with(threads ?? Threads.count) { try measure(tagger, sentences) }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    print(String(decoding: try encoder.encode(report), as: UTF8.self))
  }

  private func prepare(_ sentences: [TaggedSentence]) throws {
    var configuration = SequenceTaggerConfiguration()
    configuration.encoder = EncoderConfiguration(hiddenSize: hidden, layers: layers)
    try SequenceTagger(training: sentences, configuration: configuration, seed: 1).save(to: model)
  }

  private func measure(_ tagger: SequenceTagger, _ sentences: [[String]]) throws -> TaggingReport {
    let clock = ContinuousClock()
    let result = tagger.tag(sentences)
    if let tags {
      let lines = result.joined().map { $0 + "\n" }.joined()
      try lines.write(toFile: tags, atomically: true, encoding: .utf8)
    }
    var times: [Double] = []
    let start = clock.now
    while times.count < repeats || clock.now - start < .seconds(seconds) {
      let begin = clock.now
      _ = tagger.tag(sentences)
      times.append((clock.now - begin) / .milliseconds(1))
    }
    times.sort()
    let median = times[times.count / 2]
    let tokens = sentences.reduce(0) { $0 + $1.count }
    return TaggingReport(
      sentences: sentences.count, tokens: tokens, parameters: tagger.network.parameterCount,
      threads: Threads.count, precision: precision.rawValue, weights: weights.rawValue,
      milliseconds: median,
      minimum: times[0], maximum: times[times.count - 1], repeats: times.count,
      sentences_per_second: Double(sentences.count) / median * 1000,
      tokens_per_second: Double(tokens) / median * 1000)
  }
}

extension ProductPrecision: @retroactive ExpressibleByArgument {}
extension WeightFormat: @retroactive ExpressibleByArgument {}

/// What is printed; the names are those of the peer.
struct TaggingReport: Encodable {
  let sentences: Int
  let tokens: Int
  let parameters: Int
  let threads: Int
  let precision: String
  let weights: String
  let milliseconds: Double
  let minimum: Double
  let maximum: Double
  let repeats: Int
  let sentences_per_second: Double
  let tokens_per_second: Double
}
