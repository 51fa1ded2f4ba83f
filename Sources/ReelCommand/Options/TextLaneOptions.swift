import ArgumentParser
import Reel

private let standard = LanguageModelTraining()

/// How a training reads one long text, and when it is measured.
struct TextLaneOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Tokens of a lane that a step reads, and the gradient reaches back (default: \
      \(standard.window)).
      """, valueName: "n"))
  var window: Int?

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

  /// Puts what was given into the settings of a new training or a resumed one.
  func apply(to settings: inout LanguageModelTraining, isNew: Bool) throws {
    if !isNew {
      try refuse("window", window ?? settings.window, settings.window)
      let fraction = settings.validationFraction
      try refuse("validation-fraction", validationFraction ?? fraction, fraction)
    }
    if let window { settings.window = window }
    if let validationFraction { settings.validationFraction = validationFraction }
    if let evaluateEvery { settings.evaluationInterval = evaluateEvery }
  }
}
