import CReelKernels
import ReelLayers
import ReelTensor

/// Stochastic gradient descent (Robbins and Monro 1951), with momentum (Polyak 1964) or Nesterov's
/// (Sutskever et al. 2013), as `torch.optim.SGD`.
///
/// For a parameter w with gradient g:
///
///     g ← g + weightDecay·w
///     v ← momentum·v + g
///     w ← w − learningRate·(nesterov ? g + momentum·v : v)
///
/// Without momentum v is g itself and nothing is kept.
public struct SGD: Optimizer {
  public var learningRate: Float
  public let momentum: Float
  public let nesterov: Bool
  public let weightDecay: Float
  private var memory: OptimizerMemory

  public init(
    learningRate: Float = 0.1, momentum: Float = 0, nesterov: Bool = false, weightDecay: Float = 0
  ) {
    precondition(
      momentum >= 0 && momentum < 1,
      "SGD(momentum: \(momentum)): at least 0 and below 1 is expected")
    precondition(
      !nesterov || momentum > 0, "SGD(nesterov: true): a momentum above 0 is expected")
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
    memory = OptimizerMemory(rule: "sgd", quantities: momentum > 0 ? ["velocity"] : [])
  }

  public mutating func update<M: Module>(
    _ model: inout M, with gradients: Gradients, scale: Float
  ) {
    var step = reel_optimizer_step()
    step.learning_rate = learningRate
    step.momentum = momentum
    step.nesterov = nesterov
    step.weight_decay = weightDecay
    step.gradient_scale = scale
    memory.update(&model, with: gradients, settings: { _ in step }) { piece, step in
      kernels.sgd(piece.count, step, piece.gradient, piece.first, piece.parameter)
    }
  }

  public var state: OptimizerState { memory.state }

  public mutating func restore(_ state: OptimizerState) throws { try memory.restore(state) }
}
