import ReelLayers
import ReelTensor

/// Starting from what another network has learned.
extension ImageNetwork {
  /// Takes every parameter and buffer that `other` has under the same path with as many values; the
  /// rest stays. Shapes may differ: the weight [out, channel·height·width] of an affine map goes into
  /// a convolution's [out, channel, height, width].
  ///
  /// - Returns: the paths that were taken.
  @discardableResult
  public mutating func takeParameters(from other: some Module) -> [String] {
    var given: [String: Tensor] = [:]
    for (path, tensor) in other.savedTensors { given[path] = tensor }
    var taken: [String] = []
    updateSavedTensors { path, tensor in
      guard let value = given[path], value.count == tensor.count else { return }
      tensor = value.detached().reshaped(tensor.shape)
      taken.append(path)
    }
    return taken
  }

  /// The same network for other classes: the layers that score classes begin anew, all others keep
  /// their parameters.
  ///
  /// - Throws: `NetworkError` where the description makes no network with so many classes.
  public func replacingHead(
    classes: Int, using generator: inout RandomGenerator
  ) throws(NetworkError) -> ImageNetwork {
    var result = try ImageNetwork(
      architecture, input: input, classes: classes, using: &generator)
    let heads = try result.headPaths
    var given: [String: Tensor] = [:]
    for (path, tensor) in savedTensors { given[path] = tensor }
    result.updateSavedTensors { path, tensor in
      guard !heads.contains(where: { path.hasPrefix($0 + ".") }), let value = given[path],
        value.shape == tensor.shape
      else { return }
      tensor = value.detached()
    }
    result.recomputedBlocks = recomputedBlocks
    result.frozen = frozen
    return result
  }

  /// The paths of the layers that score classes: what is new when the classes change.
  public var headPaths: [String] {
    get throws(NetworkError) {
      let plan = try NetworkPlan(architecture.layers, input: input, classes: classes)
      return plan.layers.headPaths
    }
  }
}

extension [PlannedLayer] {
  /// Layers with parameters whose width is the number of classes.
  var headPaths: [String] {
    flatMap { layer -> [String] in
      switch layer.layer {
      case .convolution(.classes, _, _, _, _, _, _), .linear(.classes, _),
        .transposedConvolution(.classes, _, _, _, _, _, _), .radialBasis(.classes):
        return [layer.path]
      default: return layer.parts.flatMap(\.headPaths)
      }
    }
  }
}
