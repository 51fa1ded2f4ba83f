import ArgumentParser
import ExampleCorpora
import Foundation
import Reel

/// Who, where, which firm? One tag for each word: names of persons, places, organizations.
///
/// Trains on the news items of `corpora/entities`, or with `--full` on those of CoNLL-2003
/// (`corpora/get conll2003`); prints precision, recall and F1 of each type on the test sentences,
/// and tags a sentence.
@main
struct EntityTagging: ParsableCommand {
  @Flag(help: "CoNLL-2003; about 20 minutes on one core.") var full = false
  @Option(help: "Passes over the sentences.") var epochs: Int?
  @Option(help: "Seed of all that is random.") var seed: UInt64 = 1
  @Argument(help: "A sentence to tag.")
  var sentence = "Ida Holm left Bergen for the Harbour Museum in Lisbon."

  func run() throws {
    let training = try read("train.txt")
    let test = try read("test.txt")
    let validation = full ? try read("valid.txt") : []
    var configuration = SequenceTaggerConfiguration()
    var settings = TrainingSettings()
    settings.seed = seed
    settings.batch = full ? 32 : 8
    settings.epochs = epochs ?? (full ? 30 : 40)
    settings.optimizer = OptimizerConfiguration(.adam, learningRate: full ? 1e-3 : 3e-3)
    if !full { configuration.encoder.hiddenSize = 50 }

    let tagger = try SequenceTagger(training: training, configuration: configuration, seed: seed)
    var trainer = try Trainer(
      tagger, training: training.map(tagger.example), validation: validation.map(tagger.example),
      settings: settings)
    try trainer.train { trainer, event in
      if case .evaluation(let result) = event {
        print(String(format: "epoch %2d: %.2f", trainer.position.epoch, 100 * result.score))
      }
    }
    let best = trainer.best
    var scores = SpanScores()
    for (sentence, tags) in zip(test, best.tag(test.map(\.tokens))) {
      scores.add(gold: sentence.tags, predicted: tags)
    }
    print(scores.report)
    print(sentence)
    for span in best.tag(text: sentence, confidence: true).spans {
      let percent = String(format: "%3.0f %%", 100 * (span.probability ?? 0))
      print("  \(span.label) \(percent)  \(span.text)")
    }
  }

  func read(_ file: String) throws -> [TaggedSentence] {
    let path =
      try full
      ? ExampleCorpora.fetched("conll2003/\(file)", of: "conll2003")
      : ExampleCorpora.committed("entities/\(file)")
    return try ConllReader(MappedFile(path)).records()
  }
}
