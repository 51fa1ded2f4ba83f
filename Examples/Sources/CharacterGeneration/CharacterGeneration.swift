import ArgumentParser
import ExampleCorpora
import Foundation
import Reel

/// Trains a character model on a text and lets it write.
///
/// Without arguments it reads the river plays, which come with Reel; with `--full` it reads
/// Shakespeare (`corpora/get shakespeare`) with a larger network.
@main
struct CharacterGeneration: ParsableCommand {
  @Flag(help: "Shakespeare; about 20 minutes.") var full = false
  @Option(help: "Passes over the text.") var epochs: Int?
  @Option(help: "Seed of all that is random.") var seed: UInt64 = 1
  @Option(help: "How freely it writes: 0 takes the likeliest character.") var temperature: Float =
    0.7
  @Argument(help: "A text of your own, in UTF-8.") var corpus: String?

  func run() throws {
    let path =
      try corpus
      ?? (full
        ? ExampleCorpora.fetched("shakespeare.txt", of: "shakespeare")
        : ExampleCorpora.committed("river-plays/river-plays.txt"))
    var configuration = LanguageModelConfiguration(cell: .gru, embeddingSize: 64, dropout: 0.2)
    var settings = LanguageModelTraining()
    settings.window = 64
    settings.seed = seed
    if full {
      configuration = LanguageModelConfiguration(
        cell: .lstm, hiddenSize: 512, layers: 2, embeddingSize: 128, dropout: 0.25)
      settings.batch = 32
      settings.epochs = epochs ?? 4
      settings.optimizer = OptimizerConfiguration(.adam, learningRate: 2e-3)
    } else {
      settings.batch = 16
      settings.epochs = epochs ?? 15
      settings.optimizer = OptimizerConfiguration(.adam, learningRate: 3e-3)
    }
    var trainer = try LanguageModelTrainer(
      corpus: Corpus.read(path, validatingUTF8: true), model: configuration, settings: settings)

    var bar = ProgressBar.onStandardError(label: "training", unit: "characters")
    var lastLoss: Double?
    func report(_ trainer: LanguageModelTrainer) -> ProgressReport {
      let step = trainer.position.step
      return ProgressReport(
        share: trainer.share, step: step, items: step * trainer.tokensPerStep, loss: lastLoss)
    }
    try trainer.train(observe: { trainer, event in
      if case .step(let loss) = event { lastLoss = loss }
      bar.update(report(trainer))
    })
    bar.finish(report(trainer))

    print("held-out text: \(trainer.position.bestLoss ?? .nan) nats a character\n")
    let sampling = Sampling(temperature: temperature)
    print(try trainer.best.generate(prompt: "\n\n", length: 800, sampling: sampling, seed: seed))
  }
}
