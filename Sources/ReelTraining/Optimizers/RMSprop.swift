import CReelKernels
import ReelLayers
import ReelTensor

/// RMSprop (Tieleman and Hinton 2012), as `torch.optim.RMSprop`.
///
/// For a parameter w with gradient g:
///
///     g ← g + weightDecay·w
///     s ← decay·s + (1 − decay)·g²
///     u = g / (√s + epsilon)
///     v ← momentum·v + u
///     w ← w − learningRate·v
///
/// Without momentum v is u itself and is not kept.
public struct RMSprop: Optimizer {
  public var learningRate: Float
  public let decay: Float
  public let momentum: Float
  public let epsilon: Float
  public let weightDecay: Float
  private var memory: OptimizerMemory

  public init(
    learningRate: Float = 0.01, decay: Float = 0.99, momentum: Float = 0, epsilon: Float = 1e-8,
    weightDecay: Float = 0
  ) {
    precondition(
      decay >= 0 && decay < 1, "RMSprop(decay: \(decay)): at least 0 and below 1 is expected")
    precondition(
      momentum >= 0 && momentum < 1,
      "RMSprop(momentum: \(momentum)): at least 0 and below 1 is expected")
    self.learningRate = learningRate
    self.decay = decay
    self.momentum = momentum
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    memory = OptimizerMemory(
      rule: "rmsprop", quantities: momentum > 0 ? ["squares", "velocity"] : ["squares"])
  }

  public mutating func update<M: Module>(
    _ model: inout M, with gradients: Gradients, scale: Float
  ) {
    var step = reel_optimizer_step()
    step.learning_rate = learningRate
    step.rho = decay
    step.momentum = momentum
    step.epsilon = epsilon
    step.weight_decay = weightDecay
    step.gradient_scale = scale
    memory.update(&model, with: gradients, settings: { _ in step }) { piece, step in
      kernels.rmsprop(
        piece.count, step, piece.gradient, piece.first, piece.second, piece.parameter)
    }
  }

  public var state: OptimizerState { memory.state }

  public mutating func restore(_ state: OptimizerState) throws { try memory.restore(state) }
}
