import ArgumentParser
import ExampleCorpora
import Foundation
import Reel

/// Handwritten digits (MNIST with --full, drawn ones otherwise): LeNet-5 as LeCun, Bottou, Bengio and
/// Haffner published it in 1998, and a network of today on images that are shifted, turned and scaled
/// a little. For both: parameters, wrong answers on the test set, and the digits they mix up most.
@main
struct DigitsLeNet: ParsableCommand {
  @Flag(help: "MNIST, until the networks are good. Takes half an hour.") var full = false
  @Option(help: "Passes over the images.") var epochs: Int?
  @Option(help: "Seed of all that is random.") var seed: UInt64 = 1
  @Option(help: "Keep the networks in folders of this name.") var output: String?

  /// Convolutions in pairs with batch normalization, after which the image halves.
  static let modern = Architecture(
    name: "modern", source: "this example", input: [1, 28, 28], classes: 10,
    layers: [
      "conv1": .convolution(32, kernel: 3, padding: 1, bias: false), "bn1": .batchNorm(),
      "relu1": .relu,
      "conv2": .convolution(32, kernel: 3, padding: 1, bias: false), "bn2": .batchNorm(),
      "relu2": .relu, "pool2": .maxPooling(2),
      "conv3": .convolution(64, kernel: 3, padding: 1, bias: false), "bn3": .batchNorm(),
      "relu3": .relu,
      "conv4": .convolution(64, kernel: 3, padding: 1, bias: false), "bn4": .batchNorm(),
      "relu4": .relu, "pool4": .maxPooling(2), "drop4": .dropout(0.25),
      "flatten": .flatten, "fc5": .linear(256, bias: false), "bn5": .batchNorm(),
      "relu5": .relu, "drop5": .dropout(0.4), "fc6": .linear(.classes),
    ])

  func run() throws {
    let (training, test) = try digits()
    var published = try ImageConfiguration(architecture: "lenet-5")
    var modern = ImageConfiguration(Self.modern)
    if full {
      (published.augmentation.shift, published.augmentation.rotation) = (1, 7)
      published.augmentation.scaling = 0.08
      (modern.augmentation.shift, modern.augmentation.rotation) = (2, 12)
      modern.augmentation.scaling = 0.12
    }
    for (configuration, passes) in [(published, full ? 40 : 8), (modern, full ? 12 : 3)] {
      let model = try learn(configuration, training, epochs ?? passes)
      try report(model, test)
    }
  }

  func digits() throws -> (LabelledImages, LabelledImages) {
    if full {
      return try LabelledImages.parts(idx: ExampleCorpora.images("mnist"))
    }
    var generator = RandomGenerator(seed: seed)
    let drawing = DrawnDigits(size: 28)
    return (
      drawing.labelledImages(600, using: &generator),
      drawing.labelledImages(300, using: &generator)
    )
  }

  func learn(
    _ configuration: ImageConfiguration, _ training: LabelledImages, _ epochs: Int
  ) throws -> ImageClassifier {
    var settings = TrainingSettings()
    (settings.batch, settings.epochs, settings.seed) = (64, epochs, seed)
    settings.optimizer.weightDecay = 0.01
    settings.optimizer.rule = .adamw
    let model = try ImageClassifier(images: training, configuration: configuration, seed: seed)
    var trainer = try Trainer(model, training: training.examples, settings: settings)
    try trainer.train()
    if let output { try trainer.best.save(to: "\(output)-\(configuration.architecture.name)") }
    return trainer.best
  }

  func report(_ model: ImageClassifier, _ test: LabelledImages) throws {
    let evaluation = model.evaluate(test.examples)
    let confusion = evaluation.confusion
    let mixed = (0..<10).flatMap { gold in
      (0..<10).filter { $0 != gold }.map { (gold, $0, confusion.counts[gold][$0]) }
    }.filter { $0.2 > 0 }.sorted { ($1.2, $0.0, $0.1) < ($0.2, $1.0, $1.1) }.prefix(3)
    let pairs = mixed.map { "\($0.0) taken for \($0.1): \($0.2)" }.joined(separator: ", ")
    print(
      "\(model.configuration.architecture.name): \(model.network.parameterCount) parameters, wrong "
        + String(format: "%.2f %%", 100 * evaluation.errorRate) + " of \(test.count)"
        + (pairs.isEmpty ? "" : " (\(pairs))"))
  }
}
