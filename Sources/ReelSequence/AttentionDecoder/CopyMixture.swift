import ReelLayers
import ReelTensor

/// The output distribution of a decoder that can copy (See, Liu and Manning 2017):
///
///     P(y) = g·softmax(z)_y + (1 − g)·Σ_{j: x_j = y} α_j        g = σ(gate)
///
/// z [V] are the scores, α the attention over the source's tokens x. A row whose source has no
/// tokens has g = 1. A source token outside 0..<V cannot be copied, and its weight is lost.
package struct CopyMixture: Sendable {
  let weights: AttentionWeights
  let sources: [[Int32]]
  /// The source of each row of scores.
  let rows: [Int]
  /// V.
  let classes: Int

  package init(weights: AttentionWeights, sources: [[Int32]], rows: [Int], classes: Int) {
    precondition(
      rows.count == weights.rows, "CopyMixture: \(rows.count) rows, \(weights.rows) with weights")
    for (row, source) in rows.enumerated() {
      let count = weights.offsets[row + 1] - weights.offsets[row]
      precondition(
        count == sources[source].count,
        "CopyMixture: source \(source) has \(sources[source].count) tokens and \(count) weights")
    }
    self.weights = weights
    self.sources = sources
    self.rows = rows
    self.classes = classes
  }

  /// P, [rows, V].
  package func probabilities(logits: Tensor, gate: Tensor) -> Tensor {
    let gates = gate.detached().sigmoid()
    let result = logits.detached().softmax()
    Threads.forEachRange(of: rows.count, size: 64) { range in
      for row in range {
        mix(row, gates.storage.pointer[row], into: result.storage.pointer + row * classes)
      }
    }
    return result
  }

  /// Turns the softmax of one row into P.
  private func mix(_ row: Int, _ gate: Float, into target: UnsafeMutablePointer<Float>) {
    let source = sources[rows[row]]
    guard !source.isEmpty else { return }
    kernels.scale_add(classes, gate, 0, target, target)
    let alpha = weights.values.storage.pointer + weights.offsets[row]
    for (step, token) in source.enumerated() where token >= 0 && Int(token) < classes {
      target[Int(token)] += (1 - gate) * alpha[step]
    }
  }

  /// Σ over rows of (1 − ε)·(−log P_t) + (ε/V)·Σ_j −log P_j, t the row's target; a negative target
  /// does not count. Probabilities below 10⁻³⁰ count as 10⁻³⁰.
  package func crossEntropySum(
    logits: Tensor, gate: Tensor, targets: [Int32], smoothing: Float
  ) -> Tensor {
    precondition(
      logits.shape == [rows.count, classes] && gate.count == rows.count
        && targets.count == rows.count,
      "CopyMixture: scores \(logits.shape), \(gate.count) gates, \(targets.count) targets for "
        + "\(rows.count) rows of \(classes) classes")
    for target in targets {
      precondition(target < classes, "CopyMixture: target \(target) of \(classes) classes")
    }
    let gates = gate.detached().sigmoid()
    let softmax = logits.detached().softmax()
    let losses = Storage(count: rows.count)
    let scoreGradient = Tensor(zeros: logits.shape)
    let gateGradient = Tensor(zeros: gate.shape)
    let alphaGradient = Tensor(zeros: weights.values.shape)
    Threads.forEachRange(of: rows.count, size: 32) { range in
      let mixture = Storage(count: classes)
      for row in range {
        losses.pointer[row] =
          targets[row] < 0
          ? 0
          : step(
            row, target: Int(targets[row]), gate: gates.storage.pointer[row],
            softmax: softmax.storage.pointer + row * classes, smoothing: smoothing,
            mixture: mixture.pointer, scores: scoreGradient.storage.pointer + row * classes,
            gateGradient: gateGradient.storage.pointer + row,
            alphaGradient: alphaGradient.storage.pointer + weights.offsets[row])
      }
    }
    var total = 0.0
    for row in rows.indices { total += Double(losses.pointer[row]) }
    return record(Tensor(Float(total)), from: [logits, gate, weights.values]) { scale in
      [scoreGradient, gateGradient, alphaGradient].map { .dense($0 * scale.scalar) }
    }
  }

  /// The loss of one row, with its gradients. With r_j = d loss / d P_j:
  /// dz = g·softmax ⊙ (r − rᵀ·softmax), dgate = g·(1 − g)·Σ_j r_j·(softmax_j − copied_j),
  /// dα_j = (1 − g)·r at the token of j.
  private func step(
    _ row: Int, target: Int, gate: Float, softmax: UnsafePointer<Float>, smoothing: Float,
    mixture: UnsafeMutablePointer<Float>, scores: UnsafeMutablePointer<Float>,
    gateGradient: UnsafeMutablePointer<Float>, alphaGradient: UnsafeMutablePointer<Float>
  ) -> Float {
    let source = sources[rows[row]]
    let gate = source.isEmpty ? 1 : gate
    mixture.update(from: softmax, count: classes)
    mix(row, gate, into: mixture)
    let least: Float = 1e-30
    var loss: Float
    // The mixture becomes r.
    if smoothing == 0 {
      let probability = max(mixture[target], least)
      loss = -logarithm(probability)
      mixture.update(repeating: 0, count: classes)
      mixture[target] = -1 / probability
    } else {
      let share = smoothing / Float(classes)
      loss = -(1 - smoothing) * logarithm(max(mixture[target], least))
      for token in 0..<classes {
        let probability = max(mixture[token], least)
        loss -= share * logarithm(probability)
        mixture[token] = -(share + (token == target ? 1 - smoothing : 0)) / probability
      }
    }
    let mean = kernels.dot(classes, mixture, softmax)
    for token in 0..<classes {
      scores[token] = gate * softmax[token] * (mixture[token] - mean)
    }
    guard !source.isEmpty else { return loss }
    let alpha = weights.values.storage.pointer + weights.offsets[row]
    var copied: Float = 0
    for (step, token) in source.enumerated() where token >= 0 && Int(token) < classes {
      copied += mixture[Int(token)] * alpha[step]
      alphaGradient[step] = (1 - gate) * mixture[Int(token)]
    }
    gateGradient.pointee = gate * (1 - gate) * (mean - copied)
    return loss
  }

  private func logarithm(_ x: Float) -> Float {
    var (value, result) = (x, Float(0))
    kernels.logarithm(1, &value, &result)
    return result
  }
}
