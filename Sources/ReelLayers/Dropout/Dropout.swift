import ReelTensor

/// Inverted dropout (Srivastava et al. 2014): each value becomes 0 with the given probability, and
/// is multiplied by 1 / (1 − probability) otherwise, so that its mean stays.
///
/// There is no training mode: whoever trains passes a generator, whoever predicts passes none.
public struct Dropout: Sendable, Codable, Equatable {
  public let probability: Float

  public init(_ probability: Float) {
    precondition(
      probability >= 0 && probability < 1,
      "Dropout(\(probability)): a probability of at least 0 and below 1 is expected")
    self.probability = probability
  }

  /// `x` unchanged when `generator` is nil.
  public func callAsFunction(_ x: Tensor, using generator: inout RandomGenerator?) -> Tensor {
    guard probability > 0,
      let mask = generator?.dropoutMask(shape: x.shape, probability: probability)
    else { return x }
    return x * mask
  }
}
