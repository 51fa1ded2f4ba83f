import ArgumentParser
import Foundation
import Reel

/// Why long memories are hard to learn (Bengio, Simard and Frasconi 1994): how strongly the loss at
/// the end of a sequence pulls at the input of each time step before, for recurrent and convolutional
/// networks of one size, untrained and trained on the adding problem.
@main
struct VanishingGradient: ParsableCommand {
  @Option(help: "Time steps of a sequence.") var length = 60
  @Option(help: "Training steps of each network.") var steps = 1000
  @Option(help: "Parameters of each network.") var parameters = 6000
  @Option(help: "Seed of all that is random.") var seed: UInt64 = 1
  @Option(help: "Where the plot goes.") var plot = "vanishing-gradient.svg"

  func validate() throws {
    guard length >= 2, steps >= 0, parameters > 0 else {
      throw ValidationError("--length of at least 2 and positive --parameters are expected")
    }
  }

  func run() throws {
    let cells: [EncoderKind] = [.rnn, .gru, .lstm, .tcn]
    let names = cells.map { $0.rawValue.uppercased() }
    let pairs = cells.map { cell in
      let untrained = network(cell)
      return (before: norms(untrained), after: norms(trained(untrained)))
    }
    var table = TextTable(
      [("distance", .right)] + names.map { ($0, .right) }
        + names.map { ("\($0) trained", .right) })
    for distance in [0, 1, 2, 5, 10, 20, 30, 40, 50, 100, 200, 500] where distance < length {
      let values = pairs.map { $0.before[distance] } + pairs.map { $0.after[distance] }
      table.add(["\(distance)"] + values.map { String(format: "%.1e", $0) })
    }
    print(table.text, terminator: "")

    func chart(_ title: String, _ curves: [[Double]]) -> LineChart {
      let lines = zip(names, curves).map { name, values in
        LineChart.Line(name, values.enumerated().map { (Double($0.offset), $0.element) })
      }
      return LineChart(title: title, scale: .logarithmic, lines: lines)
    }
    let svg = LineChart.svg(
      title: "Gradient of the loss in the input, relative to its largest",
      horizontal: "time steps before the end",
      [
        chart("untrained", pairs.map(\.before)),
        chart("after \(steps) steps of the adding problem", pairs.map(\.after)),
      ])
    try svg.write(toFile: plot, atomically: true, encoding: .utf8)
    print("plot: \(plot)")
  }

  var problem: AddingProblem { AddingProblem(length: length) }

  func network(_ cell: EncoderKind) -> SequenceNetwork {
    var generator = RandomGenerator(seed: seed)
    var encoder = EncoderConfiguration(cell: cell, layers: 1, directions: .forward)
    // As many blocks as let the end see the beginning.
    while let field = encoder.receptiveField, field < length { encoder.layers += 1 }
    encoder = encoder.sized(parameters: parameters, inputSize: AddingProblem.features)
    return SequenceNetwork(
      encoder, inputSize: AddingProblem.features, outputs: 1, using: &generator)
  }

  func loss(_ network: SequenceNetwork, _ inputs: Sequences, _ sums: Tensor) -> Tensor {
    (network.last(.vectors(inputs)) - sums).squared().mean()
  }

  func trained(_ untrained: SequenceNetwork) -> SequenceNetwork {
    var network = untrained
    var generator = RandomGenerator(seed: seed, stream: 1)
    var optimizer = Adam(learningRate: 5e-3)
    for _ in 0..<steps {
      let batch = problem.batch(32, using: &generator)
      let (_, gradients) = valueAndGradient(of: network) { loss($0, batch.inputs, batch.sums) }
      optimizer.update(&network, with: gradients, scale: gradients.clip(globalNorm: 1))
    }
    return network
  }

  /// ‖∂L/∂x‖ at each distance from the end, over a batch, relative to the largest.
  func norms(_ network: SequenceNetwork) -> [Double] {
    var generator = RandomGenerator(seed: seed, stream: 2)
    let batch = problem.batch(64, using: &generator)
    let (_, gradients) = valueAndGradient(at: [batch.inputs.padded()]) {
      loss(network, Sequences($0[0]), batch.sums)
    }
    // [batch, time, feature] → the squares of each time step.
    let squares = gradients[0].map { $0.tensor.values } ?? []
    var sums = [Double](repeating: 0, count: length)
    for (index, value) in squares.enumerated() {
      sums[length - 1 - index / AddingProblem.features % length] += Double(value) * Double(value)
    }
    let largest = sums.max() ?? 1
    return sums.map { ($0 / max(largest, .leastNormalMagnitude)).squareRoot() }
  }
}
