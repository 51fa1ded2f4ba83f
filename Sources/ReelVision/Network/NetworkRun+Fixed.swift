import ReelLayers
import ReelTensor

/// Layers without parameters.
extension NetworkRun {
  mutating func apply(_ layer: LayerDescription, to x: LayerValue) -> LayerValue {
    switch layer {
    case .activation(let activation): return x.map(activation)
    case .dropout(let probability):
      switch x {
      case .maps(let maps): return .maps(Dropout(probability)(maps, using: &generator))
      case .vector(let tensor): return .vector(Dropout(probability)(tensor, using: &generator))
      }
    case .spatialDropout(let probability):
      return .maps(SpatialDropout(probability)(x.maps, using: &generator))
    case .flatten:
      if case .vector = x { return x }
      return .vector(x.maps.flattened())
    case .globalAveragePooling: return .vector(x.maps.globalAveragePooled())
    case .save(let name):
      saved[name] = x.maps
      return x
    case .crop(let name, let offset):
      let size = kept(name).size
      return .maps(
        offset.map { x.maps.cropped(from: [$0, $0], size: size) } ?? x.maps.centerCropped(to: size))
    default: return .maps(resized(x.maps, by: layer))
    }
  }

  private func resized(_ x: FeatureMaps, by layer: LayerDescription) -> FeatureMaps {
    switch layer {
    case .localResponseNorm(let size, let alpha, let beta, let k):
      return LocalResponseNorm(size: size, alpha: alpha, beta: beta, k: k)(x)
    case .maxPooling(let window, let stride, let padding, let roundsUp):
      return MaxPooling(
        window.sizes, stride: (stride ?? window).sizes, padding: padding.aroundAxes,
        roundsUp: roundsUp)(x)
    case .averagePooling(let window, let stride, let padding, let roundsUp, let countsPadding):
      return AveragePooling(
        window.sizes, stride: (stride ?? window).sizes, padding: padding.aroundAxes,
        roundsUp: roundsUp, countsPadding: countsPadding)(x)
    case .adaptiveAveragePooling(let size):
      return AdaptivePooling(.average, output: size.sizes)(x)
    case .upsampling(let scale, let interpolation):
      return Upsampling(interpolation, scale: Double(scale))(x)
    case .padding(let size):
      let missing = zip(size.sizes, x.size).map { max(0, $0 - $1) }
      if missing.allSatisfy({ $0 == 0 }) { return x }
      return x.padded(missing.map { AxisPadding(before: $0 / 2, after: $0 - $0 / 2) })
    case .widening(let width, let stride): return widened(x, to: width, stride)
    default: preconditionFailure("\(layer) is no layer without parameters")
    }
  }

  private func widened(_ x: FeatureMaps, to width: Width, _ stride: Extent) -> FeatureMaps {
    // Maxima of windows of one position are the values themselves.
    let kept = stride == 1 ? x : MaxPooling([1, 1], stride: stride.sizes)(x)
    guard case .count(let channels) = width, channels > x.channelCount else { return kept }
    let more = channels - x.channelCount
    var parts = [kept]
    if more / 2 > 0 { parts.insert(zeros(like: kept, channels: more / 2), at: 0) }
    parts.append(zeros(like: kept, channels: more - more / 2))
    return .concatenated(parts)
  }
}

extension Extent {
  var aroundAxes: [AxisPadding] { sizes.map { AxisPadding(before: $0, after: $0) } }
}
