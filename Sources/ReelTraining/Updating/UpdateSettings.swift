/// The settings of a training that say how gradients become changes of the weights, whatever is
/// trained.
public protocol UpdateSettings: Sendable {
  var optimizer: OptimizerConfiguration { get set }
  var schedule: LearningRateSchedule { get set }
  /// Lowers the rate when the held-out measure stands still, on top of the schedule.
  var plateau: ReduceOnPlateau? { get set }
  /// Scales the gradient down to this norm (Pascanu et al. 2013); nil: never.
  var clipNorm: Float? { get set }
  /// Brings every value of the gradient into this range; nil: never.
  var clipValue: Float? { get set }
  /// ε of label smoothing, in training alone.
  var labelSmoothing: Float { get set }
}

extension UpdateSettings {
  /// The rate of step number `step`, with `share` of the training done.
  ///
  /// - Parameter plateau: the state of `self.plateau`.
  public func learningRate(step: Int, share: Double, plateau: ReduceOnPlateau?) -> Float {
    let base = optimizer.learningRate ?? optimizer.rule.defaultLearningRate
    return schedule.rate(base: base, step: step, share: share) * Float(plateau?.scale ?? 1)
  }

  /// - Throws: `TrainingError` that quotes the first of these settings that is out of range.
  public func validateUpdates() throws {
    try optimizer.validate()
    try schedule.validate()
    try plateau?.validate()
    for (name, limit) in [("clip norm", clipNorm), ("clip value", clipValue)] {
      if let limit, !(limit > 0 && limit.isFinite) {
        throw TrainingError("\(name) \(limit): a number above 0 is expected")
      }
    }
    guard labelSmoothing >= 0 && labelSmoothing < 1 else {
      throw TrainingError(
        "label smoothing \(labelSmoothing): a number of at least 0 and below 1 is expected")
    }
  }
}
