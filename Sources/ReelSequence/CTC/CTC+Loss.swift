import Foundation
import ReelLayers
import ReelTensor

extension CTC {
  /// −log p(target | logits) of each sequence, reduced to one number, in nats.
  ///
  /// The gradient in the scores of one sequence is softmax(scores)_t(k) − p(class k at t | target),
  /// the second by the forward–backward recursion; it is computed along with the loss, as one node.
  ///
  /// - Parameters:
  ///   - logits: scores [batch, time, C] before the softmax. −∞ rules a class out; with NaN or +∞
  ///     in a sequence its loss is NaN.
  ///   - targets: labels of each sequence, none of them the blank; none at all is legal, and so are
  ///     inputs of no steps.
  ///   - blank: the class of "no label here".
  ///   - zeroInfinity: what happens to a sequence whose target cannot be spelt (see ``CTC``), or has
  ///     probability 0: by default its loss is +∞, and so is that of the batch. With `true` it
  ///     counts as 0. Its gradient is 0 either way (PyTorch's is NaN where the loss is +∞).
  /// - Returns: a scalar, equal to that of `torch.nn.CTCLoss` on log_softmax(logits).
  public static func loss(
    _ logits: Sequences, targets: [[Int32]], blank: Int32 = 0, reduction: Reduction = .mean,
    zeroInfinity: Bool = false
  ) -> Tensor {
    check(logits, targets, blank)
    let weights = targets.map { target in
      reduction == .sum ? 1 : 1 / (Double(max(target.count, 1)) * Double(targets.count))
    }
    let input = logits.values
    let (scores, gradient) = scores(logits, targets, blank, weights)
    // In the order of the batch: the same sum whatever the threads did.
    var total = 0.0
    for (score, weight) in zip(scores, weights) {
      total -= zeroInfinity && score == -.infinity ? 0 : weight * score
    }
    return record(Tensor(Float(total)), from: [input]) { scale in
      guard let gradient else { return [nil] }
      return [.dense(gradient.affine(scale: scale.scalar, offset: 0))]
    }
  }

  /// log p(target | logits) of each sequence, in nats; −∞ where its target cannot be spelt. For
  /// evaluation: it records nothing.
  public static func logProbabilities(
    of targets: [[Int32]], _ logits: Sequences, blank: Int32 = 0
  ) -> [Double] {
    check(logits, targets, blank)
    let logits = Sequences(values: logits.values.detached(), layout: logits.layout)
    return scores(logits, targets, blank, nil).logProbabilities
  }

  private static func check(_ logits: Sequences, _ targets: [[Int32]], _ blank: Int32) {
    checkBlank(blank, logits)
    precondition(
      targets.count == logits.layout.batch,
      "CTC: \(targets.count) targets for \(logits.layout.batch) sequences")
    let classes = logits.featureCount
    for target in targets {
      for label in target {
        precondition(
          label >= 0 && label < classes && label != blank,
          "CTC: label \(label) in a target, one of 0 to \(classes - 1) but the blank \(blank) is "
            + "expected")
      }
    }
  }

  /// log p of each sequence and, where the logits are watched, the gradient of −Σ weight · log p.
  private static func scores(
    _ logits: Sequences, _ targets: [[Int32]], _ blank: Int32, _ weights: [Double]?
  ) -> (logProbabilities: [Double], gradient: Tensor?) {
    let layout = logits.layout
    let classes = logits.featureCount
    let isWatched = logits.values.isWatched && weights != nil
    // y; becomes the gradient in place.
    var softmax = logits.values.detached().softmax()
    var result = [Double](repeating: 0, count: layout.batch)
    let input = logits.values
    input.withUnsafeValues { input in
      softmax.withUnsafeMutableValues { softmax in
        result.withUnsafeMutableBufferPointer { result in
          let (x, y, result) = (Shared(input), Shared(softmax), Shared(result))
          Threads.forEach(layout.batch) { place in
            let row = layout.order[place]
            let frames = CTCFrames(
              logits: x.pointer, softmax: y.pointer, layout: layout, place: place,
              classes: classes)
            result.pointer[row] =
              isWatched
              ? frames.differentiate(targets[row], blank, weight: weights?[row] ?? 0)
              : frames.logProbability(targets[row], blank)
          }
        }
      }
    }
    return (result, isWatched ? softmax : nil)
  }
}

/// The scores of one sequence of a ragged batch.
private struct CTCFrames {
  let logits: UnsafeBufferPointer<Float>
  /// Their softmax.
  let softmax: UnsafeMutableBufferPointer<Float>
  let layout: SequenceLayout
  /// The sorted place of the sequence.
  let place: Int
  let classes: Int

  private var steps: Int { layout.lengths[layout.order[place]] }

  /// The first value of a time step.
  private func start(_ time: Int) -> Int { (layout.offsets[time] + place) * classes }

  /// log Σ exp of the scores of each step; nil where one is NaN or there is +∞ or nothing but −∞.
  private var logNormalizers: [Double]? {
    var result: [Double] = []
    result.reserveCapacity(steps)
    for time in 0..<steps {
      let start = start(time)
      var largest = start
      for index in start..<start + classes where logits[index] > logits[largest] { largest = index }
      // Of the largest score its probability is no tiny number, whatever its size is.
      let value = Double(logits[largest]) - log(Double(softmax[largest]))
      guard value.isFinite else { return nil }
      result.append(value)
    }
    return result
  }

  private func lattice(_ target: [Int32], _ blank: Int32, _ normalizers: [Double]) -> CTCLattice {
    CTCLattice(labels: target, blank: blank, steps: steps) { time, label in
      Double(logits[start(time) + Int(label)]) - normalizers[time]
    }
  }

  func logProbability(_ target: [Int32], _ blank: Int32) -> Double {
    guard let normalizers = logNormalizers else { return .nan }
    return lattice(target, blank, normalizers).logLikelihood()
  }

  /// log p of the target; the softmax becomes the gradient of −weight · log p.
  func differentiate(_ target: [Int32], _ blank: Int32, weight: Double) -> Double {
    guard let normalizers = logNormalizers else {
      scaleSoftmax(by: .nan)
      return .nan
    }
    let lattice = lattice(target, blank, normalizers)
    scaleSoftmax(by: Float(weight))
    let score = lattice.logLikelihood { time, label, probability in
      let column = label < 0 ? Int(blank) : Int(target[label])
      softmax[start(time) + column] -= Float(weight * probability)
    }
    if score == -.infinity { scaleSoftmax(by: 0) }
    return score
  }

  private func scaleSoftmax(by factor: Float) {
    for time in 0..<steps {
      let start = start(time)
      for index in start..<start + classes { softmax[index] *= factor }
    }
  }
}
