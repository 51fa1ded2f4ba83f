import ArgumentParser
import Reel

private let standard = LanguageModelTraining()

/// How the text is read, how long the training goes on, and when it is measured.
struct TrainingOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Lanes of text that are read side by side (default: \(standard.batch)).", valueName: "n"))
  var batch: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Tokens of a lane that a step reads, and the gradient reaches back (default: \(standard.window)).",
      valueName: "n"))
  var window: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Passes over the training text (default: \(standard.epochs ?? 0), or as many as --minutes \
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
      """
      The last part of the text, held out to measure the loss; 0 for none (default: \
      \(standard.validationFraction)).
      """, valueName: "share"))
  var validationFraction: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Steps from one evaluation to the next (default: one at the end of each epoch).",
      valueName: "steps"))
  var evaluateEvery: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Stop after this many evaluations in a row without a better loss (default: never).",
      valueName: "n"))
  var patience: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The same seed gives the same model (default: \(standard.seed)).", valueName: "n"))
  var seed: UInt64?

  /// Puts what was given into the settings of a new training or a resumed one.
  func apply(to settings: inout LanguageModelTraining, isNew: Bool) throws {
    if !isNew {
      try refuse("batch", batch ?? settings.batch, settings.batch)
      try refuse("window", window ?? settings.window, settings.window)
      try refuse("seed", seed ?? settings.seed, settings.seed)
      let fraction = settings.validationFraction
      try refuse("validation-fraction", validationFraction ?? fraction, fraction)
    }
    if let batch { settings.batch = batch }
    if let window { settings.window = window }
    if let seed { settings.seed = seed }
    if let validationFraction { settings.validationFraction = validationFraction }
    // One given alone is the only bound, also where the training to resume had the other.
    if epochs != nil || minutes != nil { (settings.epochs, settings.minutes) = (epochs, minutes) }
    if let evaluateEvery { settings.evaluationInterval = evaluateEvery }
    if let patience { settings.patience = patience }
  }
}
