import Foundation
import Reel
import Testing

@Suite struct ImageClassifierTests {
  private let digits = ImageSamples.digits

  private func model(
    _ architecture: Architecture = ImageSamples.classifier(),
    _ change: (inout ImageConfiguration) -> Void = { _ in }
  ) throws -> ImageClassifier {
    var configuration = ImageConfiguration(architecture)
    change(&configuration)
    return try ImageClassifier(images: digits, configuration: configuration, seed: 1)
  }

  @Test func learnsDigitsAndComesBackFromItsFolder() throws {
    let start = try model { $0.augmentation.shift = 1 }
    let trainer = try ImageSamples.trained(start, digits.examples, epochs: 14)
    let learned = trainer.best
    let evaluation = learned.evaluate(digits.examples)
    #expect(evaluation.accuracy > 0.9, "\(evaluation.accuracy)")
    #expect(learned.topAccuracy(10, of: digits.examples) == 1)
    #expect(learned.topAccuracy(3, of: digits.examples) >= evaluation.accuracy)
    #expect(abs(evaluation.errorRate + evaluation.accuracy - 1) < 1e-12)
    let answer = try learned.classify(digits.image(0))
    #expect(answer.probabilities.count == 10 && digits.classes.contains(answer.label))

    try withTemporaryFolder { folder in
      try learned.save(to: folder)
      #expect(try ModelFolder.kind(of: folder) == .imageClassifier)
      let read = try ImageClassifier(folder: folder)
      #expect(read.configuration == learned.configuration)
      #expect(ImageSamples.tensors(read) == ImageSamples.tensors(learned))
      #expect(try read.classify(digits.image(0)) == answer)
      #expect(throws: ModelFolderError.self) { try ImageSegmenter(folder: folder) }
    }
  }

  @Test func theSeedDecidesWhateverTheThreads() throws {
    func bytes(threads: Int) throws -> [Tensor] {
      try Threads.with(threads) {
        let start = try model(ImageSamples.classifier(dropout: 0.3)) {
          ($0.augmentation.rotation, $0.augmentation.brightness) = (10, 0.1)
        }
        return ImageSamples.tensors(
          try ImageSamples.trained(start, Array(digits.examples.prefix(64)), epochs: 2).model)
      }
    }
    #expect(try bytes(threads: 1) == bytes(threads: 2))
  }

  @Test func resumingComesToTheSameBytes() throws {
    let examples = Array(digits.examples.prefix(64))
    let start = try model(ImageSamples.classifier(dropout: 0.2)) { $0.augmentation.shift = 1 }
    let straight = try ImageSamples.trained(
      start, examples, epochs: 3, validation: Array(digits.examples[64..<80]))
    try withTemporaryFolder { folder in
      var trainer = try Trainer(
        start, training: examples, validation: Array(digits.examples[64..<80]),
        settings: ImageSamples.settings(epochs: 3))
      var steps = 0
      try trainer.train { _, _ in
      } shouldStop: {
        steps += 1
        return steps > 6
      }
      try trainer.save(to: folder)
      var resumed = try Trainer<ImageClassifier>(
        resuming: folder, training: examples, validation: Array(digits.examples[64..<80]))
      try resumed.train()
      #expect(ImageSamples.tensors(resumed.model) == ImageSamples.tensors(straight.model))
      #expect(ImageSamples.tensors(resumed.best) == ImageSamples.tensors(straight.best))
    }
  }

  @Test func batchNormalizationKeepsWhatItSaw() throws {
    let start = try model()
    let learned = try ImageSamples.trained(start, digits.examples, epochs: 1).model
    let (before, after) = (start.network.buffers, learned.network.buffers)
    #expect(before.count == 4)
    for ((path, old), (_, new)) in zip(before, after) { #expect(old != new, "\(path)") }
  }

  @Test func viewsAreAveraged() throws {
    let plain = try model()
    var changed = plain
    changed = try changed.changing { $0.views = ImageViews(mirrors: true, corners: 1) }
    let pixels = digits.examples.prefix(3).map(\.pixels)
    let transforms = changed.configuration.views.transforms(
      image: digits.shape, window: digits.shape)
    var sums = [Double](repeating: 0, count: 10)
    for transform in transforms {
      let scores = plain.network(plain.pixels.tensor([pixels[1]], [transform])).softmax().values
      for index in 0..<10 { sums[index] += Double(scores[index]) / Double(transforms.count) }
    }
    let probabilities = changed.probabilities(pixels)[1]
    #expect(zip(probabilities, sums).allSatisfy { abs(Double($0) - $1) < 1e-5 })
  }

  @Test func manyImagesAtOnceAreAnsweredAsSingleOnes() throws {
    let learned = try ImageSamples.trained(model(), digits.examples, epochs: 1).model
    let all = learned.probabilities(digits.examples.prefix(20).map(\.pixels))
    for (index, row) in all.enumerated() {
      let one = learned.probabilities([digits.examples[index].pixels])[0]
      #expect(zip(row, one).allSatisfy { abs($0 - $1) < 1e-4 })
    }
    #expect(learned.probabilities([]).isEmpty && learned.evaluate([]).count == 0)
  }

  @Test func ensembles() throws {
    let first = try model()
    let second = try ImageClassifier(
      images: digits, configuration: ImageConfiguration(ImageSamples.withAuxiliary), seed: 2)
    let ensemble = try ImageEnsemble([first, second])
    let pixels = digits.examples.prefix(4).map(\.pixels)
    let both = zip(first.probabilities(pixels), second.probabilities(pixels)).map { a, b in
      zip(a, b).map { ($0 + $1) / 2 }
    }
    #expect(ensemble.probabilities(pixels) == both)
    #expect(ensemble.evaluate(Array(digits.examples.prefix(4))).count == 4)
    let other = try ImageClassifier(
      images: LabelledImages(
        shape: digits.shape, classes: ["a", "b"],
        examples: [digits.examples[0]].map {
          .init(pixels: $0.pixels, target: 0)
        }), configuration: ImageConfiguration(ImageSamples.classifier()))
    #expect(throws: ConfigurationError.self) { try ImageEnsemble([first, other]) }
    #expect(throws: ConfigurationError.self) { try ImageEnsemble([]) }
  }

  @Test func classifiersBesideTheNetworkCount() throws {
    let batch = Array(digits.examples.prefix(8))
    func loss(_ weight: Float) throws -> Float {
      let model = try model(ImageSamples.withAuxiliary) { $0.auxiliaryWeight = weight }
      var context = LossContext()
      return model.loss(model.network, batch, &context).scalar
    }
    let (none, some, more) = (try loss(0), try loss(0.5), try loss(1))
    #expect(some > none && abs((more - none) - 2 * (some - none)) < 1e-4)
  }

  @Test func windowsPadAndCut() throws {
    for side in [8, 16] {
      let model = try model { $0.window = [side, side] }
      #expect(model.network.input == [1, side, side])
      #expect(model.probabilities([digits.examples[0].pixels])[0].count == 10)
    }
  }

  @Test func badInputIsRefusedInOneLine() throws {
    let model = try model()
    func expectLine(_ parts: String..., by body: () throws -> Void) {
      do {
        try body()
        Issue.record("nothing was thrown, expected \(parts)")
      } catch {
        let text = "\(error)"
        #expect(!text.contains("\n"))
        for part in parts { #expect(text.contains(part), "\(text)") }
      }
    }
    let wide = PNGImage(
      width: 13, height: 12, channels: .grey, bytes: [UInt8](repeating: 0, count: 156))
    expectLine("1 by 12 by 13", "1 by 12 by 12") { _ = try model.classify(wide) }
    let colored = PNGImage(
      width: 12, height: 12, channels: .rgb, bytes: [UInt8](repeating: 0, count: 432))
    expectLine("3 by 12 by 12", "1 by 12 by 12") { _ = try model.classify(colored) }
    expectLine("empty") {
      _ = try ImageClassifier(
        images: digits[0..<0], configuration: ImageConfiguration(ImageSamples.classifier()))
    }
    expectLine("architecture", "resnet-18") {
      _ = try ImageConfiguration(architecture: "resnet-19")
    }
    expectLine("vector of scores") {
      _ = try ImageClassifier(
        images: digits, configuration: ImageConfiguration(ImageSamples.labeller()))
    }
    // Too small for all the halving.
    expectLine("layer") {
      _ = try ImageClassifier(
        images: digits, configuration: ImageConfiguration(architecture: "alexnet"))
    }
    expectLine("nowhere") { _ = try model.changing { $0.frozen = ["nowhere"] } }
  }
}
