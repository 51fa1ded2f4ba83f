import Foundation
import Reel

/// Trains a character model on a text and lets it write.
///
///     CharacterGeneration [CORPUS [EPOCHS]]
///
/// Without arguments: 15 epochs on the river plays, which come with Reel.
@main
struct CharacterGeneration {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    let corpus = arguments.first ?? riverPlays
    let number = arguments.dropFirst().first ?? "15"
    guard let epochs = Int(number), arguments.count <= 2 else {
      print("usage: CharacterGeneration [CORPUS [EPOCHS]]; EPOCHS was '\(number)'")
      exit(64)
    }
    do {
      try run(corpus: corpus, epochs: epochs)
    } catch {
      FileHandle.standardError.write(Data("error: \(error)\n".utf8))
      exit(1)
    }
  }

  static func run(corpus: String, epochs: Int) throws {
    let configuration = LanguageModelConfiguration(cell: .gru, embeddingSize: 64, dropout: 0.2)
    var settings = LanguageModelTraining()
    settings.batch = 16
    settings.window = 64
    settings.epochs = epochs
    settings.optimizer = OptimizerConfiguration(.adam, learningRate: 3e-3)
    var trainer = try LanguageModelTrainer(
      corpus: Corpus.read(corpus, validatingUTF8: true), model: configuration, settings: settings)

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
    let sampling = Sampling(temperature: 0.7)
    print(try trainer.best.generate(prompt: "\n\n", length: 800, sampling: sampling, seed: 1))
  }

  static let riverPlays = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../corpora/river-plays/river-plays.txt").path
}
