import Foundation
import Reel
import Testing

@Suite struct LearningTests {
  /// Mean loss of the first and of the last steps.
  private func losses(
    _ model: LanguageModelConfiguration, _ settings: LanguageModelTraining, _ corpus: [UInt8]
  ) throws -> (first: Double, last: Double) {
    var trainer = try LanguageModelTrainer(corpus: corpus, model: model, settings: settings)
    var losses: [Double] = []
    try trainer.train { _, event in
      if case .step(let loss) = event { losses.append(loss) }
    }
    let part = min(5, losses.count / 2)
    return (
      losses.prefix(part).reduce(0, +) / Double(part),
      losses.suffix(part).reduce(0, +) / Double(part)
    )
  }

  @Test(arguments: EncoderKind.allCases, [0, 6])
  func everyCellLearns(cell: EncoderKind, embedding: Int) throws {
    let loss = try losses(
      smallModel(cell, embedding: embedding), smallSettings(epochs: 4), sampleText(60))
    #expect(loss.last < loss.first - 0.8, "from \(loss.first) to \(loss.last)")
  }

  @Test(arguments: OptimizerConfiguration.Rule.allCases)
  func everyOptimizerLearns(rule: OptimizerConfiguration.Rule) throws {
    var settings = smallSettings(epochs: 4)
    settings.optimizer = OptimizerConfiguration(rule)
    let loss = try losses(smallModel(.gru), settings, sampleText(60))
    #expect(loss.last < loss.first - 0.3, "from \(loss.first) to \(loss.last)")
  }

  /// Which of two letters comes next depends on one 9 tokens back: only a state carries it there.
  @Test(arguments: [EncoderKind.lstm, .gru])
  func aPeriodicTextIsLearnedByHeart(cell: EncoderKind) throws {
    let corpus = Array(String(repeating: "a.......bc.......d", count: 400).utf8)
    var settings = LanguageModelTraining()
    settings.batch = 8
    settings.window = 36
    settings.epochs = 30
    settings.optimizer.learningRate = 0.01
    settings.seed = 1
    var trainer = try LanguageModelTrainer(
      corpus: corpus,
      model: LanguageModelConfiguration(cell: cell, hiddenSize: 32, embeddingSize: 8),
      settings: settings)
    try trainer.train()
    #expect(try #require(trainer.position.bestLoss) < 0.05)
    let text = try trainer.best.generate(
      prompt: "a.......bc.......d", length: 36, sampling: .greedy)
    #expect(text == String(repeating: "a.......bc.......d", count: 2))
  }
}
