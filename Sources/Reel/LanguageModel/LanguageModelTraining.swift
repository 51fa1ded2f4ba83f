import ReelTraining

/// Every setting of a training, apart from the model's own.
public struct LanguageModelTraining: UpdateSettings, Codable, Sendable, Equatable {
  /// Lanes of text that are read side by side.
  public var batch = 32
  /// Tokens that the gradient reaches back: the window of truncated BPTT.
  public var window = 128
  /// Passes over the training text; nil: as many as `minutes` allow.
  public var epochs: Int? = 10
  /// Minutes of training, evaluations not counted; nil: as long as `epochs` take. Where a training
  /// ends, and its schedule, then depend on the machine's speed.
  public var minutes: Double?
  public var optimizer = OptimizerConfiguration(.adam)
  public var schedule = LearningRateSchedule.cosine(final: 0)
  public var plateau: ReduceOnPlateau?
  public var clipNorm: Float? = 5
  public var clipValue: Float?
  public var labelSmoothing: Float = 0
  /// The last part of the text, which is held out to measure the loss; 0: nothing is.
  public var validationFraction = 0.1
  /// Steps from one evaluation to the next; nil: one at the end of every epoch.
  public var evaluationInterval: Int?
  /// Evaluations in a row without a better loss after which training stops; nil: it goes on.
  public var patience: Int?
  public var seed: UInt64 = 0

  public init() {}

  /// - Throws: `ConfigurationError` or `TrainingError` that quotes the first setting out of range.
  public func validate() throws {
    try ConfigurationError.check("batch", batch, in: 1...1_000_000)
    try ConfigurationError.check("window", window, in: 1...1_000_000)
    if let epochs { try ConfigurationError.check("epochs", epochs, in: 1...1_000_000_000) }
    if let minutes {
      try ConfigurationError.check("minutes", minutes, "a number above 0") { $0 > 0 }
    }
    guard epochs != nil || minutes != nil else {
      throw ConfigurationError("neither epochs nor minutes: one of them is expected")
    }
    try validateUpdates()
    try ConfigurationError.check(
      "validation fraction", validationFraction, "a number of at least 0 and below 1"
    ) { $0 >= 0 && $0 < 1 }
    if let evaluationInterval {
      try ConfigurationError.check("evaluation interval", evaluationInterval, in: 1...Int.max)
    }
    if let patience { try ConfigurationError.check("patience", patience, in: 1...Int.max) }
  }
}
