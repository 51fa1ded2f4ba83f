import ReelTensor

extension FeatureMaps {
  /// Softmax over the channels of each position: the probability of each class there.
  public func softmax() -> FeatureMaps { mapPositions { $0.softmax() } }

  /// Logarithm of the softmax over the channels of each position.
  public func logSoftmax() -> FeatureMaps { mapPositions { $0.logSoftmax() } }

  /// For each position of each item, row-major, the channel of its largest value: the predicted
  /// classes, as labels [batch·positions] are given to the loss.
  public func argumentMaximum() -> [Int32] {
    values.count == 0 ? [] : values.argumentMaximum().map { Int32(truncatingIfNeeded: $0) }
  }
}

/// Mean cross-entropy of a softmax over the channels of each position, in nats, over all positions
/// that count.
///
/// For a position with values x and label t, over C classes and with p = softmax(x):
/// loss = (1 − ε)·(−log p_t) + ε·(1/C)·Σ_j(−log p_j).
///
/// - Parameters:
///   - logits: [batch, class, size…], before the softmax.
///   - labels: one class for each position, [batch, size…] row-major; a negative one is ignored.
///   - ignoring: one more label that is ignored, for example 255 of Pascal VOC's masks.
///   - smoothing: ε of label smoothing, at least 0 and below 1.
/// - Returns: a scalar; 0 when every position is ignored.
public func crossEntropy(
  _ logits: consuming FeatureMaps, _ labels: [Int32], ignoring: Int32? = nil, smoothing: Float = 0
) -> Tensor {
  let (shape, positions) = (logits.shape, logits.values.shape[0])
  precondition(
    labels.count == positions,
    "crossEntropy: \(labels.count) labels for maps of shape \(shape), \(positions) expected")
  let counted = ignoring.map { ignored in labels.map { $0 == ignored ? -1 : $0 } } ?? labels
  return crossEntropy(logits.takenValues(), counted, smoothing: smoothing)
}
