import Foundation

/// The learning rate as a function of how far the training has come.
///
/// A schedule is a pure function of the step (counted from 0) and of the share of the training
/// that is done, 0…1. When the number of steps is known the share is step / total; a training that
/// is bounded by minutes uses the share of its time. The bases of `linear` and `cosine` are shares,
/// so both kinds of training end at the same rate.
public indirect enum LearningRateSchedule: Codable, Sendable, Equatable {
  /// The base rate throughout.
  case constant
  /// base · factor^⌊step / every⌋.
  case step(every: Int, factor: Float)
  /// base · factor^(step / every), smoothly.
  case exponential(every: Int, factor: Float)
  /// From the base in a straight line to base · final.
  case linear(final: Float)
  /// From the base along half a cosine to base · final (Loshchilov and Hutter 2017):
  /// base · (final + (1 − final) · (1 + cos(π · share)) / 2).
  case cosine(final: Float)
  /// `then`, multiplied with (step + 1) / steps in the first `steps` steps.
  case warmUp(steps: Int, then: LearningRateSchedule)
  /// A straight line from 0 to the base over the first `share` of the training, and `then` over the
  /// rest: it sees the rest as 0…1. Its steps count from the start of the training.
  case warmUpShare(Double, then: LearningRateSchedule)

  /// The rate of step number `step` of `totalSteps`.
  public func rate(base: Float, step: Int, totalSteps: Int) -> Float {
    rate(base: base, step: step, share: Double(step) / Double(max(totalSteps, 1)))
  }

  /// The rate of step number `step` when `share` of the training is done; a share outside 0…1
  /// counts as the nearest end.
  public func rate(base: Float, step: Int, share: Double) -> Float {
    Float(Double(base) * factor(step: step, share: min(max(share, 0), 1)))
  }

  private func factor(step: Int, share: Double) -> Double {
    switch self {
    case .constant: return 1
    case .step(let every, let factor): return pow(Double(factor), Double(step / every))
    case .exponential(let every, let factor):
      return pow(Double(factor), Double(step) / Double(every))
    case .linear(let final): return 1 - (1 - Double(final)) * share
    case .cosine(let final):
      return Double(final) + (1 - Double(final)) * (1 + cos(Double.pi * share)) / 2
    case .warmUp(let steps, let then):
      return min(1, Double(step + 1) / Double(steps)) * then.factor(step: step, share: share)
    case .warmUpShare(let warmUp, let then):
      guard share >= warmUp else { return share / warmUp }
      return then.factor(step: step, share: (share - warmUp) / (1 - warmUp))
    }
  }

  /// - Throws: `TrainingError` that quotes the first number out of range.
  public func validate() throws {
    switch self {
    case .constant: return
    case .step(let every, let factor), .exponential(let every, let factor):
      try Self.check(every > 0, "every \(every) steps: at least 1 is expected")
      try Self.check(
        factor > 0 && factor <= 1, "factor \(factor): a number above 0 and at most 1 is expected")
    case .linear(let final), .cosine(let final):
      try Self.check(
        final >= 0 && final <= 1,
        "final share \(final) of the rate: a number of at least 0 and at most 1 is expected")
    case .warmUp(let steps, let then):
      try Self.check(steps > 0, "warm-up of \(steps) steps: at least 1 is expected")
      try then.validate()
    case .warmUpShare(let share, let then):
      try Self.check(
        share > 0 && share < 1,
        "warm-up over the share \(share): a number above 0 and below 1 is expected")
      try then.validate()
    }
  }

  private static func check(_ isGood: Bool, _ message: String) throws {
    if !isGood { throw TrainingError("learning-rate schedule: \(message)") }
  }
}
