import ReelLayers
import ReelTensor

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), as `torch.optim.AdamW`.
///
/// For a parameter w with gradient g at its update number t:
///
///     w ← w − learningRate·weightDecay·w
///     m ← beta1·m + (1 − beta1)·g
///     s ← beta2·s + (1 − beta2)·g²
///     w ← w − learningRate·(m / (1 − beta1ᵗ)) / (√(s / (1 − beta2ᵗ)) + epsilon)
public struct AdamW: Optimizer {
  private var adam: Adam

  public init(
    learningRate: Float = 1e-3, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0.01
  ) {
    adam = Adam(
      rule: "adamw", learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      weightDecay: weightDecay, decouplesWeightDecay: true)
  }

  public var learningRate: Float {
    get { adam.learningRate }
    set { adam.learningRate = newValue }
  }

  public var beta1: Float { adam.beta1 }
  public var beta2: Float { adam.beta2 }
  public var epsilon: Float { adam.epsilon }
  public var weightDecay: Float { adam.weightDecay }

  public mutating func update<M: Module>(
    _ model: inout M, with gradients: Gradients, scale: Float
  ) {
    adam.update(&model, with: gradients, scale: scale)
  }

  public var state: OptimizerState { adam.state }

  public mutating func restore(_ state: OptimizerState) throws { try adam.restore(state) }
}
