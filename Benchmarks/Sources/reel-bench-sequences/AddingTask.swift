import Reel

/// The adding problem: new sequences at every step.
struct AddingTask: SequenceTask {
  let problem: AddingProblem
  let batch: Int
  let stepsPerEpoch: Int
  private let parts: [AddingProblem.Batch]

  init(length: Int, batch: Int, stepsPerEpoch: Int) {
    let problem = AddingProblem(length: length)
    self.problem = problem
    self.batch = batch
    self.stepsPerEpoch = stepsPerEpoch
    // The same for every seed, so that seeds can be compared.
    parts = (1...2).map { (stream: UInt64) in
      var generator = RandomGenerator(seed: 2018, stream: stream)
      return problem.batch(1000, using: &generator)
    }
  }

  var inputSize: Int { AddingProblem.features }
  var outputs: Int { 1 }
  var measure: String { "mean squared error" }

  func loss(
    _ network: SequenceNetwork, at place: Place, using generator: inout RandomGenerator?
  ) -> Tensor {
    var random = place.generator
    return error(network, problem.batch(batch, using: &random), using: &generator)
  }

  private func error(
    _ network: SequenceNetwork, _ batch: AddingProblem.Batch,
    using generator: inout RandomGenerator?
  ) -> Tensor {
    (network.last(.vectors(batch.inputs), using: &generator) - batch.sums).squared().mean()
  }

  func evaluate(_ network: SequenceNetwork, on part: Part) -> Evaluation {
    var none: RandomGenerator?
    let error = error(network, parts[part == .test ? 1 : 0], using: &none)
    return Evaluation(loss: Double(error.scalar))
  }
}
