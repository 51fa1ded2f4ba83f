import Foundation
import Reel

/// One training of one network on one task with one seed.
struct SequenceTraining {
  let task: any SequenceTask
  let recipe: Recipe
  let encoder: EncoderConfiguration
  let seed: UInt64
  /// Ends the training when the held-out loss falls below it.
  let target: Double?
  let minutes: Double?
  /// Epochs without a better held-out loss that end the training.
  let patience: Int?

  struct Epoch: Encodable {
    let epoch: Int
    let training_loss: Double
    let held_out: Evaluation
    let test: Evaluation
    let rate: Float
    let seconds: Double
  }

  struct Result: Encodable {
    var parameters: Int
    /// The epoch with the lowest held-out loss, and its test result.
    var best_epoch = 0
    var held_out: Evaluation
    var test: Evaluation
    /// Of training alone, without evaluations.
    var training_seconds = 0.0
    var seconds = 0.0
    var milliseconds_per_step = 0.0
    var peak_bytes = 0
    var epochs: [Epoch] = []
  }

  func run(_ report: (String) -> Void) throws -> Result {
    var generator = RandomGenerator(seed: seed)
    var network = SequenceNetwork(
      encoder, inputSize: task.inputSize, outputs: task.outputs, dropout: recipe.outputDropout,
      using: &generator)
    var dropout: RandomGenerator? = generator.split()
    var rule = try OptimizerConfiguration(name: recipe.optimizer, learningRate: recipe.rate)
    if recipe.weightDecay > 0 { rule.weightDecay = recipe.weightDecay }
    var optimizer = try rule.makeOptimizer()
    var average =
      recipe.average > 0 ? MovingAverage(network, decay: recipe.average) : nil
    var plateau = ReduceOnPlateau(factor: 0.3, patience: 3, minimum: 0.01)
    var result = Result(
      parameters: network.parameterCount, held_out: Evaluation(loss: .infinity),
      test: Evaluation(loss: .infinity))
    report("\(result.parameters) parameters, \(task.stepsPerEpoch) steps an epoch")
    let clock = ContinuousClock()
    let start = clock.now
    var steps = 0
    MemoryPool.resetPeak()
    for epoch in 0..<recipe.epochs {
      let epochStart = clock.now
      let order = Place.order(of: task.trainingCount, seed: seed, epoch: epoch)
      var (total, counted) = (0.0, 0)
      for step in 0..<task.stepsPerEpoch {
        optimizer.learningRate = rate(
          epoch, step, seconds: (clock.now - start) / .seconds(1), plateau)
        let place = Place(
          seed: seed, step: epoch * task.stepsPerEpoch + step, stepOfEpoch: step, order: order)
        var random = dropout
        let (loss, gradients) = valueAndGradient(of: network) {
          task.loss($0, at: place, using: &random)
        }
        dropout = random
        let norm = gradients.globalNorm()
        // A step from infinity or to it would end the network.
        guard norm.isFinite, loss.scalar.isFinite else { continue }
        let scale =
          recipe.clip > 0 ? Gradients.clippingScale(norm: norm, limit: recipe.clip) : 1
        optimizer.update(&network, with: gradients, scale: scale)
        average?.update(with: network)
        (total, counted, steps) = (total + Double(loss.scalar), counted + 1, steps + 1)
      }
      result.training_seconds += (clock.now - epochStart) / .seconds(1)
      result.peak_bytes = max(result.peak_bytes, MemoryPool.statistics.peakBytes)
      let evaluated = average?.average ?? network
      let heldOut = task.evaluate(evaluated, on: .heldOut)
      let test = task.evaluate(evaluated, on: .test)
      result.seconds = (clock.now - start) / .seconds(1)
      plateau.observe(heldOut.loss)
      let entry = Epoch(
        epoch: epoch + 1, training_loss: total / Double(max(counted, 1)), held_out: heldOut,
        test: test, rate: optimizer.learningRate, seconds: result.seconds)
      result.epochs.append(entry)
      if heldOut.loss < result.held_out.loss {
        (result.best_epoch, result.held_out, result.test) = (epoch + 1, heldOut, test)
      }
      result.milliseconds_per_step = 1000 * result.training_seconds / Double(max(steps, 1))
      report(
        "epoch \(epoch + 1): training \(decimal(entry.training_loss, "%.5f")), held out "
          + "\(heldOut.text), test \(test.text), rate \(entry.rate), "
          + "\(decimal(result.milliseconds_per_step, "%.1f")) ms a step, "
          + "\(decimal(result.seconds, "%.0f")) s")
      if let target, heldOut.loss < target { break }
      if let minutes, result.seconds >= minutes * 60 { break }
      if let patience, epoch + 1 - result.best_epoch >= patience { break }
    }
    return result
  }

  private func rate(
    _ epoch: Int, _ step: Int, seconds: Double, _ plateau: ReduceOnPlateau
  ) -> Float {
    let place = epoch * task.stepsPerEpoch + step
    let bySteps = Double(place) / Double(recipe.epochs * task.stepsPerEpoch)
    let share = max(bySteps, minutes.map { seconds / ($0 * 60) } ?? 0)
    let schedule: LearningRateSchedule =
      switch recipe.schedule {
      case .constant, .plateau: .constant
      case .linear: .linear(final: 0.01)
      case .cosine: .cosine(final: 0.01)
      }
    let rate = schedule.rate(base: recipe.rate, step: place, share: share)
    return recipe.schedule == .plateau ? rate * Float(plateau.scale) : rate
  }
}

func decimal(_ value: Double, _ format: String) -> String { String(format: format, value) }
