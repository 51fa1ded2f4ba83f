import ArgumentParser
import Reel

/// A training of a task from its first step to what is said at its end.
enum TrainingSession {
  /// - Parameter makeTrainer: a new training, or one to be resumed, and what it holds out; given the
  ///   folder of the model.
  static func run<Model: TaskModel>(
    _ output: OutputOptions, _ machine: MachineOptions,
    _ makeTrainer: (OutputFolder) throws -> (Trainer<Model>, heldOut: [Model.Example])
  ) throws {
    let start = ContinuousClock.now
    let folder = output.folder
    let end = try machine.run {
      var (trainer, heldOut) = try makeTrainer(folder)
      try folder.prepare()
      var run = TrainingRun(
        of: trainer, in: folder, replacesOldModel: output.overwrite,
        resumeCommand: output.resumeCommand)
      let end = try run.run(&trainer)
      let best = trainer.best
      let result = TaskTrainingResult(
        trainer, evaluation: heldOut.isEmpty ? nil : Model.report(of: best.evaluate(heldOut)),
        ended: end, folder: folder.path,
        totalSeconds: (ContinuousClock.now - start) / .seconds(1))
      // The model is saved: a reader that has gone is no failure.
      do {
        if output.json {
          try JSONOutput.write(result.json)
        } else {
          try StandardStreams.write(result.summary)
        }
      } catch is StandardStreams.ClosedPipe {}
      return end
    }
    if end == .stopped { throw ExitCode(130) }
  }
}
