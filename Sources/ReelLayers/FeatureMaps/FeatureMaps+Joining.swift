import ReelTensor

extension FeatureMaps {
  /// Maps of one batch and size with their channels one after the other.
  public static func concatenated(_ maps: [FeatureMaps]) -> FeatureMaps {
    precondition(!maps.isEmpty, "FeatureMaps.concatenated: no maps")
    for other in maps {
      precondition(
        other.batch == maps[0].batch && other.size == maps[0].size,
        "FeatureMaps.concatenated: maps of shapes \(maps[0].shape) and \(other.shape) came, "
          + "one batch and one size is expected")
    }
    return FeatureMaps(
      values: .joinedColumns(maps.map(\.values)), batch: maps[0].batch, size: maps[0].size)
  }

  /// The sum of maps of one shape, for example of a shortcut and what it passes by.
  public static func + (a: FeatureMaps, b: FeatureMaps) -> FeatureMaps {
    precondition(
      a.shape == b.shape,
      "FeatureMaps: a sum of maps of shapes \(a.shape) and \(b.shape), one shape is expected")
    return FeatureMaps(values: a.values + b.values, batch: a.batch, size: a.size)
  }

  /// [batch, channel·positions] in PyTorch's order: channels count slowest, so that the weights of
  /// a linear layer that follows mean the same.
  public func flattened() -> Tensor {
    let count = channelCount * size.reduce(1, *)
    // A single position has nothing to turn.
    return size.allSatisfy { $0 == 1 } ? values : tensor.reshaped([batch, count])
  }

  /// Some of the channels.
  public func channels(_ range: Range<Int>) -> FeatureMaps {
    FeatureMaps(values: values.slice(range, axis: 1), batch: batch, size: size)
  }
}
