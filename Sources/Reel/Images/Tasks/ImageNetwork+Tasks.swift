import ReelLayers
import ReelTensor
import ReelVision

extension ImageNetwork {
  /// The network as it predicts this many images: batch normalization folded into the convolutions
  /// where there are enough for it to be worth it.
  func forPredicting(_ images: Int) -> ImageNetwork { images >= 8 ? folded() : self }

  private func prediction(_ x: FeatureMaps) -> LayerValue {
    var (statistics, generator): (BatchStatistics?, RandomGenerator?)
    return result(x, statistics: &statistics, using: &generator)
  }

  /// The class scores of a batch, [batch, class].
  func scores(_ x: FeatureMaps) -> Tensor { prediction(x).scores }

  /// The class scores of every pixel of a batch.
  func labelScores(_ x: FeatureMaps) -> FeatureMaps { prediction(x).labelMaps }
}

extension LayerValue {
  /// The scores of whole images; maps here are a mistake that the making of the model would have
  /// found.
  var scores: Tensor {
    guard case .vector(let scores) = self else {
      preconditionFailure("maps of shape \(shape) came where scores of images are expected")
    }
    return scores
  }

  /// The scores of pixels.
  var labelMaps: FeatureMaps {
    guard case .maps(let maps) = self else {
      preconditionFailure("a vector of shape \(shape) came where scores of pixels are expected")
    }
    return maps
  }
}
