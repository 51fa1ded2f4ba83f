import CReelKernels
import ReelLayers
import ReelTensor

/// Adagrad (Duchi, Hazan and Singer 2011), as `torch.optim.Adagrad`.
///
/// For a parameter w with gradient g:
///
///     g ← g + weightDecay·w
///     s ← s + g²
///     w ← w − learningRate·g / (√s + epsilon)
public struct Adagrad: Optimizer {
  public var learningRate: Float
  public let epsilon: Float
  public let weightDecay: Float
  private var memory = OptimizerMemory(rule: "adagrad", quantities: ["squares"])

  public init(learningRate: Float = 0.01, epsilon: Float = 1e-10, weightDecay: Float = 0) {
    self.learningRate = learningRate
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  public mutating func update<M: Module>(
    _ model: inout M, with gradients: Gradients, scale: Float
  ) {
    var step = reel_optimizer_step()
    step.learning_rate = learningRate
    step.epsilon = epsilon
    step.weight_decay = weightDecay
    step.gradient_scale = scale
    memory.update(&model, with: gradients, settings: { _ in step }) { piece, step in
      kernels.adagrad(piece.count, step, piece.gradient, piece.first, piece.parameter)
    }
  }

  public var state: OptimizerState { memory.state }

  public mutating func restore(_ state: OptimizerState) throws { try memory.restore(state) }
}
