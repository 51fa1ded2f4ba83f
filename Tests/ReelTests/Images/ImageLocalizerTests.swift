import Foundation
import Reel
import Testing

@Suite struct ImageLocalizerTests {
  @Test func namesAndFindsThings() throws {
    let things = ImageSamples.things
    var configuration = ImageConfiguration(ImageSamples.classifier())
    configuration.augmentation.mirrorsColumns = true
    let start = try ImageLocalizer(images: things, configuration: configuration, seed: 1)
    #expect(start.network.classes == 7)
    let trainer = try ImageSamples.trained(start, things.examples, epochs: 20)
    let model = trainer.best
    let (before, after) = (start.evaluate(things.examples), model.evaluate(things.examples))
    #expect(after.meanIntersectionOverUnion > 0.5, "\(after.meanIntersectionOverUnion)")
    #expect(after.classAccuracy > before.classAccuracy && after.accuracy > before.accuracy)
    #expect(after.accuracy <= after.classAccuracy)
    let (answer, box) = try model.locate(things.image(0))
    #expect(things.classes.contains(answer.label) && answer.probabilities.count == 3)
    #expect(box.left >= 0 && box.right <= 24 && box.top >= 0 && box.bottom <= 24)
    try withTemporaryFolder { folder in
      try model.save(to: folder)
      #expect(try ImageLocalizer(folder: folder).locate(things.image(0)).box == box)
    }
  }

  @Test func theLossIsThatOfClassesAndSides() throws {
    let things = ImageSamples.things
    let batch = Array(things.examples.prefix(5))
    func loss(_ weight: Float) throws -> (Float, ImageLocalizer) {
      var configuration = ImageConfiguration(ImageSamples.classifier())
      configuration.boxWeight = weight
      let model = try ImageLocalizer(images: things, configuration: configuration, seed: 1)
      var context = LossContext()
      return (model.loss(model.network, batch, &context).scalar, model)
    }
    let (plain, model) = try loss(0)
    let (whole, _) = try loss(3)
    let outputs = model.network(model.pixels.tensor(batch.map(\.pixels)))
    var sum = 0.0
    for (index, example) in batch.enumerated() {
      let box = example.target.box.scaled(x: 1 / 24, y: 1 / 24)
      for (side, right) in [box.centerX, box.centerY, box.width, box.height].enumerated() {
        let came = 1 / (1 + exp(-Double(outputs[index, 3 + side])))
        sum += (came - Double(right)) * (came - Double(right))
      }
    }
    #expect(abs(Double(whole - plain) - 3 * sum / 20) < 1e-4)
  }
}
