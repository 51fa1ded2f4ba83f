import ReelLayers
import ReelTensor

/// Changes the weights of a model along its gradients: checks the loss, clips, and lets the
/// optimizer make the step.
public struct WeightUpdater: Sendable {
  private var optimizer: any Optimizer

  /// - Throws: `TrainingError` for a setting of the optimizer that is out of range.
  public init(_ configuration: OptimizerConfiguration) throws {
    optimizer = try configuration.makeOptimizer()
  }

  /// One step. A gradient that is no number would poison every parameter: such a step is left out
  /// where the norm is clipped, and so is known.
  ///
  /// - Parameters:
  ///   - loss: what the gradients belong to, and `step` the number of the step, from 0.
  /// - Throws: `TrainingError` for a loss that is no finite number.
  public mutating func update<M: Module>(
    _ model: inout M, with gradients: consuming Gradients, loss: Float, step: Int, rate: Float,
    settings: some UpdateSettings
  ) throws {
    guard loss.isFinite else {
      throw TrainingError(
        "the loss is \(loss) at step \(step + 1), with learning rate \(rate); "
          + "try a lower learning rate or a smaller clip norm")
    }
    var scale: Float = 1
    if let limit = settings.clipNorm {
      scale = gradients.clip(globalNorm: limit)
      guard scale.isFinite else { return }
    }
    if let limit = settings.clipValue { gradients.clip(value: limit) }
    optimizer.learningRate = rate
    optimizer.update(&model, with: gradients, scale: scale)
  }

  /// What a checkpoint keeps.
  public var state: OptimizerState { optimizer.state }

  /// The inverse of `state`.
  ///
  /// - Throws: `TrainingError` when the state does not belong to this optimizer and model.
  public mutating func restore<M: Module>(_ state: OptimizerState, for model: M) throws {
    try optimizer.restore(state, for: model)
  }
}
