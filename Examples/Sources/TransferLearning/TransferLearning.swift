import ArgumentParser
import ExampleCorpora
import Foundation
import Reel

/// What a network learned about digits, used for other images of which there are few (Yosinski, Clune,
/// Bengio and Lipson 2014): from MNIST to Fashion-MNIST with --full, from drawn digits 0 to 4 to the
/// digits 5 to 9 otherwise. Compares a network that begins anew with one whose convolutions stay as
/// they are and one that is trained further as a whole.
@main
struct TransferLearning: ParsableCommand {
  @Flag(help: "MNIST and Fashion-MNIST. Takes some minutes.") var full = false
  @Option(help: "Seed of all that is random.") var seed: UInt64 = 1

  func run() throws {
    let source: LabelledImages
    let (target, test): (LabelledImages, LabelledImages)
    if full {
      source = try LabelledImages(idx: ExampleCorpora.images("mnist"), part: .training)
      let clothes = try ExampleCorpora.images("fashion-mnist")
      target = try LabelledImages(idx: clothes, part: .training).shuffled(seed: seed)
      test = try LabelledImages(idx: clothes, part: .test)
    } else {
      source = part(of: digits(1200, stream: 0), 0..<5)
      target = part(of: digits(400, stream: 1), 5..<10)
      test = part(of: digits(600, stream: 2), 5..<10)
    }
    let digits = try learn(
      ImageClassifier(
        images: source, configuration: ImageConfiguration(architecture: "lenet-5-modern"),
        seed: seed), source, epochs: full ? 5 : 6)
    print("trained on \(source.count) digits")

    var table = TextTable([
      ("images", .right), ("new network", .right), ("convolutions frozen", .right),
      ("fine-tuned", .right),
    ])
    for count in full ? [100, 300, 1000, 5000] : [10, 30, 100] {
      let few = target[0..<count]
      let models = [
        try ImageClassifier(images: few, configuration: fresh(digits), seed: seed),
        try digits.transferred(to: few, freezing: .paths(["conv1", "conv2"]), seed: seed),
        try digits.transferred(to: few, seed: seed),
      ]
      let cells = try models.map { model in
        let learned = try learn(model, few, epochs: max(10, (full ? 20_000 : 2000) / count))
        return String(format: "%.1f %%", 100 * learned.evaluate(test.examples).accuracy)
      }
      table.add(["\(count)"] + cells)
    }
    print(table.text, terminator: "")
  }

  func digits(_ count: Int, stream: UInt64) -> LabelledImages {
    var generator = RandomGenerator(seed: seed, stream: stream)
    return DrawnDigits(size: 16).labelledImages(count, using: &generator)
  }

  /// The images of some classes, which are counted from 0 again.
  func part(of images: LabelledImages, _ classes: Range<Int>) -> LabelledImages {
    LabelledImages(
      shape: images.shape, classes: Array(images.classes[classes]),
      examples: images.examples.filter { classes.contains(Int($0.target)) }.map {
        .init(pixels: $0.pixels, target: $0.target - Int32(classes.lowerBound))
      })
  }

  /// The same settings without what was filled in from the digits.
  func fresh(_ model: ImageClassifier) -> ImageConfiguration {
    var configuration = ImageConfiguration(model.configuration.architecture)
    configuration.normalization = model.configuration.normalization
    return configuration
  }

  func learn(
    _ model: ImageClassifier, _ images: LabelledImages, epochs: Int
  ) throws -> ImageClassifier {
    var settings = TrainingSettings()
    (settings.batch, settings.epochs, settings.seed) = (32, epochs, seed)
    var trainer = try Trainer(model, training: images.examples, settings: settings)
    try trainer.train()
    return trainer.best
  }
}
