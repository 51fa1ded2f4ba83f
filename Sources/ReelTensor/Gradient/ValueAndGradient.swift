/// The value of `function` at `inputs`, and its gradient in each of them (nil where it does not
/// depend on one).
///
/// - Parameter function: gets the inputs, watched, and returns a scalar loss (one value) and
///   anything else the caller wants back.
public func valueAndGradient<Extra>(
  at inputs: [Tensor], _ function: ([Tensor]) throws -> (Tensor, Extra)
) rethrows -> (value: Tensor, extra: Extra, gradients: [Gradient?]) {
  let tape = Tape()
  defer { tape.close() }
  let leaves = inputs.map { $0.watched(by: tape) }
  let (loss, extra) = try function(leaves)
  precondition(
    loss.count == 1,
    "valueAndGradient: the loss has shape \(loss.shape), a single value is expected")
  return (loss.detached(), extra, backpropagate(from: loss, to: leaves))
}

/// The value of `function` at `inputs`, and its gradient in each of them (nil where it does not
/// depend on one).
public func valueAndGradient(
  at inputs: [Tensor], _ function: ([Tensor]) throws -> Tensor
) rethrows -> (value: Tensor, gradients: [Gradient?]) {
  let result = try valueAndGradient(at: inputs) { (try function($0), ()) }
  return (result.value, result.gradients)
}
