import ArgumentParser
import ExampleCorpora
import Foundation
import Reel

/// Praise or complaint? Many words in, one label out.
///
/// Trains on the sentences of `corpora/sentiment`, prints how it does on others and what it says
/// about sentences that are given as arguments. With `--full` it is validated tenfold on
/// the film reviews of `corpora/get movie-snippets`: ten trainings, each tested on another tenth.
@main
struct SentimentClassification: ParsableCommand {
  @Flag(help: "Film reviews, tenfold.") var full = false
  @Option(help: "Passes over the sentences.") var epochs: Int?
  @Option(help: "Seed of all that is random.") var seed: UInt64 = 1
  @Argument(help: "Sentences to judge.") var sentences = [
    "The guide was patient and very funny.", "The soup was cold and nobody cared.",
  ]

  func run() throws {
    let model = try full ? filmReviews() : smallCorpus()
    for (sentence, answer) in zip(sentences, model.classify(sentences)) {
      let percent = String(format: "%.0f %%", 100 * answer.probability)
      print("\(answer.label) (\(percent)): \(sentence)")
    }
  }

  /// Of the sentences made from patterns a tenth is held out: they tell whether the patterns were
  /// learned. The sentences written by hand are harder: a third of their words is new.
  func smallCorpus() throws -> TextClassifier {
    let patterns = try read(ExampleCorpora.committed("sentiment/patterns.tsv"))
    var generator = RandomGenerator(seed: seed)
    let parts = Splits.parts(count: patterns.count, fractions: [0.9, 0.1], using: &generator)
    let training = try read(ExampleCorpora.committed("sentiment/train.tsv"))
    let model = try train(training + parts[0].map { patterns[$0] }, epochs: epochs ?? 10)
    let byHand = try read(ExampleCorpora.committed("sentiment/test.tsv"))
    for (name, test) in [("patterns", parts[1].map { patterns[$0] }), ("by hand", byHand)] {
      let evaluation = try model.evaluate(test.map(model.example))
      let percent = String(format: "%.1f %%", 100 * evaluation.accuracy)
      print("accuracy, \(name): \(percent) of \(test.count) sentences")
    }
    return model
  }

  /// Cross-validation: every sentence is tested once, by the model that has not seen it.
  func filmReviews() throws -> TextClassifier {
    let texts = try read(
      ExampleCorpora.fetched("movie-snippets/movie-snippets.tsv", of: "movie-snippets"))
    let configuration = TextClassifierConfiguration(
      encoder: EncoderConfiguration(cell: .lstm, hiddenSize: 64), pooling: .max,
      embeddingDropout: 0.5, wordDropout: 0.1, minimumCount: 2)
    var settings = TrainingSettings()
    settings.batch = 50
    settings.epochs = epochs ?? 6
    settings.optimizer = OptimizerConfiguration(.adamw, learningRate: 1.5e-3)
    settings.averaging = 0.99
    var last: TextClassifier?
    let result = try TextClassifier.crossValidate(
      texts, k: 10, configuration: configuration, settings: settings, seed: seed
    ) { fold, model, evaluation in
      print(String(format: "fold %2d: %.2f %%", fold + 1, 100 * evaluation.accuracy))
      last = model
    }
    print(
      String(
        format: "accuracy: %.2f %%, deviation over the folds %.2f", 100 * result.accuracy,
        100 * result.deviation))
    return try last ?? train(texts, epochs: 1)
  }

  func train(_ texts: [LabelledText], epochs: Int) throws -> TextClassifier {
    var configuration = TextClassifierConfiguration()
    var settings = TrainingSettings()
    settings.epochs = epochs
    settings.seed = seed
    configuration.encoder = EncoderConfiguration(cell: .gru, hiddenSize: 64)
    configuration.wordDropout = 0.2
    let model = try TextClassifier(texts: texts, configuration: configuration, seed: seed)
    var trainer = try Trainer(model, training: texts.map(model.example), settings: settings)
    try trainer.train()
    return trainer.best
  }

  func read(_ path: String) throws -> [LabelledText] {
    try LabelledTextReader(tsv: MappedFile(path)).records()
  }
}
