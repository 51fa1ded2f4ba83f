import Foundation

/// The mean of what was added, each with its weight (the number of tokens it stands for).
public struct RunningMean: Sendable, Codable, Equatable {
  public private(set) var sum = 0.0
  public private(set) var weight = 0.0

  public init() {}

  public mutating func add(_ value: Double, weight: Double = 1) {
    sum += value * weight
    self.weight += weight
  }

  /// nil before anything was added.
  public var mean: Double? { weight > 0 ? sum / weight : nil }

  public mutating func reset() { self = RunningMean() }
}

/// What a cross-entropy in nats for each token means in other units.
public enum CrossEntropyUnits {
  /// e^nats: the number of equally likely tokens that would be as hard to predict.
  public static func perplexity(nats: Double) -> Double { exp(nats) }

  /// nats / ln 2.
  public static func bits(nats: Double) -> Double { nats / M_LN2 }
}
