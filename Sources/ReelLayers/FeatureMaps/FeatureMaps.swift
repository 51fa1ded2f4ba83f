import ReelTensor

/// A batch of feature maps, all of one size: what convolutions hand to each other.
///
/// At the public face a batch is a tensor [batch, channel, (depth, height,) width]. Between layers it
/// lies with the channels of a position side by side, as the matrix products want them; a network
/// turns its input round once, and its output, and nothing in between.
public struct FeatureMaps: Sendable {
  /// All positions of all items, [batch·positions, channel]; positions count row-major.
  package let values: Tensor
  /// The number of items.
  public let batch: Int
  /// The length of each axis, outermost first: [width], [height, width] or [depth, height, width].
  public let size: [Int]

  package init(values: Tensor, batch: Int, size: [Int]) {
    precondition(
      values.rank == 2 && values.shape[0] == batch * size.elementCount,
      "FeatureMaps: values of shape \(values.shape) for \(batch) maps of size \(size)")
    (self.values, self.batch, self.size) = (values, batch, size)
  }

  /// The values, handed over: these maps no longer hold them.
  package consuming func takenValues() -> Tensor { values }

  /// From a tensor [batch, channel, (depth, height,) width].
  public init(_ tensor: Tensor) {
    precondition(
      (3...5).contains(tensor.rank),
      "FeatureMaps: shape \(tensor.shape) came, [batch, channel, 1 to 3 axes] is expected")
    self.init(
      values: tensor.channelsLast(), batch: tensor.shape[0], size: Array(tensor.shape[2...]))
  }

  /// The same as a tensor [batch, channel, (depth, height,) width].
  public var tensor: Tensor { values.channelsFirst(batch: batch, size: size) }

  /// The shape of `tensor`.
  public var shape: [Int] { [batch, channelCount] + size }

  /// The number of channels.
  public var channelCount: Int { values.shape[1] }

  /// Applies a function of single positions, for example an activation: `transform` gets
  /// [batch·positions, channel] and keeps the number of rows.
  public func mapPositions(_ transform: (Tensor) throws -> Tensor) rethrows -> FeatureMaps {
    FeatureMaps(values: try transform(values), batch: batch, size: size)
  }
}

extension Dropout {
  public func callAsFunction(
    _ x: FeatureMaps, using generator: inout RandomGenerator?
  ) -> FeatureMaps {
    x.mapPositions { self($0, using: &generator) }
  }
}
