import ReelTensor

/// The gradients of a loss in the parameters of a module, in visiting order.
public struct Gradients: Sendable {
  public struct Entry: Sendable {
    public let path: String
    public let shape: [Int]
    /// nil where the loss did not depend on the parameter.
    public var gradient: Gradient?
  }

  public var entries: [Entry]

  /// The gradient of one parameter; nil where there is none.
  public subscript(path: String) -> Gradient? {
    entries.first { $0.path == path }?.gradient
  }
}

/// The loss of a model, and its gradient in every parameter.
///
/// `loss` is given a copy of the model whose parameters are watched; the model itself does not
/// change. Whatever else it returns (states, metrics) comes back as `extra`; tensors in it are cut
/// off from the gradient, so a state may go straight into the next call (truncated BPTT).
///
/// ```swift
/// let (loss, state, gradients) = valueAndGradient(of: model) { model in
///   let (logits, state) = model(tokens, state: state)
///   return (crossEntropy(logits, targets), state)
/// }
/// ```
public func valueAndGradient<M: Module, Extra>(
  of model: M, _ loss: (M) throws -> (Tensor, Extra)
) rethrows -> (value: Tensor, extra: Extra, gradients: Gradients) {
  let parameters = model.parameters
  let (value, extra, gradients) = try valueAndGradient(at: parameters.map(\.tensor)) { watched in
    var copy = model
    var next = 0
    copy.updateParameters { _, parameter in
      parameter = watched[next]
      next += 1
    }
    return try loss(copy)
  }
  let entries = zip(parameters, gradients).map {
    Gradients.Entry(path: $0.path, shape: $0.tensor.shape, gradient: $1)
  }
  return (value, extra, Gradients(entries: entries))
}

/// The loss of a model, and its gradient in every parameter.
public func valueAndGradient<M: Module>(
  of model: M, _ loss: (M) throws -> Tensor
) rethrows -> (value: Tensor, gradients: Gradients) {
  let result = try valueAndGradient(of: model) { (try loss($0), ()) }
  return (result.value, result.gradients)
}
