import ArgumentParser
import ExampleCorpora
import Foundation
import Reel

/// How is it said? Letters in, sounds out, and neither as many as the other: an encoder reads the
/// word, a decoder with attention writes its sounds.
///
/// Trains on the words of `corpora/pronunciation`, or with `--full` on those of the CMU dictionary
/// (`corpora/get cmudict`) without stress; prints the share of test words said wrong by greedy and
/// by beam search, and says words that are given as arguments.
@main
struct GraphemeToPhoneme: ParsableCommand {
  @Flag(help: "The CMU dictionary; about an hour and a quarter of one core.") var full = false
  @Option(help: "Passes over the words.") var epochs: Int?
  @Option(help: "Seed of all that is random.") var seed: UInt64 = 1
  @Argument(help: "Words to say.") var words = ["frost", "bleaches", "marigold"]

  func run() throws {
    let (training, validation, test) = try full ? dictionary() : smallCorpus()
    var configuration = Seq2SeqConfiguration()
    configuration.encoder = EncoderConfiguration(
      hiddenSize: full ? 256 : 64, layers: full ? 2 : 1, dropout: full ? 0.2 : 0)
    configuration.decoderHiddenSize = full ? 512 : 128
    configuration.dropout = full ? 0.4 : 0.2
    var settings = TrainingSettings()
    settings.seed = seed
    settings.epochs = epochs ?? (full ? 18 : 15)
    settings.batch = full ? 128 : 32
    settings.optimizer = OptimizerConfiguration(.adam, learningRate: full ? 1.5e-3 : 3e-3)
    if full {
      settings.schedule = .warmUp(steps: 300, then: .cosine(final: 0))
      settings.labelSmoothing = 0.1
      settings.averaging = 0.999
    }
    let model = try Seq2Seq(
      pairs: training, configuration: configuration, source: .characters, target: .whitespace,
      seed: seed)
    var trainer = try Trainer(
      model, training: training.map(model.example), validation: validation.map(model.example),
      settings: settings)
    try trainer.train { trainer, event in
      guard case .evaluation(let result) = event else { return }
      print(
        "epoch \(trainer.position.epoch): \(percent(result.wordErrorRate)) held-out words wrong")
    }
    let best = trainer.best
    for beam in [1, 5] {
      let result = try best.evaluate(test.map(best.example), TranslationOptions(beam: beam))
      print("beam \(beam): word error rate \(percent(result.wordErrorRate)),", terminator: " ")
      print("phone error rate \(percent(result.tokenErrorRate)) of \(result.sources) words")
    }
    for word in words {
      let answers = try best.translate(word, beam: 5, nBest: 2)
      print("\(word): \(answers.map(\.text).joined(separator: " | "))")
    }
  }

  func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

  typealias Parts = (training: [TextPair], validation: [TextPair], test: [TextPair])

  func smallCorpus() throws -> Parts {
    func read(_ file: String) throws -> [TextPair] {
      try TextPairReader(tsv: MappedFile(ExampleCorpora.committed(file))).records()
    }
    return (try read("pronunciation/train.tsv"), [], try read("pronunciation/test.tsv"))
  }

  /// 90, 5 and 5 percent of the words, each with all its pronunciations in one part. An answer is
  /// right where it is one of them.
  func dictionary() throws -> Parts {
    let path = try ExampleCorpora.fetched("cmudict.tsv", of: "cmudict")
    var words: [[TextPair]] = []
    for var pair in try TextPairReader(tsv: MappedFile(path)).records() {
      pair.target.removeAll { $0.isNumber }  // the stress
      if words.last?.last?.source != pair.source { words.append([]) }
      // Some differ in stress alone.
      if !words[words.count - 1].contains(where: { $0.target == pair.target }) {
        words[words.count - 1].append(pair)
      }
    }
    var generator = RandomGenerator(seed: seed)
    let parts = Splits.parts(count: words.count, fractions: [0.9, 0.05, 0.05], using: &generator)
      .map { part in part.flatMap { words[$0] } }
    return (parts[0], parts[1], parts[2])
  }
}
