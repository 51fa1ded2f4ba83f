import ReelTensor

/// Where the maxima of a max pooling stood.
public struct PoolingIndices: Sendable {
  let rows: RowMap
  let chosen: ChosenRows
  /// The number of items.
  public let batch: Int

  init(rows: RowMap, batch: Int, chosen: ChosenRows) {
    (self.rows, self.batch, self.chosen) = (rows, batch, chosen)
  }

  /// The size of the maps that were pooled.
  public var inputSize: [Int] { rows.inputSize }
  /// The size that came out.
  public var outputSize: [Int] { rows.outputSize }
  public var channelCount: Int { chosen.columns }

  /// For each value of the pooled tensor [batch, channel, size…], row-major, the position of its
  /// maximum in its channel of the input, counted row-major: PyTorch's indices. −1 where a window
  /// held nothing but padding.
  public var positions: [Int32] {
    let numbers = chosen.numbers
    let (positions, channels) = (rows.outputSize.reduce(1, *), chosen.columns)
    return (0..<numbers.count).map { index in
      let (item, rest) = index.quotientAndRemainder(dividingBy: channels * positions)
      let (channel, position) = rest.quotientAndRemainder(dividingBy: positions)
      return numbers[(item * positions + position) * channels + channel]
    }
  }
}

/// Puts each value back where the maximum of a ``MaxPooling`` stood, with zeros elsewhere (Zeiler
/// and Fergus 2014; Badrinarayanan, Kendall and Cipolla 2017).
///
/// Shapes: x [batch, channel, pooled size…] to [batch, channel, the pooling's input size…]. Where
/// windows overlapped and several values belong to one position, it gets their sum.
public struct MaxUnpooling: Sendable {
  public let indices: PoolingIndices

  public init(_ indices: PoolingIndices) { self.indices = indices }

  public func callAsFunction(_ x: FeatureMaps) -> FeatureMaps {
    let rows = indices.rows
    precondition(
      x.shape == [indices.batch, indices.channelCount] + rows.outputSize,
      "MaxUnpooling: maps of shape \(x.shape) came, the pooling made "
        + "\([indices.batch, indices.channelCount] + rows.outputSize)")
    return FeatureMaps(
      values: x.values.spread(to: indices.chosen, rows, batch: x.batch), batch: x.batch,
      size: rows.inputSize)
  }

  /// The same of a tensor [batch, channel, size…].
  public func callAsFunction(_ x: Tensor) -> Tensor { self(FeatureMaps(x)).tensor }
}
