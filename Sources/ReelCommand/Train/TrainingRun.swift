import Foundation
import Reel

/// One session of a training: shows its progress, saves it now and then, and heeds Ctrl-C.
struct TrainingRun {
  private let folder: OutputFolder
  private let resumeCommand: String
  private var bar: ProgressBar
  private var replacesOldModel: Bool
  private var lossOfLate = SmoothedLoss()
  private var lastSave = ContinuousClock.now

  /// An evaluation saves unless the last save was this short a time ago: with a tiny text the
  /// training would do little else.
  private static let leastBetweenSaves = Duration.seconds(5)
  private static let mostBetweenSaves = Duration.seconds(300)

  init(
    of trainer: LanguageModelTrainer, in folder: OutputFolder, replacesOldModel: Bool,
    resumeCommand: String
  ) {
    self.folder = folder
    self.replacesOldModel = replacesOldModel
    self.resumeCommand = resumeCommand
    bar = ProgressBar.onStandardError(
      label: "training", unit: trainer.model.configuration.tokens.units)
  }

  /// Trains until the end or Ctrl-C, and saves.
  mutating func run(_ trainer: inout LanguageModelTrainer) throws -> TrainingEnd {
    StopSignal.install()
    bar.note(opening(trainer))
    lastSave = .now
    let end: TrainingEnd
    do {
      end = try trainer.train { trainer, event in
        try observe(trainer, event)
      } shouldStop: {
        StopSignal.wasReceived
      }
    } catch {
      bar.abandon()
      throw error
    }
    bar.finish(Self.report(trainer, loss: lossOfLate.value, isDone: end == .finished))
    try save(trainer)
    if end == .stopped {
      StandardStreams.writeError("Stopped and saved. To go on:\n  \(resumeCommand)\n")
    }
    return end
  }

  private mutating func observe(
    _ trainer: LanguageModelTrainer, _ event: LanguageModelTrainingEvent
  ) throws {
    var saves = ContinuousClock.now - lastSave >= Self.mostBetweenSaves
    switch event {
    case .step(let loss):
      lossOfLate.add(loss)
      let loss = lossOfLate.value
      bar.update(Self.report(trainer, loss: loss))
    case .evaluation(let evaluation):
      bar.note(line(for: evaluation, of: trainer))
      if ContinuousClock.now - lastSave >= Self.leastBetweenSaves { saves = true }
    }
    if saves { try save(trainer) }
  }

  private mutating func save(_ trainer: LanguageModelTrainer) throws {
    do {
      try folder.save(trainer, replacesOther: replacesOldModel)
    } catch {
      bar.abandon()
      throw error
    }
    replacesOldModel = false
    lastSave = .now
  }

  // MARK: What is shown

  private static func report(
    _ trainer: LanguageModelTrainer, loss: Double?, isDone: Bool = false
  ) -> ProgressReport {
    ProgressReport(
      share: isDone ? 1 : trainer.share, step: trainer.position.step,
      items: trainer.position.step * trainer.tokensPerStep, loss: loss)
  }

  private func opening(_ trainer: LanguageModelTrainer) -> String {
    let configuration = trainer.model.configuration
    let counts = trainer.tokenCounts
    let tokens = configuration.tokens.units
    var parts = [
      "\(configuration.cell.rawValue) \(configuration.layers)×\(configuration.hiddenSize)",
      "\(TextFormat.grouped(trainer.model.network.parameterCount)) parameters",
      "vocabulary \(TextFormat.grouped(trainer.model.tokenizer.vocabularySize))",
      "\(TextFormat.grouped(counts.training)) \(tokens) to train on",
      "\(TextFormat.grouped(counts.heldOut)) held out",
      TextFormat.counted(Threads.count, "thread"),
    ]
    if trainer.position.step > 0 {
      parts.append("resumed at step \(TextFormat.grouped(trainer.position.step))")
    }
    return parts.joined(separator: ", ")
  }

  private func line(
    for evaluation: LanguageModelEvaluation, of trainer: LanguageModelTrainer
  ) -> String {
    let isBest = trainer.position.bestStep == trainer.position.step
    let unit = trainer.model.configuration.tokens.unit
    return [
      "epoch \(TextFormat.fixed(trainer.epochsDone, 2))",
      "step \(TextFormat.grouped(trainer.position.step))",
      "held-out loss \(TextFormat.fixed(evaluation.loss, 4)) nats",
      "\(TextFormat.fixed(evaluation.bitsPerToken, 3)) bits per \(unit)",
      "perplexity \(TextFormat.fixed(evaluation.perplexity, 2))",
    ].joined(separator: "  ") + (isBest ? "  best" : "")
  }
}

/// The loss of the last steps, each counting a little less than the next.
private struct SmoothedLoss {
  private(set) var value: Double?
  private var count = 0.0

  /// A plain mean over the first 50 steps.
  mutating func add(_ loss: Double) {
    count = min(count + 1, 50)
    value = (value ?? loss) + (loss - (value ?? loss)) / count
  }
}
