import Foundation
import ReelFormats
import ReelLayers
import ReelTensor
import ReelTraining
import Testing

/// Five steps of each optimizer against PyTorch's.
@Suite struct OptimizerFixtureTests {
  @Test(arguments: [
    "sgd", "sgd_weight_decay", "sgd_momentum", "sgd_nesterov", "sgd_nesterov_weight_decay",
    "rmsprop", "rmsprop_momentum", "adagrad", "adadelta", "adam", "adam_weight_decay", "adamw",
  ])
  func matchesPyTorch(_ name: String) throws {
    let path = try #require(Bundle.module.resourceURL)
      .appendingPathComponent("Fixtures/optimizers.safetensors").path
    let tensors = try Safetensors.read(path).tensors
    func tensor(_ key: String) throws -> Tensor { try #require(tensors["\(name)/\(key)"]) }
    func setting(_ key: String) -> Float? { tensors["\(name)/\(key)"]?.scalar }

    let isNesterov = setting("nesterov") != nil
    let rule = isNesterov ? "nesterov" : String(name.prefix { $0 != "_" })
    var configuration = try OptimizerConfiguration(
      name: rule, learningRate: setting("learning_rate"))
    configuration.momentum = setting("momentum")
    configuration.weightDecay = setting("weight_decay")
    configuration.decay = setting("decay")
    configuration.beta1 = setting("beta1")
    configuration.beta2 = setting("beta2")
    configuration.epsilon = setting("epsilon")
    var optimizer = try configuration.makeOptimizer()

    var model = TwoParameters(weight: try tensor("start.weight"), bias: try tensor("start.bias"))
    for step in 1...5 {
      let gradients = model.gradients(
        weight: try tensor("gradient.\(step).weight"), bias: try tensor("gradient.\(step).bias"))
      optimizer.update(&model, with: gradients)
      for (came, key) in [(model.weight, "weight"), (model.bias, "bias")] {
        let expected = try tensor("parameter.\(step).\(key)").values.map(Double.init)
        #expect(relativeError(came.values, expected) <= 1e-5, "\(key) after step \(step)")
      }
    }
  }
}
