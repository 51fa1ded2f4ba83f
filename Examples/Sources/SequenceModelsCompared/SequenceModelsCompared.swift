import ArgumentParser
import ExampleCorpora
import Foundation
import Reel

/// Recurrent and convolutional networks of one size on three tasks that ask for a long memory, after
/// Bai, Kolter and Koltun (2018): the sum of two marked numbers, symbols to be repeated after a
/// silence, and images read pixel by pixel (drawn digits, and with --full MNIST).
@main
struct SequenceModelsCompared: ParsableCommand {
  @Flag(help: "Sequences of 200 to 784 steps, MNIST, larger networks. Takes hours.") var full =
    false
  @Option(help: "Training steps of each network.") var steps: Int?
  @Option(help: "Seed of all that is random.") var seed: UInt64 = 1

  /// Something to learn: the loss of a new batch, and how well a network has learned it.
  struct Task {
    let title: String
    let features: Int, outputs: Int
    let loss: (SequenceNetwork, inout RandomGenerator) -> Tensor
    let score: (SequenceNetwork) -> String
  }

  func run() throws {
    let cells: [EncoderKind] = [.rnn, .gru, .lstm, .tcn]
    var table = TextTable([("task", .left)] + cells.map { ($0.rawValue.uppercased(), .right) })
    for task in [adding(), copying(), try pixels()] {
      table.add([task.title] + cells.map { task.score(learn(task, $0)) })
    }
    print(table.text, terminator: "")
  }

  func learn(_ task: Task, _ cell: EncoderKind) -> SequenceNetwork {
    var generator = RandomGenerator(seed: seed)
    // The receptive field of the TCN's blocks is longer than any sequence here.
    let encoder = EncoderConfiguration(
      cell: cell, layers: cell == .tcn ? (full ? 8 : 6) : 1, directions: .forward,
      kernelSize: full ? 7 : 3
    ).sized(parameters: full ? 70_000 : 4000, inputSize: task.features)
    var network = SequenceNetwork(
      encoder, inputSize: task.features, outputs: task.outputs, using: &generator)
    var optimizer = Adam(learningRate: full ? 2e-3 : 5e-3)
    for _ in 0..<(steps ?? (full ? 10_000 : 600)) {
      let (_, gradients) = valueAndGradient(of: network) { task.loss($0, &generator) }
      optimizer.update(&network, with: gradients, scale: gradients.clip(globalNorm: 1))
    }
    return network
  }

  func adding() -> Task {
    let problem = AddingProblem(length: full ? 200 : 30)
    func error(_ network: SequenceNetwork, _ batch: AddingProblem.Batch) -> Tensor {
      (network.last(.vectors(batch.inputs)) - batch.sums).squared().mean()
    }
    return Task(
      title: "adding, \(problem.lengths.upperBound) steps: squared error",
      features: AddingProblem.features, outputs: 1
    ) { network, generator in
      error(network, problem.batch(32, using: &generator))
    } score: { network in
      var generator = RandomGenerator(seed: seed, stream: 1)
      return String(format: "%.4f", error(network, problem.batch(1000, using: &generator)).scalar)
    }
  }

  func copying() -> Task {
    let task = CopyMemory(blanks: full ? 200 : 10, memory: full ? 10 : 5)
    return Task(
      title: "copy, \(task.blanks) blanks: right", features: task.classes, outputs: task.classes
    ) { network, generator in
      let batch = task.batch(32, using: &generator)
      return crossEntropy(network(.oneHot(batch.inputs)), batch.targets)
    } score: { network in
      var generator = RandomGenerator(seed: seed, stream: 1)
      let batch = task.batch(500, using: &generator)
      let right = task.recall(network(.oneHot(batch.inputs)), batch.targets)
      return String(format: "%.1f %%", 100 * right)
    }
  }

  func pixels() throws -> Task {
    var generator = RandomGenerator(seed: seed, stream: 2)
    func images(_ part: String, drawn: Int) throws -> PixelSequences {
      guard full else { return DrawnDigits(size: 10).images(drawn, using: &generator) }
      return try PixelSequences(
        images: ExampleCorpora.fetched("mnist/\(part)-images-idx3-ubyte", of: "mnist"),
        labels: ExampleCorpora.fetched("mnist/\(part)-labels-idx1-ubyte", of: "mnist"))
    }
    let (training, test) = (try images("train", drawn: 2000), try images("t10k", drawn: 500))
    return Task(
      title: "digits, \(training.steps) pixels: right", features: training.features, outputs: 10
    ) { network, generator in
      let images = (0..<32).map { _ in Int.random(in: 0..<training.count, using: &generator) }
      let batch = training.batch(images)
      return crossEntropy(network.last(.vectors(batch.inputs)), batch.labels)
    } score: { network in
      String(format: "%.1f %%", 100 * test.accuracy { network.last(.vectors($0.inputs)) })
    }
  }
}
