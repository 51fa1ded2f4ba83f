import ReelTraining

/// What every training is, whatever its steps do: steps until an end, evaluations in between, and a
/// position that counts both.
protocol StepwiseTraining {
  associatedtype Event
  associatedtype Position: StepwisePosition

  var position: Position { get set }
  /// What bounds it; one of them at least.
  var limits: (epochs: Int?, minutes: Double?) { get }
  /// Steps of the whole training; nil when only time bounds it.
  var totalSteps: Int? { get }
  /// Whether there is anything to evaluate on.
  var holdsOut: Bool { get }
  var isEvaluationDue: Bool { get }

  /// One step, and what to tell of it.
  mutating func step() throws -> Event
  mutating func evaluate(_ observe: (Self, Event) throws -> Void) throws
}

/// Where a training stands.
protocol StepwisePosition {
  var step: Int { get }
  var epoch: Int { get }
  var seconds: Double { get set }
  var lastEvaluatedStep: Int? { get }
  var stopping: EarlyStopping { get }
}

extension StepwiseTraining {
  /// Steps to the end of the settings, or until `shouldStop` says so.
  mutating func run(
    observe: (Self, Event) throws -> Void, shouldStop: () -> Bool
  ) throws -> TrainingEnd {
    while true {
      if let end {
        // A model that no evaluation has seen must not lose against an older one unseen.
        if holdsOut && position.lastEvaluatedStep != position.step { try evaluate(observe) }
        return end
      }
      if shouldStop() { return .stopped }
      let start = ContinuousClock.now
      let event = try step()
      position.seconds += (ContinuousClock.now - start) / .seconds(1)
      try observe(self, event)
      if holdsOut && isEvaluationDue { try evaluate(observe) }
    }
  }

  /// The share of the training that is done, 0…1.
  var shareDone: Double {
    guard end == nil else { return 1 }
    let byTime = limits.minutes.map { position.seconds / ($0 * 60) } ?? 0
    let bySteps = totalSteps.map { Double(position.step) / Double(max($0, 1)) } ?? 0
    return min(1, max(byTime, bySteps))
  }

  private var end: TrainingEnd? {
    if let epochs = limits.epochs, position.epoch >= epochs { return .finished }
    if let minutes = limits.minutes, position.seconds >= minutes * 60 { return .finished }
    return position.stopping.shouldStop ? .stoppedEarly : nil
  }
}
