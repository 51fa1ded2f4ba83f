import ReelLayers
import ReelTensor
import ReelText
import ReelTraining

extension Tensor {
  /// The training loss of logits [rows, labels]: their mean cross-entropy, weighted where labels
  /// have weights.
  func labelLoss(_ targets: [Int32], weights: [Float]?, smoothing: Float) -> Tensor {
    guard let weights else { return crossEntropy(self, targets, smoothing: smoothing) }
    return weightedCrossEntropy(targets, weights: weights, smoothing: smoothing)
  }

  /// Mean cross-entropy of logits [rows, labels], each row with the weight of its label:
  /// Σ w_y·loss / Σ w_y; see ``ReelLayers/crossEntropy(_:_:smoothing:)-(Tensor,_,_)``.
  package func weightedCrossEntropy(_ targets: [Int32], weights: [Float], smoothing: Float)
    -> Tensor
  {
    let labels = shape[1]
    var factors = [Float](repeating: 0, count: count)
    var sum: Float = 0
    for (row, target) in targets.enumerated() {
      let weight = weights[Int(target)]
      sum += weight
      for label in 0..<labels {
        let share = (label == Int(target) ? 1 - smoothing : 0) + smoothing / Float(labels)
        factors[row * labels + label] = -weight * share
      }
    }
    return (logSoftmax() * Tensor(shape: shape, values: factors)).sum() / max(sum, 1e-30)
  }
}

extension ClassificationEvaluation {
  /// From the logits of each example and the number of its label.
  init(labels: Labels, logits: [[Float]], gold: some Sequence<Int32>) {
    self.init(
      labels: labels.names, probabilities: logits.map(Classification.softmax),
      gold: gold.map { Int($0) })
  }
}
