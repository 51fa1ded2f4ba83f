import Foundation
import ReelTensor

/// Cross-entropy of independent yes-or-no questions, in nats: summed over the questions of a row,
/// averaged over the rows.
///
/// For a logit x and a target t in 0…1, with σ the logistic function:
/// loss = −t·log σ(x) − (1 − t)·log(1 − σ(x)) = max(x, 0) − x·t + log(1 + e^−|x|),
/// which is finite for every x. (PyTorch's `binary_cross_entropy_with_logits` divides by the number
/// of questions too.)
///
/// - Parameters:
///   - logits: [rows, questions].
///   - targets: of the same shape; usually 0 and 1. No gradient is taken in them.
/// - Returns: a scalar; 0 without rows.
public func binaryCrossEntropy(_ logits: Tensor, _ targets: Tensor) -> Tensor {
  precondition(
    logits.rank == 2 && logits.shape == targets.shape,
    "binaryCrossEntropy: logits \(logits.shape) and targets \(targets.shape), [rows, questions] "
      + "twice is expected")
  let (rows, columns) = (logits.shape[0], logits.shape[1])
  var gradient = logits.isWatched ? Tensor(zeros: logits.shape) : nil
  var losses = [Double](repeating: 0, count: rows)
  losses.withUnsafeMutableBufferPointer { losses in
    let losses = Shared(losses)
    logits.withUnsafeValues { logits in
      targets.withUnsafeValues { targets in
        let (logits, targets) = (Shared(logits), Shared(targets))
        func run(_ gradient: UnsafeMutableBufferPointer<Float>?) {
          let gradient = Shared(gradient)
          Threads.forEachRange(of: rows, size: max(1, (1 << 12) / max(columns, 1))) { range in
            for row in range {
              var sum = 0.0
              for place in row * columns..<(row + 1) * columns {
                let (x, t) = (logits.pointer[place], targets.pointer[place])
                let small = exp(-abs(x))
                sum += Double(max(x, 0) - x * t + log1p(small))
                gradient.pointer?[place] = (x >= 0 ? 1 : small) / (1 + small) - t
              }
              losses.pointer[row] = sum
            }
          }
        }
        if gradient == nil { run(nil) } else { gradient?.withUnsafeMutableValues { run($0) } }
      }
    }
  }
  let scale = 1 / Float(max(rows, 1))
  let mean = losses.reduce(0, +) / Double(max(rows, 1))
  return record(Tensor(Float(mean)), from: [logits]) { [gradient] factor in
    // Exists whenever this runs: the logits were watched.
    [gradient.map { .dense($0 * (scale * factor.scalar)) }]
  }
}

/// The same over all time steps of all sequences.
public func binaryCrossEntropy(_ logits: Sequences, _ targets: Sequences) -> Tensor {
  precondition(
    logits.layout == targets.layout,
    "binaryCrossEntropy: logits of lengths \(logits.lengths), targets of lengths "
      + "\(targets.lengths)")
  return binaryCrossEntropy(logits.values, targets.values)
}
