import ArgumentParser
import ExampleCorpora
import Foundation
import Reel

/// Deeper is worse without shortcuts, and better with them (He, Zhang, Ren and Sun 2016): training
/// curves of plain and residual networks of two depths, of equal size, on Fashion-MNIST with --full
/// and on drawn digits otherwise. Writes the curves as SVG.
@main
struct PlainVersusResidual: ParsableCommand {
  @Flag(help: "Fashion-MNIST, 20 and 56 layers. Takes hours.") var full = false
  @Option(help: "Passes over the images.") var epochs: Int?
  @Option(help: "Depths to compare, 6n + 2.") var depths: [Int] = []
  @Option(help: "Images to train on (default: all).") var images: Int?
  @Option(help: "Seed of all that is random.") var seed: UInt64 = 1
  @Option(help: "Where the plot goes.") var plot = "plain-versus-residual.svg"

  func validate() throws {
    for depth in depths where depth < 8 || depth % 6 != 2 {
      throw ValidationError("depth \(depth): 8, 14, 20, … is expected")
    }
  }

  func run() throws {
    let (training, test) = try data()
    var table = TextTable([
      ("network", .left), ("parameters", .right), ("training loss", .right),
      ("wrong on the test set", .right),
    ])
    var losses: [LineChart.Line] = []
    var errors: [LineChart.Line] = []
    for depth in depths.isEmpty ? (full ? [20, 56] : [8, 26]) : depths {
      for block in [ResidualBlock.plain, .basic] {
        let name = "\(block == .plain ? "plain" : "residual")-\(depth)"
        let architecture = Architecture.resNetCIFAR(
          depth: depth, block, widths: full ? [16, 32, 64] : [4, 8, 16], input: training.shape.axes)
        let (loss, error, count) = try curves(architecture, training, test)
        losses.append(LineChart.Line(name, loss))
        errors.append(LineChart.Line(name, error))
        table.add([
          name, "\(count)", String(format: "%.4f", loss.last?.y ?? 0),
          String(format: "%.1f %%", 100 * (error.last?.y ?? 0)),
        ])
      }
    }
    print(table.text, terminator: "")
    let svg = LineChart.svg(
      title: "Plain and residual networks", horizontal: "epoch",
      [
        LineChart(title: "mean training loss of the epoch", lines: losses),
        LineChart(title: "wrong on the test set", scale: .percent, lines: errors),
      ])
    try svg.write(toFile: plot, atomically: true, encoding: .utf8)
    print("plot: \(plot)")
  }

  func data() throws -> (LabelledImages, LabelledImages) {
    if full {
      let folder = try ExampleCorpora.images("fashion-mnist")
      let training = try LabelledImages(idx: folder, part: .training).shuffled(seed: seed)
      return (
        training[0..<min(training.count, images ?? training.count)],
        try LabelledImages(idx: folder, part: .test)
      )
    }
    var generator = RandomGenerator(seed: seed)
    let drawing = DrawnDigits(size: 12)
    return (
      drawing.labelledImages(images ?? 400, using: &generator),
      drawing.labelledImages(200, using: &generator)
    )
  }

  typealias Curve = [(x: Double, y: Double)]

  func curves(
    _ architecture: Architecture, _ training: LabelledImages, _ test: LabelledImages
  ) throws -> (loss: Curve, error: Curve, parameters: Int) {
    var settings = TrainingSettings()
    (settings.batch, settings.epochs, settings.seed) = (full ? 128 : 32, epochs ?? 6, seed)
    settings.optimizer = OptimizerConfiguration(.momentum, learningRate: 0.1)
    settings.optimizer.weightDecay = 1e-4
    let model = try ImageClassifier(
      images: training, configuration: ImageConfiguration(architecture), seed: seed)
    var trainer = try Trainer(
      model, training: training.examples, validation: test.examples, settings: settings)
    var (losses, errors): (Curve, Curve) = ([], [])
    var mean = RunningMean()
    try trainer.train { trainer, event in
      switch event {
      case .step(let loss): mean.add(loss)
      case .evaluation(let evaluation):
        losses.append((trainer.epochsDone, mean.mean ?? 0))
        errors.append((trainer.epochsDone, evaluation.errorRate))
        mean.reset()
      }
    }
    return (losses, errors, model.network.parameterCount)
  }
}
