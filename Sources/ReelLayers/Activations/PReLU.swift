import ReelTensor

/// A rectifier whose slope below 0 is learned (He et al. 2015): y = x where x > 0, weight·x
/// elsewhere.
///
/// Shapes: x, y [batch, channel, …] as ``FeatureMaps`` or as a tensor; `weight` [1] for all
/// channels together, or [channels]: PyTorch's.
public struct PReLU: Module {
  public var weight: Tensor

  /// One slope for all channels, or `channels` of them.
  public init(channels: Int = 1, initial: Float = 0.25) {
    precondition(channels > 0, "PReLU(channels: \(channels)): at least 1 expected")
    weight = Tensor(repeating: initial, shape: [channels])
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("weight", &weight)
  }

  public func callAsFunction(_ x: FeatureMaps) -> FeatureMaps { x.mapPositions { rows($0) } }

  /// The same of a tensor [batch, channel] or [batch, channel, size…].
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.rank == 2 ? rows(x) : self(FeatureMaps(x)).tensor
  }

  private func rows(_ x: Tensor) -> Tensor {
    let channels = x.shape[1]
    precondition(
      weight.count == 1 || weight.count == channels,
      "PReLU: \(channels) channels came, a weight of shape \(weight.shape) is there")
    // One slope for all stands in every column; the way back of the product sums them.
    let slopes =
      weight.count == channels ? weight : weight * Tensor(repeating: 1, shape: [channels])
    return x.parametricallyRectified(slopes)
  }
}
