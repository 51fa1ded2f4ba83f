import Foundation
import Reel
import Testing

@Suite struct ImageTransferTests {
  private let digits = ImageSamples.digits
  /// The same images in three classes.
  private var thirds: LabelledImages {
    LabelledImages(
      shape: digits.shape, classes: ["a", "b", "c"],
      examples: digits.examples.map { .init(pixels: $0.pixels, target: $0.target % 3) })
  }

  private func learned() throws -> ImageClassifier {
    let start = try ImageClassifier(
      images: digits, configuration: ImageConfiguration(ImageSamples.classifier()), seed: 1)
    return try ImageSamples.trained(start, digits.examples, epochs: 1).model
  }

  private func tensors(_ model: ImageClassifier) -> [String: Tensor] {
    Dictionary(model.network.savedTensors.map { ($0.path, $0.tensor) }, uniquingKeysWith: { $1 })
  }

  @Test func theLastLayerBeginsAnew() throws {
    let old = try learned()
    for images in [thirds, digits] {
      let new = try old.transferred(to: images, seed: 5)
      #expect(new.configuration.classes == images.classes)
      #expect(new.configuration.normalization == old.configuration.normalization)
      let (before, after) = (tensors(old), tensors(new))
      for (path, tensor) in after {
        #expect((tensor == before[path]) == !path.hasPrefix("head."), "\(path)")
      }
      #expect(after["head.weight"]?.shape[0] == images.classes.count)
    }
  }

  @Test(arguments: [FrozenLayers.none, .allButHead, .paths(["conv1", "bn1"])])
  func whatIsFrozenStays(_ freezing: FrozenLayers) throws {
    let start = try learned().transferred(to: thirds, freezing: freezing, seed: 5)
    let trainer = try ImageSamples.trained(start, thirds.examples, epochs: 1)
    let (before, after) = (tensors(start), tensors(trainer.model))
    for (path, tensor) in after {
      let isFrozen =
        switch freezing {
        case .none: false
        case .allButHead: !path.hasPrefix("head.")
        case .paths(let paths): paths.contains { path.hasPrefix($0 + ".") }
        }
      #expect((tensor == before[path]) == isFrozen, "\(path) \(freezing)")
    }
    try withTemporaryFolder { folder in
      try trainer.model.save(to: folder)
      let read = try ImageClassifier(folder: folder)
      #expect(read.network.frozen == start.network.frozen)
    }
  }

  @Test func featuresOfDigitsHelp() throws {
    let old = try ImageSamples.trained(
      ImageClassifier(
        images: digits, configuration: ImageConfiguration(ImageSamples.classifier()), seed: 1),
      digits.examples, epochs: 8
    ).model
    let frozen = try old.transferred(to: thirds, freezing: .allButHead, seed: 2)
    let few = Array(thirds.examples.prefix(60))
    let model = try ImageSamples.trained(frozen, few, epochs: 12).model
    let accuracy = model.evaluate(Array(thirds.examples.suffix(80))).accuracy
    #expect(accuracy > 0.5, "\(accuracy)")
  }

  @Test func badInputIsRefused() throws {
    let old = try learned()
    var generator = RandomGenerator(seed: 3)
    let larger = DrawnDigits(size: 14).labelledImages(4, using: &generator)
    #expect(throws: ConfigurationError.self) { try old.transferred(to: larger) }
    #expect(throws: (any Error).self) {
      try old.transferred(to: thirds, freezing: .paths(["conv7"]))
    }
  }
}
