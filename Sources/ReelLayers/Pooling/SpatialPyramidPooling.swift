import ReelTensor

/// Pools maps of any size to a vector of one length (He, Zhang, Ren and Sun 2015): each level l
/// cuts the maps into l windows on every axis, as ``AdaptivePooling`` does, and the flattened
/// levels stand one after the other.
///
/// Shapes: x [batch, channel, size…] to [batch, channel·Σ levelᵃ], a the number of axes; within a
/// level channels count slowest. No parameters.
public struct SpatialPyramidPooling: Sendable, Codable, Hashable {
  public var levels: [Int]
  public var kind: PoolingKind

  public init(levels: [Int] = [1, 2, 4], _ kind: PoolingKind = .max) {
    (self.levels, self.kind) = (levels, kind)
  }

  /// The length of the vector for maps of so many channels and axes.
  public func outputCount(channels: Int, axes: Int = 2) -> Int {
    channels
      * levels.reduce(0) { $0 + [Int](repeating: $1, count: axes).reduce(1, *) }
  }

  public func callAsFunction(_ x: FeatureMaps) -> Tensor {
    precondition(
      !levels.isEmpty && levels.allSatisfy { $0 > 0 },
      "SpatialPyramidPooling: levels \(levels) came, at least one, all positive, is expected")
    return .concatenated(levels.map { AdaptivePooling(kind, output: $0)(x).flattened() }, axis: 1)
  }

  /// The same of a tensor [batch, channel, size…].
  public func callAsFunction(_ x: Tensor) -> Tensor { self(FeatureMaps(x)) }
}
