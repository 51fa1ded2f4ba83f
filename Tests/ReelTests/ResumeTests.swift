import Foundation
import Reel
import Testing

@Suite struct ResumeTests {
  private let corpus = sampleText(80)

  /// Dropout, a schedule with steps, smoothing and clipping: everything that has a state.
  private func settings() -> LanguageModelTraining {
    var settings = smallSettings()
    settings.schedule = .warmUp(steps: 10, then: .exponential(every: 20, factor: 0.8))
    settings.labelSmoothing = 0.1
    settings.clipValue = 0.5
    settings.plateau = ReduceOnPlateau(factor: 0.5, patience: 0)
    settings.evaluationInterval = 7
    return settings
  }

  private func straight(
    _ cell: EncoderKind = .lstm, with settings: LanguageModelTraining
  ) throws -> LanguageModelTrainer {
    var trainer = try LanguageModelTrainer(
      corpus: corpus, model: smallModel(cell, dropout: 0.2), settings: settings)
    #expect(try trainer.train() == .finished)
    return trainer
  }

  @Test(arguments: [1, 7, 20, 70])
  func stoppedAndResumedGivesTheSameBytes(stop: Int) throws {
    let straight = try straight(with: settings())
    try withTemporaryFolder { folder in
      var first = try LanguageModelTrainer(
        corpus: corpus, model: smallModel(dropout: 0.2), settings: settings())
      var steps = 0
      let end = try first.train { _, event in
        if case .step = event { steps += 1 }
      } shouldStop: {
        steps == stop
      }
      #expect(end == .stopped)
      #expect(first.position.step == stop)
      try first.save(to: folder)

      var second = try LanguageModelTrainer(resuming: folder, corpus: corpus)
      #expect(second.position.step == stop)
      #expect(bits(second.model) == bits(first.model))
      #expect(bits(second.best) == bits(first.best))
      #expect(try second.train() == .finished)
      #expect(second.position.step == straight.position.step)
      #expect(second.position.bestLoss == straight.position.bestLoss)
      #expect(second.position.bestStep == straight.position.bestStep)
      #expect(bits(second.model) == bits(straight.model))
      #expect(bits(second.best) == bits(straight.best))
    }
  }

  @Test(arguments: EncoderKind.allCases)
  func everyCellResumes(cell: EncoderKind) throws {
    var settings = settings()
    settings.epochs = 1
    let straight = try straight(cell, with: settings)
    try withTemporaryFolder { folder in
      var trainer = try LanguageModelTrainer(
        corpus: corpus, model: smallModel(cell, dropout: 0.2), settings: settings)
      while try trainer.train(shouldStop: oneStep()) == .stopped {
        try trainer.save(to: folder)
        trainer = try LanguageModelTrainer(resuming: folder, corpus: corpus)
        if trainer.position.step == 5 { break }
      }
      try trainer.train()
      #expect(bits(trainer.model) == bits(straight.model))
    }
  }

  /// Says stop when it is asked for the second time.
  private func oneStep() -> () -> Bool {
    var asked = 0
    return {
      asked += 1
      return asked == 2
    }
  }

  @Test(arguments: OptimizerConfiguration.Rule.allCases)
  func moreEpochsGoOnAsIfTheyHadBeenPlanned(rule: OptimizerConfiguration.Rule) throws {
    var settings = settings()
    settings.optimizer = OptimizerConfiguration(rule)
    let straight = try straight(.gru, with: settings)
    try withTemporaryFolder { folder in
      settings.epochs = 1
      // Each is evaluated at the end, which the straight one is not in the middle: nothing that
      // depends on the evaluations may take part.
      settings.plateau = nil
      var first = try LanguageModelTrainer(
        corpus: corpus, model: smallModel(.gru, dropout: 0.2), settings: settings)
      try first.train()
      try first.save(to: folder)
      var second = try LanguageModelTrainer(resuming: folder, corpus: corpus) { $0.epochs = 3 }
      try second.train()
      #expect(second.position.epoch == 3)
      var plain = self.settings()
      plain.optimizer = settings.optimizer
      plain.plateau = nil
      #expect(bits(second.model) == bits(try self.straight(.gru, with: plain).model))
      #expect(straight.position.step == second.position.step)
    }
  }

  @Test func threadsDoNotChangeTheBytes() throws {
    let one = try Threads.with(1) { try straight(with: settings()) }
    let two = try Threads.with(2) { try straight(with: settings()) }
    #expect(bits(one.model) == bits(two.model))
    #expect(one.position.bestLoss == two.position.bestLoss)
  }

  @Test func anotherSeedGivesAnotherModel() throws {
    var other = settings()
    other.seed = 6
    #expect(bits(try straight(with: settings()).model) != bits(try straight(with: other).model))
  }

  @Test func whatCannotBeResumedSaysWhy() throws {
    try withTemporaryFolder { folder in
      let missing = try #require(
        errorText { _ = try LanguageModelTrainer(resuming: folder + "/none", corpus: corpus) })
      #expect(missing.contains("/none"))
      let trainer = try LanguageModelTrainer(
        corpus: corpus, model: smallModel(), settings: settings())
      try trainer.model.save(to: folder)
      let noCheckpoint = try #require(
        errorText { _ = try LanguageModelTrainer(resuming: folder, corpus: corpus) })
      #expect(noCheckpoint.contains("checkpoint.safetensors"))
      try trainer.save(to: folder)
      let otherText = try #require(
        errorText { _ = try LanguageModelTrainer(resuming: folder, corpus: sampleText(81)) })
      #expect(otherText.contains("corpus") && otherText.contains("\(corpus.count) bytes"))
      let path = folder + "/checkpoint.safetensors"
      try contents(path).dropLast(10).write(to: URL(fileURLWithPath: path))
      let cut = try #require(
        errorText { _ = try LanguageModelTrainer(resuming: folder, corpus: corpus) })
      #expect(cut.contains("checkpoint.safetensors") && !cut.contains("\n"))
    }
  }

  @Test func changedSettingsAreTaken() throws {
    try withTemporaryFolder { folder in
      var trainer = try LanguageModelTrainer(
        corpus: corpus, model: smallModel(), settings: smallSettings(epochs: 1))
      try trainer.train()
      try trainer.save(to: folder)
      var resumed = try LanguageModelTrainer(resuming: folder, corpus: corpus) { settings in
        settings.epochs = 50
        settings.patience = 1
        settings.optimizer.learningRate = 1e-12
        settings.plateau = ReduceOnPlateau(factor: 0.5, patience: 0, threshold: 0)
      }
      #expect(resumed.learningRate == 1e-12)
      // Nothing is learned at this rate, so the new patience ends it.
      var rates: Set<Float> = []
      let end = try resumed.train { trainer, _ in rates.insert(trainer.learningRate) }
      #expect(end == .stoppedEarly)
      #expect(resumed.position.epoch < 50)
      #expect(throws: ConfigurationError.self) {
        try LanguageModelTrainer(resuming: folder, corpus: corpus) { $0.epochs = 0 }
      }
    }
  }
}
