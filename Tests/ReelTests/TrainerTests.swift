import Foundation
import Reel
import Testing

@Suite struct TrainerTests {
  private let corpus = sampleText(60)

  @Test func theBestModelIsKept() throws {
    var settings = smallSettings(epochs: 6)
    // A rate that jumps about, so that the last evaluation is not the best.
    settings.optimizer = OptimizerConfiguration(.sgd, learningRate: 4)
    settings.evaluationInterval = 3
    var trainer = try LanguageModelTrainer(
      corpus: corpus, model: smallModel(), settings: settings)
    var losses: [Double] = []
    var steps: [Int] = []
    var bestBits: [[UInt32]] = []
    try trainer.train { trainer, event in
      guard case .evaluation(let evaluation) = event else { return }
      let isBest = losses.allSatisfy { evaluation.loss < $0 }
      if isBest { bestBits = bits(trainer.model) }
      // The observer sees the trainer as it is after the evaluation.
      #expect((trainer.position.bestStep == trainer.position.step) == isBest)
      losses.append(evaluation.loss)
      steps.append(trainer.position.step)
    }
    let best = try #require(losses.min())
    #expect(trainer.position.bestLoss == best)
    #expect(trainer.position.bestStep == losses.firstIndex(of: best).map { steps[$0] })
    #expect(bits(trainer.best) == bestBits)
    let heldOut = corpus.suffix(trainer.tokenCounts.heldOut)
    #expect(abs(try trainer.best.evaluate(Array(heldOut)).loss - best) < 1e-9)
    #expect(steps.dropLast().elementsEqual(stride(from: 3, to: steps.last ?? 0, by: 3)))
    #expect(steps.last == trainer.position.step)
  }

  @Test func withoutImprovementItStopsEarly() throws {
    var settings = smallSettings(epochs: 1000)
    settings.patience = 2
    settings.evaluationInterval = 1
    settings.optimizer = OptimizerConfiguration(.sgd, learningRate: 50)
    settings.clipNorm = 5
    var trainer = try LanguageModelTrainer(
      corpus: corpus, model: smallModel(.rnn), settings: settings)
    var losses: [Double] = []
    let end = try trainer.train { _, event in
      if case .evaluation(let evaluation) = event { losses.append(evaluation.loss) }
    }
    #expect(end == .stoppedEarly)
    let best = try #require(losses.min())
    #expect(losses.firstIndex(of: best) == losses.count - 3)
  }

  @Test func aPlateauLowersTheRate() throws {
    var settings = smallSettings(epochs: 1)
    settings.optimizer.learningRate = 1e-9
    settings.evaluationInterval = 2
    // Nothing is learned at this rate: every evaluation after the first is a bad one.
    settings.plateau = ReduceOnPlateau(factor: 0.5, patience: 1, threshold: 0.5)
    var trainer = try LanguageModelTrainer(
      corpus: corpus, model: smallModel(), settings: settings)
    var rates: [Float] = []
    try trainer.train { trainer, event in
      if case .evaluation = event { rates.append(trainer.learningRate) }
    }
    #expect(rates.prefix(5) == [1e-9, 1e-9, 5e-10, 5e-10, 2.5e-10])
  }

  @Test func aLossThatIsNoNumberIsAnError() throws {
    var settings = smallSettings()
    settings.optimizer = OptimizerConfiguration(.sgd, learningRate: 1e30)
    settings.clipNorm = nil
    var trainer = try LanguageModelTrainer(
      corpus: corpus, model: smallModel(.rnnReLU), settings: settings)
    let text = try #require(errorText { try trainer.train() })
    #expect(text.contains("the loss is") && text.contains("learning rate 1e+30"))
    #expect(!text.contains("\n"))
  }

  @Test func timeEndsIt() throws {
    var settings = smallSettings()
    settings.epochs = nil
    settings.minutes = 0.002
    settings.schedule = .cosine(final: 0)
    var trainer = try LanguageModelTrainer(
      corpus: corpus, model: smallModel(), settings: settings)
    #expect(trainer.totalSteps == nil)
    var shares: [Double] = []
    let end = try trainer.train { trainer, _ in shares.append(trainer.share) }
    #expect(end == .finished)
    #expect(trainer.position.seconds >= 0.12 && trainer.position.seconds < 5)
    #expect(shares == shares.sorted() && shares.last == 1)
    #expect(trainer.learningRate < 1e-6)
  }

  @Test func nothingHeldOutKeepsTheLastModel() throws {
    var settings = smallSettings()
    settings.validationFraction = 0
    var trainer = try LanguageModelTrainer(
      corpus: corpus, model: smallModel(), settings: settings)
    try trainer.train { _, event in
      if case .evaluation = event { Issue.record("nothing to evaluate on") }
    }
    #expect(trainer.position.bestLoss == nil)
    #expect(trainer.tokenCounts.heldOut == 0)
    #expect(bits(trainer.best) == bits(trainer.model))
  }

  @Test func epochsAreCountedInParts() throws {
    var trainer = try LanguageModelTrainer(
      corpus: corpus, model: smallModel(), settings: smallSettings(epochs: 2))
    var done: [Double] = []
    try trainer.train { trainer, event in
      if case .step = event { done.append(trainer.epochsDone) }
    }
    #expect(done == done.sorted() && done.contains(1) && done.last == 2)
  }

  @Test func settingsOutOfRangeAreQuoted() throws {
    func message(_ change: (inout LanguageModelTraining) -> Void) throws -> String {
      var settings = smallSettings()
      change(&settings)
      let text = try #require(
        errorText {
          _ = try LanguageModelTrainer(corpus: corpus, model: smallModel(), settings: settings)
        })
      #expect(!text.contains("\n"))
      return text
    }
    #expect(try message { $0.batch = 0 }.contains("batch 0"))
    #expect(try message { $0.window = -1 }.contains("window -1"))
    #expect(try message { $0.epochs = 0 }.contains("epochs 0"))
    #expect(try message { $0.minutes = .nan }.contains("minutes nan"))
    #expect(try message { $0.epochs = nil }.contains("epochs"))
    #expect(try message { $0.clipNorm = 0 }.contains("clip norm 0"))
    #expect(try message { $0.clipValue = -.infinity }.contains("clip value -inf"))
    #expect(try message { $0.labelSmoothing = 1 }.contains("label smoothing 1"))
    #expect(try message { $0.validationFraction = .nan }.contains("validation fraction nan"))
    #expect(try message { $0.evaluationInterval = 0 }.contains("evaluation interval 0"))
    #expect(try message { $0.patience = 0 }.contains("patience 0"))
    #expect(try message { $0.optimizer.learningRate = 0 }.contains("learning rate 0"))
    #expect(try message { $0.optimizer.learningRate = .nan }.contains("learning rate nan"))
    #expect(try message { $0.schedule = .linear(final: .nan) }.contains("nan"))
    // Settings that fit no text this short.
    #expect(try message { $0.batch = 1000 }.contains("1000 lanes"))
    #expect(try message { $0.validationFraction = 1e-6 }.contains("1e-06"))
  }

  @Test func modelSettingsOutOfRangeAreQuoted() throws {
    func message(_ change: (inout LanguageModelConfiguration) -> Void) throws -> String {
      var model = smallModel()
      change(&model)
      return try #require(
        errorText {
          _ = try LanguageModelTrainer(corpus: corpus, model: model, settings: smallSettings())
        })
    }
    #expect(try message { $0.hiddenSize = 0 }.contains("hidden size 0"))
    #expect(try message { $0.layers = -2 }.contains("layers -2"))
    #expect(try message { $0.embeddingSize = -1 }.contains("embedding size -1"))
    #expect(try message { $0.dropout = 1 }.contains("dropout 1"))
    #expect(try message { $0.recurrentDropout = .nan }.contains("recurrent dropout nan"))
  }

  @Test func bytesThatAreNoTextTrainAsBytesOnly() throws {
    let bytes = corpus + [0xFF, 0xFE, 0x00, 0xC3]
    let text = try #require(
      errorText {
        _ = try LanguageModelTrainer(
          corpus: bytes, model: smallModel(), settings: smallSettings())
      })
    #expect(text.contains("not UTF-8") && text.contains("\(corpus.count)"))
    var trainer = try LanguageModelTrainer(
      corpus: bytes, model: smallModel(tokens: .bytes), settings: smallSettings(epochs: 1))
    try trainer.train()
    #expect(trainer.model.tokenizer.vocabularySize == 256)
  }
}
