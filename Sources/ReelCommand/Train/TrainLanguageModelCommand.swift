import ArgumentParser
import Foundation
import Reel

/// `reel train language-model`: from a text file to a model folder.
struct TrainLanguageModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "language-model",
    abstract: "Train a language model on a text, and save it in a folder.",
    discussion: """
      Truncated BPTT over parallel lanes of the text. The model with the lowest held-out loss is \
      what the folder holds. A checkpoint is saved beside it after evaluations (at most every 5 \
      seconds), at least every 5 minutes, and at the end.

      Ctrl-C ends the step, saves a checkpoint and exits with code 130; a second Ctrl-C quits at \
      once. --resume goes on from the checkpoint, to the same bytes as if the training had never \
      stopped, unless --minutes bounds it. A resumed training keeps the settings it was started \
      with; of those given again, --epochs, --minutes, --learning-rate, --weight-decay, the \
      schedule, --reduce-on-plateau, clipping, --label-smoothing, --evaluate-every and --patience \
      may change, the others may not. A schedule that falls until the end of the training (cosine, \
      linear) moves with its end.
      """)

  @Option(help: ArgumentHelp("The text to train on.", valueName: "file"))
  var corpus: String

  @OptionGroup var output: OutputOptions

  @OptionGroup(title: "Network") var network: NetworkOptions
  @OptionGroup(title: "Training") var training: TrainingOptions<LanguageModelDefaults>
  @OptionGroup(title: "Training") var lanes: TextLaneOptions
  @OptionGroup(title: "Optimization") var optimization: OptimizationOptions
  @OptionGroup(title: "Machine") var machine: MachineOptions

  func run() throws {
    let start = ContinuousClock.now
    try output.check()
    try machine.check()
    let folder = output.folder
    let end = try machine.run {
      var trainer = output.resume ? try resumedTrainer() : try newTrainer(folder)
      try folder.prepare()
      var run = TrainingRun(
        of: trainer, in: folder, replacesOldModel: output.overwrite,
        resumeCommand: output.resumeCommand)
      let end = try run.run(&trainer)
      let result = TrainingResult(
        trainer, ended: end, folder: folder.path,
        totalSeconds: (ContinuousClock.now - start) / .seconds(1))
      // The model is saved: a reader that has gone is no failure.
      do {
        if output.json {
          try JSONOutput.write(result)
        } else {
          try StandardStreams.write(result.summary(tokens: trainer.model.configuration.tokens))
        }
      } catch is StandardStreams.ClosedPipe {}
      return end
    }
    if end == .stopped { throw ExitCode(130) }
  }

  private func newTrainer(_ folder: OutputFolder) throws -> LanguageModelTrainer {
    var configuration = try network.configuration()
    let tokenizer = try network.readTokenizer()
    if let tokenizer { configuration.tokens = tokenizer.kind }
    var settings = LanguageModelTraining()
    try apply(to: &settings, isNew: true)
    if !output.overwrite { try folder.checkIsFree() }
    let bytes = try readCorpus(corpus, for: configuration.tokens, suggestsBytes: true)
    return try LanguageModelTrainer(
      corpus: bytes, model: configuration, settings: settings, tokenizer: tokenizer)
  }

  private func resumedTrainer() throws -> LanguageModelTrainer {
    let saved = try LanguageModel(folder: output.output)
    try network.checkAgreement(with: saved)
    let bytes = try readCorpus(corpus, for: saved.configuration.tokens, suggestsBytes: false)
    return try LanguageModelTrainer(resuming: output.output, corpus: bytes) { settings in
      try apply(to: &settings, isNew: false)
    }
  }

  private func apply(to settings: inout LanguageModelTraining, isNew: Bool) throws {
    try CommandError.checkingArguments {
      try training.apply(to: &settings, isNew: isNew)
      try lanes.apply(to: &settings, isNew: isNew)
      try optimization.apply(to: &settings, isNew: isNew)
      try settings.validate()
      if settings.validationFraction == 0 {
        for (name, isSet) in [
          ("--patience", settings.patience != nil),
          ("--reduce-on-plateau", settings.plateau != nil),
          ("--evaluate-every", settings.evaluationInterval != nil),
        ] where isSet {
          throw CommandError.wrongArgument(
            "\(name) needs a held-out text, but the validation fraction is 0")
        }
      }
    }
  }
}
