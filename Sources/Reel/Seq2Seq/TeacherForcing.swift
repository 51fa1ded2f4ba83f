import Foundation

/// How often a decoder in training is fed the right token, and not the one that it would have
/// chosen itself (scheduled sampling, Bengio et al. 2015).
///
/// The probability is a function of the share of the training that is done, 0…1: it goes from
/// `initial` to `final` along `decay`. Fed with its own choices a decoder learns to go on after a
/// mistake.
public struct TeacherForcing: Codable, Sendable, Equatable {
  public enum Decay: String, Codable, Sendable, CaseIterable {
    /// A straight line.
    case linear
    /// initial·(final/initial)^share; needs a final probability above 0.
    case exponential
    /// Slow, then fast, then slow: half a cosine.
    case cosine
  }

  /// The probability of the right token at the beginning.
  public var initial: Double
  /// The probability at the end.
  public var final: Double
  public var decay: Decay
  /// The share of the training before the probability starts to fall.
  public var delay: Double

  public init(
    initial: Double = 1, final: Double = 1, decay: Decay = .linear, delay: Double = 0
  ) {
    self.initial = initial
    self.final = final
    self.decay = decay
    self.delay = delay
  }

  /// Always the right token.
  public static let always = TeacherForcing()

  /// The probability of feeding the right token when `share` of the training is done.
  public func probability(share: Double) -> Double {
    let done = min(1, max(0, (share - delay) / max(1 - delay, .leastNonzeroMagnitude)))
    switch decay {
    case .linear: return initial + (final - initial) * done
    case .exponential: return initial * pow(final / initial, done)
    case .cosine: return final + (initial - final) * (1 + cos(Double.pi * done)) / 2
    }
  }

  /// - Throws: `ConfigurationError` that quotes the first setting out of range.
  public func validate() throws {
    for (name, value) in [("initial", initial), ("final", final)] {
      try ConfigurationError.check(
        "\(name) probability of teacher forcing", value, "a number from 0 to 1"
      ) { $0 >= 0 && $0 <= 1 }
    }
    if decay == .exponential, initial <= 0 || final <= 0 {
      throw ConfigurationError(
        "teacher forcing from \(initial) to \(final) along an exponential: probabilities above 0 "
          + "are expected")
    }
    try ConfigurationError.check(
      "delay of teacher forcing", delay, "a number of at least 0 and below 1"
    ) { $0 >= 0 && $0 < 1 }
  }
}
