import ReelTensor

/// The maximum over groups of neighbouring channels (Goodfellow et al. 2013), or pooling across
/// channels: y[b, g, p] = max over i < size of x[b, g·size + i, p].
///
/// Shapes: x [batch, groups·size, …] as ``FeatureMaps`` or as a tensor to [batch, groups, …]. No
/// parameters: they are those of the layer before.
public struct Maxout: Sendable, Codable, Hashable {
  /// Channels in a group.
  public var size: Int

  public init(_ size: Int) { self.size = size }

  public func callAsFunction(_ x: FeatureMaps) -> FeatureMaps {
    x.mapPositions { $0.maximumOfGroups(size) }
  }

  /// The same of a tensor [batch, channel] or [batch, channel, size…].
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.rank == 2 ? x.maximumOfGroups(size) : self(FeatureMaps(x)).tensor
  }
}
