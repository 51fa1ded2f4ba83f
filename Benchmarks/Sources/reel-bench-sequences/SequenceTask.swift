import Reel

/// Something to learn: batches to train on, and parts to evaluate on.
protocol SequenceTask {
  /// Features of a time step, or ids that are read as one-hot rows.
  var inputSize: Int { get }
  var outputs: Int { get }
  /// What the evaluation's loss is called.
  var measure: String { get }
  var stepsPerEpoch: Int { get }
  /// Training examples that every epoch goes through; 0 where they are drawn anew.
  var trainingCount: Int { get }

  /// The loss of a training batch, a scalar. With a generator, dropout is on.
  func loss(
    _ network: SequenceNetwork, at place: Place, using generator: inout RandomGenerator?
  ) -> Tensor

  func evaluate(_ network: SequenceNetwork, on part: Part) -> Evaluation
}

extension SequenceTask {
  var trainingCount: Int { 0 }
}

/// Which batch: the seed and the numbers of epoch and step say it, whatever came before.
struct Place {
  let seed: UInt64
  /// From 0, over all epochs.
  let step: Int
  /// Within the epoch, from 0.
  let stepOfEpoch: Int
  /// The numbers of the training examples, in the order of this epoch.
  let order: [Int]

  /// Numbers of this step alone, for examples that are drawn anew.
  var generator: RandomGenerator { RandomGenerator(seed: seed, stream: 1 << 32 + UInt64(step)) }

  /// The examples of this step.
  func examples(batch: Int) -> ArraySlice<Int> {
    order[stepOfEpoch * batch..<min(order.count, (stepOfEpoch + 1) * batch)]
  }

  /// All training examples in the order of an epoch.
  static func order(of count: Int, seed: UInt64, epoch: Int) -> [Int] {
    var generator = RandomGenerator(seed: seed, stream: 1 << 48 + UInt64(epoch))
    return generator.permutation(of: count)
  }
}

/// Examples that are not trained on.
enum Part {
  /// Those that choose the epoch.
  case heldOut
  case test
}

struct Evaluation: Encodable {
  var loss: Double
  /// The share of answers that are right, where answers are right or wrong.
  var accuracy: Double?

  var text: String {
    let loss = loss < 1e-3 ? decimal(loss, "%.2e") : decimal(loss, "%.4f")
    return loss + (accuracy.map { decimal(100 * $0, ", %.2f %%") } ?? "")
  }
}
