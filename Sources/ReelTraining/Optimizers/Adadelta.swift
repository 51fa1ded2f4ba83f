import CReelKernels
import ReelLayers
import ReelTensor

/// Adadelta (Zeiler 2012), as `torch.optim.Adadelta`.
///
/// For a parameter w with gradient g:
///
///     g ← g + weightDecay·w
///     s ← decay·s + (1 − decay)·g²
///     u = g·√(d + epsilon) / √(s + epsilon)
///     d ← decay·d + (1 − decay)·u²
///     w ← w − learningRate·u
public struct Adadelta: Optimizer {
  public var learningRate: Float
  public let decay: Float
  public let epsilon: Float
  public let weightDecay: Float
  private var memory = OptimizerMemory(rule: "adadelta", quantities: ["squares", "deltas"])

  public init(
    learningRate: Float = 1, decay: Float = 0.9, epsilon: Float = 1e-6, weightDecay: Float = 0
  ) {
    precondition(
      decay >= 0 && decay < 1, "Adadelta(decay: \(decay)): at least 0 and below 1 is expected")
    self.learningRate = learningRate
    self.decay = decay
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  public mutating func update<M: Module>(
    _ model: inout M, with gradients: Gradients, scale: Float
  ) {
    var step = reel_optimizer_step()
    step.learning_rate = learningRate
    step.rho = decay
    step.epsilon = epsilon
    step.weight_decay = weightDecay
    step.gradient_scale = scale
    memory.update(&model, with: gradients, settings: { _ in step }) { piece, step in
      kernels.adadelta(
        piece.count, step, piece.gradient, piece.first, piece.second, piece.parameter)
    }
  }

  public var state: OptimizerState { memory.state }

  public mutating func restore(_ state: OptimizerState) throws { try memory.restore(state) }
}
