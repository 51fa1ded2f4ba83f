import Foundation
import Reel
import Testing

@Suite struct ImageSegmenterTests {
  private let scenes = ImageSamples.scenes

  @Test func learnsSceneAndComesBackFromItsFolder() throws {
    var configuration = ImageConfiguration(ImageSamples.labeller())
    configuration.augmentation.mirrorsColumns = true
    let start = try ImageSegmenter(images: scenes, configuration: configuration, seed: 1)
    let trainer = try ImageSamples.trained(
      start, scenes.examples, epochs: 8, validation: Array(scenes.examples.prefix(8)))
    let model = trainer.best
    let (before, after) = (start.evaluate(scenes.examples), model.evaluate(scenes.examples))
    #expect(after.loss < 0.7 * before.loss && after.images == 48)
    #expect(after.pixelAccuracy > 0.8, "\(after.pixelAccuracy)")
    let mask = try model.segment(scenes.image(3))
    #expect(mask.height == 16 && mask.width == 20 && mask.bytes.allSatisfy { $0 < 4 })
    try withTemporaryFolder { folder in
      try model.save(to: folder)
      #expect(try ImageSegmenter(folder: folder).segment(scenes.image(3)) == mask)
    }
    // What evaluation counts is what the masks say.
    var confusion = ConfusionMatrix(labels: scenes.classes)
    for (mask, example) in zip(model.segment(scenes.examples.map(\.pixels)), scenes.examples) {
      confusion.add(gold: example.target.map { Int32($0) }, predicted: mask.bytes.map { Int32($0) })
    }
    #expect(confusion == after.confusion)
  }

  @Test func smallerOutputsLabelTheMiddle() throws {
    let start = try ImageSegmenter(
      images: scenes, configuration: ImageConfiguration(ImageSamples.labeller(padding: 0)), seed: 1)
    let mask = try start.segment(scenes.image(0))
    #expect(mask.height == 12 && mask.width == 16)
    let evaluation = start.evaluate(Array(scenes.examples.prefix(2)))
    #expect(evaluation.confusion.total == 2 * 12 * 16)
    var counts = [Int](repeating: 0, count: 4)
    for example in scenes.examples.prefix(2) {
      for row in 2..<14 {
        for column in 2..<18 { counts[Int(example.target[row * 20 + column])] += 1 }
      }
    }
    #expect((0..<4).map { evaluation.confusion.goldCount($0) } == counts)
  }

  @Test func otherSizesAreLabelledWithTheSameWeights() throws {
    var generator = RandomGenerator(seed: 7)
    let model = try ImageSegmenter(
      images: SyntheticScenes(height: 16, width: 16).segmented(2, using: &generator),
      configuration: ImageConfiguration(architecture: "u-net-small"), seed: 1)
    for (height, width) in [(32, 16), (48, 64)] {
      let scene = SyntheticScenes(height: height, width: width)
        .segmented(1, using: &generator).image(0)
      let mask = try model.segment(scene)
      #expect(mask.height == height && mask.width == width)
    }
    // U-Net halves the size four times.
    let odd = SyntheticScenes(height: 17, width: 20).segmented(1, using: &generator).image(0)
    let colored = SyntheticScenes(height: 16, width: 16, channels: 3)
      .segmented(1, using: &generator).image(0)
    for image in [odd, colored] {
      #expect(throws: FormatError.self) { try model.segment(image) }
    }
  }

  @Test func ignoredPixelsDoNotCount() throws {
    var examples = scenes.examples
    for index in examples.indices {
      for place in 0..<160 { examples[index].target[place] = SegmentedImages.ignored }
    }
    let set = SegmentedImages(shape: scenes.shape, classes: scenes.classes, examples: examples)
    let model = try ImageSegmenter(
      images: set, configuration: ImageConfiguration(ImageSamples.labeller()), seed: 1)
    #expect(model.evaluate(set.examples).confusion.total == 48 * 160)
    // Only the pixels below pull at the weights: the loss is their mean.
    var context = LossContext()
    let batch = Array(examples.prefix(3))
    let loss = model.loss(model.network, batch, &context).scalar
    let scores = model.network(model.pixels.tensor(batch.map(\.pixels)))
    var sum = 0.0
    for index in 0..<3 {
      for place in 160..<320 {
        let (row, column) = (place / 20, place % 20)
        let logits = (0..<4).map { Double(scores[index, $0, row, column]) }
        let total = log(logits.reduce(0) { $0 + exp($1) })
        sum += total - logits[Int(batch[index].target[place])]
      }
    }
    #expect(abs(Double(loss) - sum / 480) < 1e-4)
  }

  @Test func mirroredViewsAreTurnedBack() throws {
    let model = try ImageSegmenter(
      images: scenes, configuration: ImageConfiguration(ImageSamples.labeller()), seed: 1)
    let both = try model.changing { $0.views.mirrors = true }
    // An image that is its own mirror image has a mask that is.
    var pixels = scenes.examples[0].pixels
    for row in 0..<16 {
      for column in 0..<10 { pixels[row * 20 + 19 - column] = pixels[row * 20 + column] }
    }
    let mask = both.segment([pixels])[0].bytes
    for row in 0..<16 {
      for column in 0..<10 {
        #expect(mask[row * 20 + 19 - column] == mask[row * 20 + column])
      }
    }
    let (one, two) = (model.evaluate(scenes.examples), both.evaluate(scenes.examples))
    #expect(one.confusion.total == two.confusion.total && abs(one.loss - two.loss) < 0.5)
  }

  @Test func sketchesAreCleanedUp() throws {
    var generator = RandomGenerator(seed: 9)
    let pairs = SketchPairs(height: 24, width: 24).pairs(32, using: &generator)
    let model = try ImageSegmenter(
      images: pairs, configuration: ImageConfiguration(architecture: "encoder-decoder-skips"),
      seed: 1)
    let learned = try ImageSamples.trained(model, pairs.examples, epochs: 6).model
    let (before, after) = (model.evaluate(pairs.examples), learned.evaluate(pairs.examples))
    #expect(after.loss < before.loss && after.pixelAccuracy > 0.8)
  }

  @Test func networksOfVectorsAreRefused() {
    #expect(throws: ConfigurationError.self) {
      try ImageSegmenter(
        images: scenes, configuration: ImageConfiguration(architecture: "lenet-5-modern"))
    }
  }
}
