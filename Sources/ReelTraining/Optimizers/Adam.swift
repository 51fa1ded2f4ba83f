import CReelKernels
import Foundation
import ReelLayers
import ReelTensor

/// Adam (Kingma and Ba 2015), as `torch.optim.Adam`: weight decay is added to the gradient (L2).
///
/// For a parameter w with gradient g at its update number t:
///
///     g ← g + weightDecay·w
///     m ← beta1·m + (1 − beta1)·g
///     s ← beta2·s + (1 − beta2)·g²
///     w ← w − learningRate·(m / (1 − beta1ᵗ)) / (√(s / (1 − beta2ᵗ)) + epsilon)
public struct Adam: Optimizer {
  public var learningRate: Float
  public let beta1: Float
  public let beta2: Float
  public let epsilon: Float
  public let weightDecay: Float
  private let decouplesWeightDecay: Bool
  private var memory: OptimizerMemory

  public init(
    learningRate: Float = 1e-3, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0
  ) {
    self.init(
      rule: "adam", learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      weightDecay: weightDecay, decouplesWeightDecay: false)
  }

  /// Adam, or AdamW where weight decay is decoupled; `rule` is what a checkpoint calls it.
  init(
    rule: String, learningRate: Float, beta1: Float, beta2: Float, epsilon: Float,
    weightDecay: Float, decouplesWeightDecay: Bool
  ) {
    precondition(
      beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1,
      "\(rule) with beta1 \(beta1), beta2 \(beta2): at least 0 and below 1 is expected")
    memory = OptimizerMemory(rule: rule, quantities: ["mean", "squares"])
    self.decouplesWeightDecay = decouplesWeightDecay
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  public mutating func update<M: Module>(
    _ model: inout M, with gradients: Gradients, scale: Float
  ) {
    var step = reel_optimizer_step()
    step.learning_rate = learningRate
    step.beta1 = beta1
    step.beta2 = beta2
    step.epsilon = epsilon
    step.weight_decay = weightDecay
    step.gradient_scale = scale
    let settings = { (steps: Int) in
      step.correction1 = biasCorrection(beta1, steps)
      step.correction2 = biasCorrection(beta2, steps)
      return step
    }
    let decouples = decouplesWeightDecay
    memory.update(&model, with: gradients, settings: settings) { piece, step in
      kernels.adam(
        piece.count, step, decouples, piece.gradient, piece.first, piece.second, piece.parameter)
    }
  }

  public var state: OptimizerState { memory.state }

  public mutating func restore(_ state: OptimizerState) throws { try memory.restore(state) }
}

/// 1 − betaᵗ: what the running mean of t values, which starts at 0, falls short of. In Double,
/// from the Float that the kernel multiplies with.
func biasCorrection(_ beta: Float, _ steps: Int) -> Float {
  Float(1 - pow(Double(beta), Double(steps)))
}
