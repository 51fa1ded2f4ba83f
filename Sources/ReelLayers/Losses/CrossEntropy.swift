import ReelTensor

/// Mean cross-entropy of a softmax over classes, in nats.
///
/// For a row x with target t, over C classes and with p = softmax(x):
/// loss = (1 − ε)·(−log p_t) + ε·(1/C)·Σ_j(−log p_j); the mean is over the rows that count.
///
/// - Parameters:
///   - logits: [rows, classes], before the softmax. Where nobody else has them (an expression, or
///     `consume logits`) the gradient takes their place in memory.
///   - targets: one class for each row; a negative target is ignored.
///   - smoothing: ε of label smoothing (Szegedy et al. 2016), at least 0 and below 1.
/// - Returns: a scalar; 0 when every row is ignored.
public func crossEntropy(
  _ logits: consuming Tensor, _ targets: [Int32], smoothing: Float = 0
) -> Tensor {
  let counted = targets.reduce(0) { $0 + ($1 >= 0 ? 1 : 0) }
  return logits.crossEntropySum(targets, smoothing: smoothing) / Float(max(counted, 1))
}
