import Foundation
import Reel
import Testing

/// The code of Guides/Images.md, in its order.
@Suite struct ImageGuideTests {
  @Test func fromFilesToAnswers() throws {
    try withTemporaryFolder { folder in
      var generator = RandomGenerator(seed: 1)
      let scenes = SyntheticScenes(height: 32, width: 32)
      let segmented = scenes.segmented(60, using: &generator)
      let things = scenes.located(60, using: &generator)
      let digits = DrawnDigits(size: 16).labelledImages(200, using: &generator)

      var configuration = try ImageConfiguration(architecture: "lenet-5-modern")
      configuration.augmentation.shift = 1
      var settings = TrainingSettings()
      settings.epochs = 8
      var trainer = try Trainer(
        ImageClassifier(images: digits, configuration: configuration),
        training: Array(digits.examples.dropLast(40)),
        validation: Array(digits.examples.suffix(40)), settings: settings)
      try trainer.train()
      let model = trainer.best
      #expect(model.evaluate(digits.examples).errorRate < 0.6)
      let answer = try model.classify(digits.image(0))
      #expect(digits.classes.contains(answer.label))

      let own = Architecture(
        name: "own", source: "this page", input: [1, 16, 16], classes: 10,
        layers: [
          "conv1": .convolution(8, kernel: 3, padding: 1, bias: false), "bn1": .batchNorm(),
          "relu1": .relu, "pool1": .maxPooling(2),
          "flatten": .flatten, "drop": .dropout(0.3), "head": .linear(.classes),
        ])
      let second = try ImageClassifier(images: digits, configuration: ImageConfiguration(own))

      let careful = try model.changing { $0.views = ImageViews(mirrors: false, corners: 1) }
      let together = try ImageEnsemble([careful, second])
      #expect(digits.classes.contains(together.classify([digits.examples[0].pixels])[0].label))

      let halves = LabelledImages(
        shape: digits.shape, classes: ["even", "odd"],
        examples: digits.examples.map { .init(pixels: $0.pixels, target: $0.target % 2) })
      let parity = try model.transferred(to: halves, freezing: .paths(["conv1", "conv2"]))
      #expect(parity.configuration.classes == ["even", "odd"])

      let labelling = try ImageSegmenter(
        images: segmented, configuration: ImageConfiguration(architecture: "u-net-small"))
      let mask = try labelling.segment(segmented.image(0))
      try PNGImage.sideBySide([segmented.image(0), mask.coloredLabels])
        .write(to: folder + "/mask.png")
      #expect(try PNGImage(path: folder + "/mask.png").width == 32 + 4 + 32)

      let finding = try ImageLocalizer(
        images: things, configuration: ImageConfiguration(architecture: "lenet-5-modern"))
      let (what, place) = try finding.locate(things.image(0))
      #expect(things.classes.contains(what.label))
      #expect(0...1 ~= place.intersectionOverUnion(things.examples[0].target.box))
    }
  }

  /// The README's example for images.
  @Test func lenetLearnsDrawnDigits() throws {
    // begin README.md
    var generator = RandomGenerator(seed: 1)
    let digits = DrawnDigits(size: 28).labelledImages(300, using: &generator)
    var configuration = try ImageConfiguration(architecture: "lenet-5")
    configuration.augmentation.shift = 2
    var settings = TrainingSettings()
    settings.epochs = 3
    var trainer = try Trainer(
      ImageClassifier(images: digits, configuration: configuration), training: digits.examples,
      settings: settings)
    try trainer.train()
    print(try trainer.best.classify(digits.image(0)).label)
    // end README.md
    #expect(trainer.best.evaluate(digits.examples).errorRate < 0.8)
    let example = try DocumentedCode.blocks(of: "README.md").filter { $0.contains("DrawnDigits") }
    #expect(try example == DocumentedCode.regions(of: "README.md", in: #filePath))
  }
}
