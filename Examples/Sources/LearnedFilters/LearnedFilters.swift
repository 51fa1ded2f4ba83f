import ArgumentParser
import ExampleCorpora
import Foundation
import Reel

/// What the first layer of a network looks for: its kernels after training, each above the Gabor
/// function that is most like it. Trained on Fashion-MNIST with --full, on drawn digits otherwise.
@main
struct LearnedFilters: ParsableCommand {
  @Flag(help: "Fashion-MNIST. Takes some minutes.") var full = false
  @Option(help: "Passes over the images.") var epochs: Int?
  @Option(help: "Seed of all that is random.") var seed: UInt64 = 1
  @Option(help: "Where the picture goes.") var picture = "filters.png"

  /// Large kernels, which can be looked at, and little behind them.
  static let architecture = Architecture(
    name: "large-kernels", source: "this example", input: [1, 28, 28], classes: 10,
    layers: [
      "conv1": .convolution(16, kernel: 9, padding: 4, bias: false), "bn1": .batchNorm(),
      "relu1": .relu, "pool1": .maxPooling(2),
      "conv2": .convolution(32, kernel: 3, padding: 1, bias: false), "bn2": .batchNorm(),
      "relu2": .relu, "pool2": .maxPooling(2),
      "flatten": .flatten, "head": .linear(.classes),
    ])

  func run() throws {
    let (training, test) = try images()
    let configuration = ImageConfiguration(Self.architecture)
    let start = try ImageClassifier(images: training, configuration: configuration, seed: seed)
    var settings = TrainingSettings()
    let (passes, rate) = (epochs ?? (full ? 8 : 12), Float(full ? 2e-3 : 5e-3))
    (settings.batch, settings.epochs, settings.seed) = (64, passes, seed)
    settings.optimizer = OptimizerConfiguration(.adamw, learningRate: rate)
    // So much that e⁻⁴ is left of the noise that the weights begin with.
    let steps = Float(passes * (training.count + 63) / 64)
    settings.optimizer.weightDecay = 8 / (rate * max(steps, 1))
    var trainer = try Trainer(start, training: training.examples, settings: settings)
    try trainer.train()
    let model = trainer.best
    print(String(format: "right: %.1f %%", 100 * model.evaluate(test.examples).accuracy))

    let before = fits(start)
    let after = fits(model).sorted { $0.fit.correlation > $1.fit.correlation }
    func mean(_ fits: [Fit]) -> Double {
      fits.reduce(0) { $0 + $1.fit.correlation } / Double(fits.count)
    }
    print(
      String(
        format: "likeness to a Gabor function: %.2f untrained, %.2f trained", mean(before),
        mean(after)))
    var table = TextTable([("likeness", .right), ("degrees", .right), ("wavelength", .right)])
    for (_, fit) in after.prefix(8) {
      table.add([
        String(format: "%.2f", fit.correlation),
        String(format: "%.0f", fit.function.orientation * 180 / .pi),
        String(format: "%.1f", fit.function.wavelength),
      ])
    }
    print(table.text, terminator: "")
    let kernels = PNGImage.sideBySide(after.map { .signed($0.kernel).enlarged(6) })
    let functions = PNGImage.sideBySide(
      after.map { .signed($0.fit.function.kernel(height: 9, width: 9)).enlarged(6) })
    try PNGImage.stacked([kernels, functions]).write(to: picture)
    print("kernels above the functions they are like: \(picture)")
  }

  typealias Fit = (kernel: Tensor, fit: (function: GaborFunction, correlation: Double))

  func fits(_ model: ImageClassifier) -> [Fit] {
    let weight = model.network.parameters[0].tensor  // conv1.weight, [16, 1, 9, 9]
    return (0..<weight.shape[0]).map { index in
      let kernel = weight.slice(index..<index + 1).reshaped([9, 9])
      return (kernel, GaborFunction.fitting(kernel))
    }
  }

  func images() throws -> (LabelledImages, LabelledImages) {
    if full {
      return try LabelledImages.parts(idx: ExampleCorpora.images("fashion-mnist"))
    }
    var generator = RandomGenerator(seed: seed)
    let drawing = DrawnDigits(size: 28)
    return (
      drawing.labelledImages(1000, using: &generator),
      drawing.labelledImages(300, using: &generator)
    )
  }
}
