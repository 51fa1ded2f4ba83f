import ReelTraining

/// Every setting of a training on examples, apart from the model's own.
public struct TrainingSettings: UpdateSettings, Codable, Sendable, Equatable {
  /// Examples of one step.
  public var batch = 32
  /// Passes over the examples; nil: as many as `minutes` allow.
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
  /// Decay of the exponential moving average of the weights, which then is what is evaluated and
  /// kept; nil: the weights themselves are.
  public var averaging: Float?
  /// Evaluations in a row without a better score after which training stops; nil: it goes on.
  public var patience: Int?
  public var seed: UInt64 = 0

  public init() {}

  /// - Throws: `ConfigurationError` or `TrainingError` that quotes the first setting out of range.
  public func validate() throws {
    try ConfigurationError.check("batch", batch, in: 1...1_000_000)
    if let epochs { try ConfigurationError.check("epochs", epochs, in: 1...1_000_000_000) }
    if let minutes {
      try ConfigurationError.check("minutes", minutes, "a number above 0") { $0 > 0 }
    }
    guard epochs != nil || minutes != nil else {
      throw ConfigurationError("neither epochs nor minutes: one of them is expected")
    }
    try validateUpdates()
    if let averaging {
      try ConfigurationError.check(
        "averaging", averaging, "a number of at least 0 and below 1"
      ) { $0 >= 0 && $0 < 1 }
    }
    if let patience { try ConfigurationError.check("patience", patience, in: 1...Int.max) }
  }
}
