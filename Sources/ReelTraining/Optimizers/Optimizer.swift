import ReelLayers

/// A rule that changes the parameters of a model along their gradients.
///
/// An optimizer is a value: it holds its hyper-parameters and, for each parameter of the model in
/// visiting order, the running quantities of its rule. One optimizer belongs to one model. Each
/// rule computes what PyTorch's optimizer of the same name computes.
///
/// **Parameters without a gradient** are left alone: neither decay nor momentum is applied, and
/// their step count stays.
///
/// **Row-sparse gradients** (`Gradient.rows`, from an embedding) are applied lazily, as by
/// PyTorch's `SparseAdam` and sparse `Adagrad`: only the rows that were used change, in the
/// parameter and in the running quantities. Weight decay, momentum and the decay of running means
/// are not applied to the other rows; the step count is that of the whole parameter.
///
/// The parameters and the running quantities are written in place: a step makes no buffer of its
/// own once the first step has made the running quantities. (A snapshot of the model or of `state`
/// that somebody still holds is left as it is: what it shares is copied once.)
public protocol Optimizer: Sendable {
  /// The factor of the step; a schedule sets it before each update.
  var learningRate: Float { get set }

  /// One step.
  ///
  /// - Parameters:
  ///   - gradients: one entry for each parameter of `model`, in visiting order.
  ///   - scale: multiplies every gradient first; see `Gradients.clip(globalNorm:)`.
  mutating func update<M: Module>(_ model: inout M, with gradients: Gradients, scale: Float)

  /// Everything a checkpoint needs to continue with the same bytes, apart from hyper-parameters.
  var state: OptimizerState { get }

  /// The inverse of `state`.
  ///
  /// - Throws: `TrainingError` when the state belongs to another rule or is incomplete; then
  ///   nothing changes.
  mutating func restore(_ state: OptimizerState) throws
}

extension Optimizer {
  /// One step.
  public mutating func update<M: Module>(_ model: inout M, with gradients: Gradients) {
    update(&model, with: gradients, scale: 1)
  }

  /// The inverse of `state`, checked against the model that will be updated.
  ///
  /// - Throws: `TrainingError` when the state belongs to another rule or another model, or is
  ///   incomplete; then nothing changes.
  public mutating func restore<M: Module>(_ state: OptimizerState, for model: M) throws {
    let expected = model.parameters.map { (path: $0.path, shape: $0.tensor.shape) }
    // A state that was saved before the first step knows no parameter yet.
    if !state.parameters.isEmpty {
      guard state.parameters.count == expected.count else {
        throw TrainingError(
          "optimizer state of \(state.parameters.count) parameters, "
            + "expected \(expected.count) as in the model")
      }
      for (came, expected) in zip(state.parameters, expected)
      where came.path != expected.path || came.shape != expected.shape {
        throw TrainingError(
          "optimizer state of \(came.path) \(came.shape), "
            + "expected \(expected.path) \(expected.shape) as in the model")
      }
    }
    try restore(state)
  }
}
