import ArgumentParser
import Reel

/// The values that options have for a kind of model when they are not given.
protocol TrainingDefaults {
  static var batch: Int { get }
  static var epochs: Int { get }
}

extension TrainingDefaults {
  static var batch: Int { TrainingSettings().batch }
  static var epochs: Int { TrainingSettings().epochs ?? 0 }
}

/// The same for a kind of model that reads sequences.
protocol EncoderDefaults: TrainingDefaults {
  static var encoder: EncoderConfiguration { get }
}

/// How long a training goes on, and with how much at a time: of every kind of model.
struct TrainingOptions<Defaults: TrainingDefaults>: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Examples that a step reads, or lanes of one long text (default: \(Defaults.batch)).
      """, valueName: "n"))
  var batch: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Passes over what is trained on (default: \(Defaults.epochs), or as many as --minutes \
      allows).
      """, valueName: "n"))
  var epochs: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Minutes of training steps in all, evaluations not counted; the result then depends on the \
      machine's speed (default: no limit).
      """, valueName: "m"))
  var minutes: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Stop after this many evaluations in a row without a better result (default: never).",
      valueName: "n"))
  var patience: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The same seed gives the same model (default: 0).", valueName: "n"))
  var seed: UInt64?

  /// Puts what was given into the settings of a new training or a resumed one.
  func apply(to settings: inout some LengthSettings, isNew: Bool) throws {
    if isNew {
      settings.batch = Defaults.batch
      settings.epochs = Defaults.epochs
    } else {
      try refuse("batch", batch ?? settings.batch, settings.batch)
      try refuse("seed", seed ?? settings.seed, settings.seed)
    }
    if let batch { settings.batch = batch }
    if let seed { settings.seed = seed }
    // One given alone is the only bound, also where the training to resume had the other.
    if epochs != nil || minutes != nil { (settings.epochs, settings.minutes) = (epochs, minutes) }
    if let patience { settings.patience = patience }
  }
}
