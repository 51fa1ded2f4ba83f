import ReelLayers
import ReelTensor
import ReelVision

extension ImageModel {
  /// A model for other classes, or other images, that starts from what this one has learned: every
  /// parameter but those of the last layer, which begins anew.
  ///
  /// ```swift
  /// let clothes = try digits.transferred(to: fashion, freezing: .allButHead)
  /// ```
  ///
  /// - Parameters:
  ///   - images: what it shall learn; of this model's shape. Pixels are scaled as before.
  ///   - freezing: what a training leaves as it is.
  /// - Throws: one line: images of another shape, less than two classes, a frozen path without layer.
  public func transferred(
    to images: ImageSet<Target>, freezing: FrozenLayers = .none, seed: UInt64 = 0
  ) throws -> Self {
    var settings = configuration
    (settings.classes, settings.frozen) = ([], [])
    settings = try settings.filled(from: images)
    var generator = RandomGenerator(seed: seed)
    var network = try network.replacingHead(
      classes: Self.outputs(settings), using: &generator)
    settings.frozen = try freezing.paths(in: network)
    try network.freeze(settings.frozen)
    return Self(configuration: settings, pixels: try settings.pixels(), network: network)
  }
}

/// What a training leaves as it is.
public enum FrozenLayers: Sendable, Equatable {
  /// Nothing: every layer is trained ("fine-tuning").
  case none
  /// Everything but the last layer: the network becomes a fixed description of images ("features").
  case allButHead
  /// The layers at these paths, and all under them.
  case paths([String])
}

extension FrozenLayers {
  func paths(in network: ImageNetwork) throws -> [String] {
    switch self {
    case .none: return []
    case .paths(let paths): return paths
    case .allButHead:
      let heads = try network.headPaths
      // The layers, not their weights and biases.
      return network.parameters.reduce(into: []) { layers, parameter in
        let names = parameter.path.split(separator: ".").dropLast()
        let layer = names.joined(separator: ".")
        if !heads.contains(layer) && layers.last != layer { layers.append(layer) }
      }
    }
  }
}
