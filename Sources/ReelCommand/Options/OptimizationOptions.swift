import ArgumentParser
import Reel

private let standard = TrainingSettings()

/// How the weights are changed: optimizer, learning rate, clipping.
struct OptimizationOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The optimizer (default: \(standard.optimizer.rule)).", valueName: "name"))
  var optimizer: OptimizerConfiguration.Rule?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The learning rate that the schedule starts from (default: \(Self.defaultRates)).",
      valueName: "rate"))
  var learningRate: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Weight decay, decoupled in adamw (default: 0; adamw 0.01).", valueName: "f"))
  var weightDecay: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      How the learning rate changes: cosine and linear fall to --final-rate at the end of the \
      training, step and exponential by --decay-factor every --decay-every steps (default: cosine).
      """, valueName: "name"))
  var schedule: ScheduleName?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Share of the learning rate at the end of cosine and linear (default: 0).",
      valueName: "share"))
  var finalRate: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Steps of step and exponential (default: 1000).", valueName: "steps"))
  var decayEvery: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Factor of step and exponential (default: 0.5).", valueName: "f"))
  var decayFactor: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Steps in which the rate first rises from 0 in a straight line (default: 0).",
      valueName: "steps"))
  var warmUp: Int?

  @Flag(help: "Halve the rate after 3 evaluations in a row without a better held-out result.")
  var reduceOnPlateau = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Scale the gradient down to this norm, or none (default: \(standard.clipNorm ?? 0)).",
      valueName: "norm"))
  var clipNorm: Limit?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Bring every value of the gradient into ±this, or none (default: none).",
      valueName: "value"))
  var clipValue: Limit?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Label smoothing in training, at least 0 and below 1 (default: 0).", valueName: "f"))
  var labelSmoothing: Float?

  private static let defaultRates = OptimizerConfiguration.Rule.allCases
    .map { "\($0.rawValue) \($0.defaultLearningRate)" }.joined(separator: ", ")

  /// Puts what was given into the settings of a new training or a resumed one.
  func apply(to settings: inout some UpdateSettings, isNew: Bool) throws {
    if let optimizer {
      if !isNew { try refuse("optimizer", optimizer.rawValue, settings.optimizer.rule.rawValue) }
      settings.optimizer.rule = optimizer
    }
    if let learningRate { settings.optimizer.learningRate = learningRate }
    if let weightDecay { settings.optimizer.weightDecay = weightDecay }
    try applySchedule(to: &settings)
    if reduceOnPlateau && settings.plateau == nil {
      settings.plateau = ReduceOnPlateau(factor: 0.5, patience: 2)
    }
    if let clipNorm { settings.clipNorm = clipNorm.value }
    if let clipValue { settings.clipValue = clipValue.value }
    if let labelSmoothing { settings.labelSmoothing = labelSmoothing }
  }

  private func applySchedule(to settings: inout some UpdateSettings) throws {
    let numbers = finalRate != nil || decayEvery != nil || decayFactor != nil
    guard schedule != nil || warmUp != nil || numbers else { return }
    var (warmUpSteps, base) = (0, settings.schedule)
    if case .warmUp(let steps, let then) = base { (warmUpSteps, base) = (steps, then) }
    if schedule != nil || numbers {
      let name = schedule ?? base.name
      try checkFit(name)
      let (every, factor) = (decayEvery ?? 1000, decayFactor ?? 0.5)
      base =
        switch name {
        case .constant: .constant
        case .cosine: .cosine(final: finalRate ?? 0)
        case .linear: .linear(final: finalRate ?? 0)
        case .exponential: .exponential(every: every, factor: factor)
        case .step: .step(every: every, factor: factor)
        }
    }
    if let warmUp {
      guard warmUp >= 0 else {
        throw CommandError.wrongArgument("warm-up of \(warmUp) steps: at least 0 is expected")
      }
      warmUpSteps = warmUp
    }
    settings.schedule = warmUpSteps > 0 ? .warmUp(steps: warmUpSteps, then: base) : base
  }

  /// A number that the schedule does not use is a misunderstanding, not a setting.
  private func checkFit(_ name: ScheduleName) throws {
    let usesFinal = name == .cosine || name == .linear
    let usesDecay = name == .step || name == .exponential
    if finalRate != nil && !usesFinal {
      throw CommandError.wrongArgument(
        "--final-rate: the schedule \(name) has none, cosine and linear have")
    }
    if (decayEvery != nil || decayFactor != nil) && !usesDecay {
      throw CommandError.wrongArgument(
        "--decay-every and --decay-factor: the schedule \(name) has none, step and exponential have"
      )
    }
  }
}

extension LearningRateSchedule {
  /// The name on the command line, warm-up apart.
  fileprivate var name: ScheduleName {
    switch self {
    case .constant: .constant
    case .cosine: .cosine
    case .linear: .linear
    case .exponential: .exponential
    case .step: .step
    case .warmUp(_, let then), .warmUpShare(_, let then): then.name
    }
  }
}
