import ArgumentParser
import ExampleCorpora
import Foundation
import Reel

/// Deeper is worse without shortcuts, and better with them (He, Zhang, Ren and Sun 2016): training
/// curves of plain and residual networks of two depths as SVG. 8 and 26 layers on drawn digits, or
/// with --full 18 and 34, with an eighth of the published channels, on Fashion-MNIST.
@main
struct PlainVersusResidual: ParsableCommand {
  @Flag(help: "Fashion-MNIST, 18 and 34 layers. Takes an hour.") var full = false
  @Option(help: "Passes over the images.") var epochs: Int?
  @Option(help: "Depths to compare: 18, 34, or 6n + 2.") var depths: [Int] = []
  @Option(help: "Images to train on (default: 400, all with --full).") var images: Int?
  @Option(help: "Seed of all that is random.") var seed: UInt64 = 1
  @Option(help: "Where the plot goes.") var plot = "plain-versus-residual.svg"

  func run() throws {
    let (training, test) = try data()
    var table = TextTable([
      ("network", .left), ("parameters", .right), ("training loss", .right), ("test error", .right),
    ])
    var (losses, errors): ([LineChart.Line], [LineChart.Line]) = ([], [])
    for depth in depths.isEmpty ? (full ? [18, 34] : [8, 26]) : depths {
      for block in [ResidualBlock.plain, .basic] {
        let name = "\(block == .plain ? "plain" : "residual")-\(depth)"
        let (loss, error, count) = try curves(
          name, try network(depth, block, training.shape.axes), training, test)
        losses.append(LineChart.Line(name, loss))
        errors.append(LineChart.Line(name, error))
        table.add([
          name, "\(count)", String(format: "%.4f", loss.last?.y ?? 0),
          String(format: "%.1f %%", 100 * (error.last?.y ?? 0)),
        ])
      }
    }
    print(table.text, terminator: "")
    let charts = [
      LineChart(title: "mean training loss of the epoch", lines: losses),
      LineChart(title: "wrong on the test set", scale: .percent, lines: errors),
    ]
    let svg = LineChart.svg(title: "Plain and residual networks", horizontal: "epoch", charts)
    try svg.write(toFile: plot, atomically: true, encoding: .utf8)
    print("plot: \(plot)")
  }

  /// Blocks of each stage, by depth.
  static let stages = [18: [2, 2, 2, 2], 34: [3, 4, 6, 3]]

  func network(_ depth: Int, _ block: ResidualBlock, _ input: [Int]) throws -> Architecture {
    if let blocks = Self.stages[depth] {
      return .resNet(
        "\(depth)", block, blocks: blocks, widths: [8, 16, 32, 64], isLarge: false,
        shortcut: .padding, input: input)
    }
    guard depth >= 8, depth % 6 == 2 else {
      throw ValidationError("depth \(depth): 18, 34, or one of 8, 14, 20, … is expected")
    }
    return .resNetCIFAR(depth: depth, block, widths: [4, 8, 16], input: input)
  }

  func data() throws -> (LabelledImages, LabelledImages) {
    if full {
      let (all, test) = try LabelledImages.parts(idx: ExampleCorpora.images("fashion-mnist"))
      return (all.shuffled(seed: seed)[0..<min(all.count, images ?? all.count)], test)
    }
    var generator = RandomGenerator(seed: seed)
    let drawing = DrawnDigits(size: 12)
    let training = drawing.labelledImages(images ?? 400, using: &generator)
    return (training, drawing.labelledImages(200, using: &generator))
  }

  typealias Curve = [(x: Double, y: Double)]

  func curves(
    _ name: String, _ architecture: Architecture, _ training: LabelledImages,
    _ test: LabelledImages
  ) throws -> (loss: Curve, error: Curve, parameters: Int) {
    var settings = TrainingSettings()
    (settings.batch, settings.epochs, settings.seed) = (
      full ? 128 : 32, epochs ?? (full ? 10 : 6), seed
    )
    settings.optimizer = OptimizerConfiguration(.momentum, learningRate: 0.1)
    settings.optimizer.weightDecay = 1e-4
    var configuration = ImageConfiguration(architecture)
    if full {
      // Changed images are never known by heart: what is compared is how well a network fits them.
      configuration.augmentation.shift = 2
      configuration.augmentation.mirrorsColumns = true
    }
    let model = try ImageClassifier(images: training, configuration: configuration, seed: seed)
    var trainer = try Trainer(
      model, training: training.examples, validation: test.examples, settings: settings)
    var (losses, errors): (Curve, Curve) = ([], [])
    var mean = RunningMean()
    var bar = ProgressBar.onStandardError(label: name, unit: "images")
    func report(_ trainer: Trainer<ImageClassifier>) -> ProgressReport {
      let step = trainer.position.step
      return ProgressReport(
        share: trainer.share, step: step, items: step * settings.batch, loss: mean.mean)
    }
    try trainer.train { trainer, event in
      switch event {
      case .step(let loss):
        mean.add(loss)
        bar.update(report(trainer))
      case .evaluation(let evaluation):
        losses.append((trainer.epochsDone, mean.mean ?? 0))
        errors.append((trainer.epochsDone, evaluation.errorRate))
        mean.reset()
      }
    }
    bar.finish(report(trainer))
    return (losses, errors, model.network.parameterCount)
  }
}
