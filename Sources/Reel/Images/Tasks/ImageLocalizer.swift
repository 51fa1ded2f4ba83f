import Foundation
import ReelFormats
import ReelLayers
import ReelTensor
import ReelTraining
import ReelVision

/// Says what an image shows, and in which rectangle: pixels → network → class scores, and four numbers
/// for the rectangle.
///
/// With z the last four outputs, the rectangle's centre, width and height are σ(z) of the window that
/// the network sees. The loss is the cross-entropy of the classes plus `boxWeight` times the mean
/// squared distance of σ(z) from the right numbers.
public struct ImageLocalizer: ImageModel {
  public typealias Target = LocatedClass
  public typealias Example = ImageExample<LocatedClass>

  public static var kind: ModelKind { .imageLocalizer }

  public let configuration: ImageConfiguration
  public let pixels: ImagePixels
  public var network: ImageNetwork

  public init(configuration: ImageConfiguration, pixels: ImagePixels, network: ImageNetwork) {
    (self.configuration, self.pixels, self.network) = (configuration, pixels, network)
  }

  public static func outputs(_ configuration: ImageConfiguration) -> Int {
    configuration.classes.count + 4
  }

  private var classes: Int { configuration.classes.count }

  // MARK: Prediction

  /// What an image shows, and where.
  ///
  /// - Throws: `FormatError` for an image of another size or with other channels than the model's.
  public func locate(_ image: PNGImage) throws -> (answer: Classification, box: BoundingBox) {
    locate([try samples(of: image)])[0]
  }

  /// What each image shows, given by its samples, and where: a rectangle in pixels of the image.
  public func locate(_ images: [[UInt8]]) -> [(answer: Classification, box: BoundingBox)] {
    let network = network.forPredicting(images.count)
    return inBatches(images) { batch in
      let outputs = network.scores(maps(batch))
      let (values, columns) = (outputs.values, classes + 4)
      return (0..<batch.count).map { index in
        let row = values[index * columns..<(index + 1) * columns]
        let sides = row.suffix(4).map { 1 / (1 + exp(-$0)) }
        let box = BoundingBox(
          centerX: sides[0], centerY: sides[1], width: sides[2], height: sides[3])
        let answer = Classification(
          labels: configuration.classes, logits: Array(row.prefix(classes)))
        return (answer, inImage(box))
      }
    }
  }

  /// From shares of the window to pixels of the image.
  private func inImage(_ box: BoundingBox) -> BoundingBox {
    let (window, image) = (pixels.window, pixels.image)
    let inWindow = box.scaled(x: Float(window.width), y: Float(window.height))
    let left = (Float(image.width - window.width) / 2).rounded(.down)
    let top = (Float(image.height - window.height) / 2).rounded(.down)
    return BoundingBox(
      left: inWindow.left + left, top: inWindow.top + top, right: inWindow.right + left,
      bottom: inWindow.bottom + top
    ).clipped(
      to: BoundingBox(left: 0, top: 0, right: Float(image.width), bottom: Float(image.height)))
  }

  // MARK: Training

  public func loss(
    _ network: ImageNetwork, _ batch: [Example], _ context: inout LossContext
  ) -> Tensor {
    let changes = transforms(batch.count, using: &context.generator)
    let output = network.outputs(
      maps(batch.map(\.pixels), changes), statistics: &context.statistics,
      using: &context.generator)
    let outputs = output.result.scores
    var loss = loss(outputs, batch, changes, smoothing: context.labelSmoothing)
    for side in output.auxiliaries {
      let sideLoss = self.loss(
        side.value.scores, batch, changes, smoothing: context.labelSmoothing)
      loss = loss + configuration.auxiliaryWeight * sideLoss
    }
    return loss
  }

  private func loss(
    _ outputs: Tensor, _ batch: [Example], _ changes: [ImageTransform]?, smoothing: Float
  ) -> Tensor {
    let scores = outputs.slice(0..<classes, axis: 1)
    let sides = outputs.slice(classes..<classes + 4, axis: 1).sigmoid()
    let (image, window) = (
      (height: pixels.image.height, width: pixels.image.width),
      (height: pixels.window.height, width: pixels.window.width)
    )
    let right = batch.enumerated().flatMap { index, example -> [Float] in
      let box = (changes?[index] ?? ImageTransform())
        .box(example.target.box, image: image, window: window)
        .scaled(x: 1 / Float(window.width), y: 1 / Float(window.height))
      return [box.centerX, box.centerY, box.width, box.height]
    }
    let distance = sides - Tensor(shape: [batch.count, 4], values: right)
    return crossEntropy(scores, batch.map(\.target.label), smoothing: smoothing)
      + configuration.boxWeight * distance.squared().mean()
  }

  public func evaluate(_ examples: [Example]) -> LocalizationEvaluation {
    let answers = locate(examples.map(\.pixels))
    var loss = RunningMean()
    for (answer, example) in zip(answers, examples) {
      let probability = answer.answer.probabilities[Int(example.target.label)]
      loss.add(-log(max(Double(probability), 1e-45)))
    }
    return LocalizationEvaluation(
      labels: configuration.classes,
      predicted: answers.map { answer in
        (configuration.classes.firstIndex(of: answer.answer.label) ?? 0, answer.box)
      }, gold: examples.map { (Int($0.target.label), $0.target.box) }, loss: loss.mean ?? 0)
  }
}
