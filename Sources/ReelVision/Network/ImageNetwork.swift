import ReelLayers
import ReelTensor

/// A network for images, made from an ``Architecture`` and computed by walking over its layers.
///
/// ```swift
/// var generator = RandomGenerator(seed: 1)
/// let network = try ImageNetwork(.resNet18, classes: 10, using: &generator)
/// let scores = network(images)  // [batch, 3, 224, 224] → [batch, 10]
/// ```
///
/// Whether it trains is an argument of the call: with statistics, batch normalization uses those of
/// the batch and records them; with a generator, dropout drops. Without, it predicts.
///
/// Paths of parameters are the names in the description. Architectures that torchvision has carry its
/// names, so that a `state_dict` saved as safetensors loads as it is.
public struct ImageNetwork: Module {
  public let architecture: Architecture
  /// [channel, height, width] that the network was made for.
  public let input: [Int]
  public let classes: Int
  /// Blocks (residual sums and branches) of which the way back keeps only what came into every n-th,
  /// and computes the rest once more: less memory for one more forward pass. nil: all is kept.
  public var recomputedBlocks: Int?
  /// Paths at and under which nothing is trained; see ``freeze(_:)``.
  public internal(set) var frozen: [String] = []
  var nodes: [NetworkNode]

  /// Random weights as the architecture says, biases 0.
  ///
  /// - Parameters:
  ///   - input: [channel, height, width]; the published one where nil.
  ///   - classes: the published number where nil.
  /// - Throws: `NetworkError` that names the layer that cannot take what comes.
  public init(
    _ architecture: Architecture, input: [Int]? = nil, classes: Int? = nil,
    using generator: inout RandomGenerator
  ) throws(NetworkError) {
    let plan = try NetworkPlan(
      architecture.layers, input: input ?? architecture.input,
      classes: classes ?? architecture.classes)
    self.architecture = architecture
    self.input = plan.input.shape
    self.classes = plan.classes
    nodes = try NetworkNode.nodes(
      plan.layers,
      WeightSettings(classes: plan.classes, initialization: architecture.initialization),
      using: &generator)
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    nodes.visit(&visitor)
  }

  /// The layers with their sizes, for the input and the classes of this network.
  public var table: LayerTable {
    get throws(NetworkError) { try LayerTable(architecture, input: input, classes: classes) }
  }

  /// The result for a batch: a vector of scores for each image, or maps of scores.
  ///
  /// A call ends the program where the images do not fit; ask ``check(_:)`` first where they come
  /// from outside.
  public func result(
    _ x: FeatureMaps, statistics: inout BatchStatistics?, using generator: inout RandomGenerator?
  ) -> LayerValue {
    var run = NetworkRun(statistics: statistics, generator: generator, image: x)
    statistics = nil
    let result = apply(&run)
    (statistics, generator) = (run.statistics, run.generator)
    return result
  }

  /// The result for images [batch, channel, height, width]: [batch, classes], or
  /// [batch, classes, height, width] of a network that labels pixels.
  public func callAsFunction(
    _ x: Tensor, statistics: inout BatchStatistics?, using generator: inout RandomGenerator?
  ) -> Tensor {
    result(FeatureMaps(x), statistics: &statistics, using: &generator).tensor
  }

  /// The same for maps.
  public func callAsFunction(
    _ x: FeatureMaps, statistics: inout BatchStatistics?, using generator: inout RandomGenerator?
  ) -> Tensor {
    result(x, statistics: &statistics, using: &generator).tensor
  }

  /// The prediction for images [batch, channel, height, width].
  public func callAsFunction(_ x: Tensor) -> Tensor {
    var (statistics, generator): (BatchStatistics?, RandomGenerator?)
    return self(x, statistics: &statistics, using: &generator)
  }

  /// The maps of scores of a network that labels pixels, without turning them round.
  public func maps(
    _ x: FeatureMaps, statistics: inout BatchStatistics?, using generator: inout RandomGenerator?
  ) -> FeatureMaps {
    let result = result(x, statistics: &statistics, using: &generator)
    guard case .maps(let maps) = result else {
      preconditionFailure(
        "\(architecture.name): maps were asked for, a vector of shape \(result.shape) came out")
    }
    return maps
  }

  /// The result and those of the auxiliary classifiers, for a loss that weighs them too.
  public func outputs(
    _ x: FeatureMaps, statistics: inout BatchStatistics?, using generator: inout RandomGenerator?
  ) -> NetworkOutputs {
    var run = NetworkRun(statistics: statistics, generator: generator, image: x)
    statistics = nil
    run.runsAuxiliaries = true
    let result = apply(&run)
    (statistics, generator) = (run.statistics, run.generator)
    return NetworkOutputs(
      result: result, auxiliaries: run.auxiliaries.map { ($0.name, $0.value) }, steps: run.steps)
  }

  /// What comes out of the layers at some paths, for example `["layer3", "layer4.1.conv1"]`, in their
  /// order. Of layers that share a path, the last one counts.
  ///
  /// - Throws: `NetworkError` where no layer has a path.
  public func features(
    _ x: FeatureMaps, at paths: [String], statistics: inout BatchStatistics?,
    using generator: inout RandomGenerator?
  ) throws(NetworkError) -> [LayerValue] {
    var run = NetworkRun(statistics: statistics, generator: generator, image: x)
    statistics = nil
    run.wanted = Set(paths)
    _ = apply(&run)
    (statistics, generator) = (run.statistics, run.generator)
    var values: [LayerValue] = []
    for path in paths {
      guard let value = run.found[path] else {
        throw NetworkError("\(architecture.name) has no layer \"\(path)\"")
      }
      values.append(value)
    }
    return values
  }

  private func apply(_ run: inout NetworkRun) -> LayerValue {
    run.frozen = frozen
    run.recomputedBlocks = recomputedBlocks
    return run.apply(frozen.isEmpty ? nodes : unwatchedWhereFrozen, to: .maps(run.image))
  }

  /// The layers, with frozen parameters cut off from the gradient.
  private var unwatchedWhereFrozen: [NetworkNode] {
    var copy = self
    let frozen = frozen
    copy.updateParameters { path, parameter in
      if frozen.contains(where: { path == $0 || path.hasPrefix($0 + ".") }) {
        parameter = parameter.detached()
      }
    }
    return copy.nodes
  }

  /// Trains nothing more at and under some paths, for example `["features"]`: their parameters get no
  /// gradient, and batch normalizations there use their moving statistics. An empty list frees all.
  ///
  /// - Throws: `NetworkError` where a path has no parameters.
  public mutating func freeze(_ paths: [String]) throws(NetworkError) {
    let known = parameters.map(\.path)
    for path in paths where !known.contains(where: { $0.hasPrefix(path + ".") || $0 == path }) {
      throw NetworkError("\(architecture.name) has no parameters under \"\(path)\"")
    }
    frozen = paths
  }

  /// Checks images of shape [channel, height, width] or [batch, channel, height, width].
  ///
  /// - Throws: `NetworkError` that says what came and what was expected.
  public func check(_ shape: [Int]) throws(NetworkError) {
    let image = shape.count == 4 ? Array(shape[1...]) : shape
    guard image.count == 3, image[0] == input[0] else {
      throw NetworkError(
        "images of shape \(shape) for \(architecture.name): \(input[0]) channels, height and width "
          + "expected")
    }
    guard image != input else { return }
    let plan: NetworkPlan
    let own: NetworkPlan
    do throws(NetworkError) {
      plan = try NetworkPlan(architecture.layers, input: image, classes: classes)
      own = try NetworkPlan(architecture.layers, input: input, classes: classes)
    } catch {
      throw NetworkError("images of shape \(image) for \(architecture.name): \(error)")
    }
    for (new, old) in zip(plan.layers.parameterShapes, own.layers.parameterShapes)
    where new.shapes != old.shapes {
      throw NetworkError(
        "images of shape \(image) for \(architecture.name) made for \(input): layer \(new.path) gets "
          + "\(new.input.channels) values, \(old.input.channels) expected")
    }
  }
}

/// All that a network puts out in training.
public struct NetworkOutputs: Sendable {
  public let result: LayerValue
  /// Of each auxiliary classifier, from the input on.
  public let auxiliaries: [(name: String, value: LayerValue)]
  /// Of a recurrent part, the maps after each application; the last ones are the result.
  public let steps: [FeatureMaps]
}
