import ReelTensor

/// What a pooling makes of the values of a window.
public enum PoolingKind: String, Sendable, Codable, Hashable, CaseIterable {
  case max, average
}

/// Pooling to a given size whatever the size that comes in: output position i of m takes the input
/// positions from ⌊i·n/m⌋ up to, but not including, ⌈(i + 1)·n/m⌉ of n (PyTorch's windows, which
/// may overlap, and repeat where m > n).
///
/// Shapes: x [batch, channel, size…] to [batch, channel, output…]. No parameters.
public struct AdaptivePooling: Sendable, Codable, Hashable {
  public var kind: PoolingKind
  /// The size that comes out; one number stands for all axes.
  public var output: [Int]

  public init(_ kind: PoolingKind, output: [Int]) { (self.kind, self.output) = (kind, output) }

  /// The same size on every axis.
  public init(_ kind: PoolingKind, output: Int) { self.init(kind, output: [output]) }

  /// The size that comes out for maps of `size`.
  ///
  /// - Throws: `ConvolutionError` where a size is not positive or axes do not fit.
  public func outputSize(_ size: [Int]) throws(ConvolutionError) -> [Int] {
    guard (1...3).contains(size.count), output.count == 1 || output.count == size.count else {
      throw ConvolutionError(
        "adaptive pooling of size \(size) to \(output): 1 to 3 axes, and one size for each "
          + "or one for all expected")
    }
    guard (size + output).allSatisfy({ $0 > 0 && $0 <= Int(Int32.max) }) else {
      throw ConvolutionError(
        "adaptive pooling of size \(size) to \(output): at least 1 on every axis expected")
    }
    return size.indices.map(output.onAxis)
  }

  private func rows(_ size: [Int]) throws(ConvolutionError) -> RowMap {
    let output = try outputSize(size)
    return RowMap(
      zip(size, output).map { length, positions in
        AxisMap(
          inputs: length,
          windows: (0..<positions).map { position in
            let first = position * length / positions
            let end = ((position + 1) * length + positions - 1) / positions
            return AxisWindow(
              first: first, count: end - first, weight: Float(1 / Double(end - first)))
          })
      })
  }

  public func callAsFunction(_ x: FeatureMaps) -> FeatureMaps {
    x.resized("AdaptivePooling", rows) { values, rows in
      switch kind {
      case .max: values.maximumOfRows(rows, batch: x.batch).values
      case .average: values.combinedRows(rows, batch: x.batch)
      }
    }
  }

  /// The same of a tensor [batch, channel, size…].
  public func callAsFunction(_ x: Tensor) -> Tensor { self(FeatureMaps(x)).tensor }
}

extension FeatureMaps {
  /// The mean of each channel over all positions, [batch, channel] (global average pooling, Lin,
  /// Chen and Yan 2014).
  public func globalAveragePooled() -> Tensor { pooledToOne(.average) }

  /// The maximum of each channel over all positions, [batch, channel].
  public func globalMaxPooled() -> Tensor { pooledToOne(.max) }

  private func pooledToOne(_ kind: PoolingKind) -> Tensor {
    AdaptivePooling(kind, output: 1)(self).values
  }
}
