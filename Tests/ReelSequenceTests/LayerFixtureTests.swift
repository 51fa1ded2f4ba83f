import Foundation
import ReelFormats
import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

/// Layers and losses against PyTorch: outputs, losses and gradients.
@Suite struct LayerFixtureTests {
  let tensors: NamedTensors

  init() throws {
    let path = try #require(
      Bundle.module.path(forResource: "layers", ofType: "safetensors", inDirectory: "Fixtures"))
    tensors = try Safetensors.read(path).tensors
  }

  private func tensor(_ name: String) throws -> Tensor { try #require(tensors[name]) }

  private func ids(_ name: String) throws -> [Int32] { try tensor(name).values.map { Int32($0) } }

  private func expectEqual(_ came: Tensor?, _ name: String) throws {
    let came = try #require(came)
    let wanted = DoubleTensor(try tensor(name))
    #expect(difference(came, wanted, tolerance: 1e-5, what: name) == nil)
  }

  /// The layer with the fixture's parameters.
  private func loaded<M: Module>(_ layer: M, _ name: String) throws -> M {
    var layer = layer
    let prefix = "\(name)/parameter."
    let own = tensors.filter { $0.name.hasPrefix(prefix) }
      .map { (name: String($0.name.dropFirst(prefix.count)), tensor: $0.tensor) }
    try layer.load(own)
    return layer
  }

  /// The weighted sum of the output that the fixture's gradients belong to.
  private func check<M: Module>(_ layer: M, _ name: String, _ apply: (M) -> Tensor) throws {
    let layer = try loaded(layer, name)
    let weight = try tensor("\(name)/output_weight")
    let (loss, output, gradients) = valueAndGradient(of: layer) { layer in
      let output = apply(layer).reshaped(weight.shape)
      return ((output * weight).sum(), output)
    }
    try expectEqual(output, "\(name)/output")
    try expectEqual(loss, "\(name)/loss")
    for entry in gradients.entries {
      try expectEqual(entry.gradient?.tensor, "\(name)/gradient.\(entry.path)")
    }
  }

  private func checkInput(_ name: String, _ apply: (Tensor) -> Tensor) throws {
    let weight = try tensor("\(name)/output_weight")
    let gradient = valueAndGradient(at: [try tensor("\(name)/input")]) {
      (apply($0[0]) * weight).sum()
    }.gradients[0]
    try expectEqual(gradient?.tensor, "\(name)/gradient.input")
  }

  @Test(arguments: [true, false]) func linear(bias: Bool) throws {
    let name = bias ? "linear" : "linear_no_bias"
    var generator = RandomGenerator(seed: 1)
    let layer = try loaded(Linear(3, 4, bias: bias, using: &generator), name)
    let input = try tensor("\(name)/input")
    try check(layer, name) { $0(input) }
    try checkInput(name) { layer($0) }
  }

  @Test func layerNorm() throws {
    let layer = try loaded(
      LayerNorm(6, epsilon: try tensor("layer_norm/epsilon").scalar), "layer_norm")
    let input = try tensor("layer_norm/input")
    try check(layer, "layer_norm") { $0(input) }
    try checkInput("layer_norm") { layer($0) }
  }

  @Test func embedding() throws {
    var generator = RandomGenerator(seed: 1)
    let ids = try ids("embedding/ids")
    let layer = Embedding(vocabulary: 7, dimension: 3, using: &generator)
    try check(layer, "embedding") { $0(ids) }
  }

  @Test(arguments: [
    "cross_entropy", "cross_entropy_smoothed", "cross_entropy_ignored",
    "cross_entropy_smoothed_ignored",
  ])
  func crossEntropyLoss(name: String) throws {
    let logits = try tensor("\(name)/logits")
    let targets = try ids("\(name)/targets")
    let smoothing = try tensor("\(name)/label_smoothing").scalar
    let (loss, gradients) = valueAndGradient(at: [logits]) {
      crossEntropy($0[0].reshaped([targets.count, 5]), targets, smoothing: smoothing)
    }
    try expectEqual(loss, "\(name)/loss")
    try expectEqual(gradients[0]?.tensor, "\(name)/gradient.logits")
  }
}
