import ReelTensor

/// Dropout of whole channels (Tompson et al. 2015; Bai, Kolter and Koltun 2018 over time): each
/// channel of each item of a batch becomes 0 at all its positions with the given probability, and is
/// multiplied by 1 / (1 − probability) otherwise. Neighbouring positions are too alike for dropping
/// some of them to hide anything.
///
/// There is no training mode: whoever trains passes a generator, whoever predicts passes none.
public struct SpatialDropout: Sendable, Codable, Equatable {
  public let probability: Float

  public init(_ probability: Float) {
    precondition(
      probability >= 0 && probability < 1,
      "SpatialDropout(\(probability)): a probability of at least 0 and below 1 is expected")
    self.probability = probability
  }

  /// The factors of a batch, [batch, channel]; nil where nothing is dropped.
  package func mask(
    batch: Int, channels: Int, using generator: inout RandomGenerator?
  ) -> Tensor? {
    guard probability > 0 else { return nil }
    return generator?.dropoutMask(shape: [batch, channels], probability: probability)
  }

  /// `x` unchanged when `generator` is nil.
  public func callAsFunction(
    _ x: FeatureMaps, using generator: inout RandomGenerator?
  ) -> FeatureMaps {
    guard let mask = mask(batch: x.batch, channels: x.channelCount, using: &generator) else {
      return x
    }
    let positions = x.size.reduce(1, *)
    return x.mapPositions { $0.multipliedRows(by: mask) { row in row / positions } }
  }

  /// One mask for each sequence: the same channels are missing at all its steps.
  public func callAsFunction(
    _ x: Sequences, using generator: inout RandomGenerator?
  ) -> Sequences {
    guard let mask = mask(batch: x.layout.batch, channels: x.featureCount, using: &generator)
    else { return x }
    let rows = x.layout.batchRows
    return x.mapSteps { $0.multipliedRows(by: mask) { Int(rows[$0]) } }
  }

  /// The same of a tensor [batch, channel, …].
  public func callAsFunction(
    _ x: Tensor, using generator: inout RandomGenerator?
  ) -> Tensor {
    precondition(
      x.rank >= 2, "SpatialDropout: shape \(x.shape) came, [batch, channel, …] is expected")
    guard let mask = mask(batch: x.shape[0], channels: x.shape[1], using: &generator) else {
      return x
    }
    return x * mask.reshaped(mask.shape + [Int](repeating: 1, count: x.rank - 2))
  }
}

extension SequenceLayout {
  /// The row of the batch that each stored row belongs to.
  package var batchRows: [Int32] {
    var rows: [Int32] = []
    rows.reserveCapacity(total)
    for count in active { for place in 0..<count { rows.append(Int32(order[place])) } }
    return rows
  }
}

extension Tensor {
  /// y[i] = x[i] ⊙ mask[row(i)] for self [n, channels] and `mask` [rows, channels], which is not
  /// differentiated. One node.
  fileprivate func multipliedRows(
    by mask: Tensor, row: @escaping @Sendable (Int) -> Int
  ) -> Tensor {
    let y = multipliedRowsValue(by: mask, row: row)
    return record(y, from: [self]) { [.dense($0.multipliedRowsValue(by: mask, row: row))] }
  }

  private func multipliedRowsValue(by mask: Tensor, row: @Sendable (Int) -> Int) -> Tensor {
    let channels = shape[1]
    let y = Tensor(shape: shape, storage: Storage(count: count))
    Threads.forEachRange(of: shape[0], size: max(1, (1 << 15) / max(channels, 1))) { range in
      for position in range {
        kernels.multiply(
          channels, storage.pointer + position * channels,
          mask.storage.pointer + row(position) * channels,
          y.storage.pointer + position * channels)
      }
    }
    return y
  }
}
