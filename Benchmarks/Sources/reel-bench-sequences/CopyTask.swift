import Reel

/// The copying memory task: new sequences at every step, read as one-hot rows.
struct CopyTask: SequenceTask {
  let task: CopyMemory
  let batch: Int
  let stepsPerEpoch: Int
  private let parts: [[CopyMemory.Batch]]

  init(blanks: Int, batch: Int, stepsPerEpoch: Int) {
    let task = CopyMemory(blanks: blanks)
    self.task = task
    self.batch = batch
    self.stepsPerEpoch = stepsPerEpoch
    parts = (1...2).map { (stream: UInt64) in
      var generator = RandomGenerator(seed: 2018, stream: stream)
      return (0..<10).map { _ in task.batch(100, using: &generator) }
    }
  }

  var inputSize: Int { task.classes }
  var outputs: Int { task.classes }
  var measure: String { "cross-entropy a step" }

  func loss(
    _ network: SequenceNetwork, at place: Place, using generator: inout RandomGenerator?
  ) -> Tensor {
    var random = place.generator
    let batch = task.batch(batch, using: &random)
    return crossEntropy(network(.oneHot(batch.inputs), using: &generator), batch.targets)
  }

  /// The accuracy is that of the ten symbols.
  func evaluate(_ network: SequenceNetwork, on part: Part) -> Evaluation {
    var none: RandomGenerator?
    var result = Evaluation(loss: 0, accuracy: 0)
    let batches = parts[part == .test ? 1 : 0]
    for batch in batches {
      let logits = network(.oneHot(batch.inputs), using: &none)
      result.loss += Double(crossEntropy(logits, batch.targets).scalar) / Double(batches.count)
      result.accuracy? += task.recall(logits, batch.targets) / Double(batches.count)
    }
    return result
  }
}
