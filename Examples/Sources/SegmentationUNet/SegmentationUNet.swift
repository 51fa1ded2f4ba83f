import ArgumentParser
import Foundation
import Reel

/// A class for every pixel, with a small U-Net (Ronneberger, Fischer and Brox 2015): circles, squares
/// and triangles on a canvas, of any size, brightness and direction, one over the other. Writes a PNG
/// file in which each row has an image, the truth and the prediction.
@main
struct SegmentationUNet: ParsableCommand {
  @Flag(help: "Larger images and more of them. Takes a quarter of an hour.") var full = false
  @Option(help: "Passes over the images.") var epochs: Int?
  @Option(help: "Seed of all that is random.") var seed: UInt64 = 1
  @Option(help: "Where the picture goes.") var picture = "segmentation.png"

  func run() throws {
    var generator = RandomGenerator(seed: seed)
    var scenes = SyntheticScenes(height: full ? 64 : 32, width: full ? 64 : 32, channels: 3)
    if !full { (scenes.objects, scenes.radius) = (1...2, 0.25...0.4) }
    let training = scenes.segmented(full ? 1500 : 300, using: &generator)
    let test = scenes.segmented(full ? 300 : 60, using: &generator)

    var configuration = try ImageConfiguration(architecture: "u-net-small")
    configuration.augmentation.mirrorsColumns = true
    configuration.augmentation.mirrorsRows = true
    var settings = TrainingSettings()
    (settings.batch, settings.epochs, settings.seed) = (8, epochs ?? (full ? 30 : 15), seed)
    settings.optimizer.learningRate = 5e-3
    var trainer = try Trainer(
      ImageSegmenter(images: training, configuration: configuration, seed: seed),
      training: training.examples, settings: settings)
    try trainer.train()

    let model = trainer.best
    let evaluation = model.evaluate(test.examples)
    print(
      String(
        format: "pixels right: %.2f %%, mean IoU: %.4f", 100 * evaluation.pixelAccuracy,
        evaluation.meanIntersectionOverUnion))
    for (index, name) in test.classes.enumerated() {
      let overlap = evaluation.confusion.intersectionOverUnion(index)
      print(String(format: "IoU of %@: %.4f", name, overlap))
    }
    let shown = 6
    let masks = model.segment(test.examples.prefix(shown).map(\.pixels))
    let rows = (0..<shown).map { index in
      PNGImage.sideBySide([
        test.image(index), test.mask(index).coloredLabels, masks[index].coloredLabels,
      ])
    }
    try PNGImage.stacked(rows).enlarged(full ? 2 : 3).write(to: picture)
    print("image, truth and prediction: \(picture)")
  }
}
