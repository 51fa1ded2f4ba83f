import ReelLayers
import ReelTensor

/// What layers hand to each other: maps, or a vector for each image.
public enum LayerValue: Sendable {
  case maps(FeatureMaps)
  /// [batch, value]
  case vector(Tensor)

  /// [batch, channel, height, width] or [batch, value]
  public var tensor: Tensor {
    switch self {
    case .maps(let maps): maps.tensor
    case .vector(let tensor): tensor
    }
  }

  /// [batch, channel, height, width] or [batch, value]
  public var shape: [Int] {
    switch self {
    case .maps(let maps): maps.shape
    case .vector(let tensor): tensor.shape
    }
  }

  /// The maps; a vector here is a mistake in the description that its plan would have found.
  var maps: FeatureMaps {
    guard case .maps(let maps) = self else {
      preconditionFailure("a vector of shape \(shape) came where maps are expected")
    }
    return maps
  }

  /// A function of single values.
  func map(_ activation: Activation) -> LayerValue {
    switch self {
    case .maps(let maps): .maps(activation(maps))
    case .vector(let tensor): .vector(activation(tensor))
    }
  }
}
