import Foundation
import Reel

/// One session of a training: shows its progress, saves it now and then, and heeds Ctrl-C.
struct TrainingRun<Session: SessionTrainer> {
  private let folder: OutputFolder
  private let resumeCommand: String
  private var bar: ProgressBar
  private var replacesOldModel: Bool
  private var lossOfLate = SmoothedLoss()
  private var lastSave = ContinuousClock.now

  /// An evaluation saves unless the last save was this short a time ago: with a tiny corpus the
  /// training would do little else.
  private static var leastBetweenSaves: Duration { .seconds(5) }
  private static var mostBetweenSaves: Duration { .seconds(300) }

  init(
    of trainer: Session, in folder: OutputFolder, replacesOldModel: Bool, resumeCommand: String
  ) {
    self.folder = folder
    self.replacesOldModel = replacesOldModel
    self.resumeCommand = resumeCommand
    bar = ProgressBar.onStandardError(label: "training", unit: trainer.itemName)
  }

  /// Trains until the end or Ctrl-C, and saves.
  mutating func run(_ trainer: inout Session) throws -> TrainingEnd {
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

  private mutating func observe(_ trainer: Session, _ event: SessionEvent) throws {
    var saves = ContinuousClock.now - lastSave >= Self.mostBetweenSaves
    switch event {
    case .step(let loss):
      lossOfLate.add(loss)
      let loss = lossOfLate.value
      bar.update(Self.report(trainer, loss: loss))
    case .evaluation(let figures):
      let place = [
        "epoch \(TextFormat.fixed(trainer.epochsDone, 2))",
        "step \(TextFormat.grouped(trainer.stepsDone))",
      ]
      let best = trainer.isAtBest ? ["best"] : []
      bar.note((place + figures + best).joined(separator: "  "))
      if ContinuousClock.now - lastSave >= Self.leastBetweenSaves { saves = true }
    }
    if saves { try save(trainer) }
  }

  private mutating func save(_ trainer: Session) throws {
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
    _ trainer: Session, loss: Double?, isDone: Bool = false
  ) -> ProgressReport {
    ProgressReport(
      share: isDone ? 1 : trainer.share, step: trainer.stepsDone, items: trainer.itemsDone,
      loss: loss)
  }

  private func opening(_ trainer: Session) -> String {
    var parts = trainer.opening + [TextFormat.counted(Threads.count, "thread")]
    if trainer.stepsDone > 0 {
      parts.append("resumed at step \(TextFormat.grouped(trainer.stepsDone))")
    }
    return parts.joined(separator: ", ")
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
