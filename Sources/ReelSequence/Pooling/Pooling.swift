import ReelLayers
import ReelTensor

/// How a sequence of vectors becomes one vector.
public enum Pooling: String, Sendable, Codable, CaseIterable {
  /// What each direction knew at its own end: see ``ReelLayers/Sequences/finalStates(_:)``.
  case finalStates = "final-states"
  /// The mean over the time steps: see ``ReelLayers/Sequences/meanPooled()``.
  case mean
  /// The largest value of each feature: see ``ReelLayers/Sequences/maxPooled()``.
  case max
  /// A mean whose weights are learned: see ``AttentionPooling``.
  case attention
}

/// A pooling as a layer: the output of an encoder [batch, time, feature] → [batch, feature].
///
/// Only ``Pooling/attention`` has parameters. A sequence of length 0 gives zeros.
public struct PoolingLayer: Module {
  public let kind: Pooling
  /// Which way the encoder reads: which step is the last one of which feature.
  public let directions: RecurrentDirections
  public var attention: AttentionPooling?

  /// - Parameters:
  ///   - features: of each time step, both directions together.
  ///   - attentionSize: units of the scores of `.attention`.
  public init(
    _ kind: Pooling, features: Int, directions: RecurrentDirections = .forward,
    attentionSize: Int = 64, using generator: inout RandomGenerator
  ) {
    self.kind = kind
    self.directions = directions
    attention =
      kind == .attention
      ? AttentionPooling(features: features, attentionSize: attentionSize, using: &generator) : nil
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("attention", &attention)
  }

  public func callAsFunction(_ x: Sequences) -> Tensor {
    switch kind {
    case .finalStates: x.finalStates(directions)
    case .mean: x.meanPooled()
    case .max: x.maxPooled()
    // There is one whenever the kind is `.attention`.
    case .attention: attention?(x) ?? x.meanPooled()
    }
  }
}
