import ReelFormats
import ReelLayers
import ReelTensor
import ReelText
import ReelTraining
import ReelVision

/// A classifier of images: pixels, brought to mean 0 and deviation 1 → network → class.
///
/// ```swift
/// let training = try LabelledImages(idx: "mnist", part: .training)
/// var configuration = try ImageConfiguration(architecture: "lenet-5")
/// configuration.augmentation.shift = 2
/// var trainer = try Trainer(
///   ImageClassifier(images: training, configuration: configuration),
///   training: training.examples)
/// try trainer.train()
/// let answer = try trainer.best.classify(PNGImage(path: "seven.png"))
/// ```
///
/// A value: many tasks may share one.
public struct ImageClassifier: ImageModel {
  public typealias Target = Int32
  public typealias Example = ImageExample<Int32>

  public static var kind: ModelKind { .imageClassifier }

  public let configuration: ImageConfiguration
  public let pixels: ImagePixels
  public var network: ImageNetwork

  public init(configuration: ImageConfiguration, pixels: ImagePixels, network: ImageNetwork) {
    (self.configuration, self.pixels, self.network) = (configuration, pixels, network)
  }

  // MARK: Prediction

  /// The most probable class of an image.
  ///
  /// - Throws: `FormatError` for an image of another size or with other channels than the model's.
  public func classify(_ image: PNGImage) throws -> Classification {
    classify([try samples(of: image)])[0]
  }

  /// The most probable class of each image, given by its samples, [channel, height, width].
  public func classify(_ images: [[UInt8]]) -> [Classification] {
    probabilities(images).map {
      Classification(labels: configuration.classes, probabilities: $0)
    }
  }

  /// The probability of every class for each image, the mean over the configuration's views.
  public func probabilities(_ images: [[UInt8]]) -> [[Float]] {
    let views = configuration.views.transforms(image: pixels.image, window: pixels.window)
    let network = network.forPredicting(images.count)
    return inBatches(images) { batch in
      var sums = [[Float]](repeating: [], count: batch.count)
      for view in views {
        let scores = network.scores(maps(batch, Array(repeating: view, count: batch.count)))
        let rows = Self.rows(scores.softmax())
        for (index, row) in rows.enumerated() {
          sums[index] = sums[index].isEmpty ? row : zip(sums[index], row).map { $0 + $1 }
        }
      }
      return sums.map { row in row.map { $0 / Float(views.count) } }
    }
  }

  private static func rows(_ tensor: Tensor) -> [[Float]] {
    let (values, columns) = (tensor.values, tensor.shape[1])
    return (0..<tensor.shape[0]).map { Array(values[$0 * columns..<($0 + 1) * columns]) }
  }

  // MARK: Training

  public func loss(
    _ network: ImageNetwork, _ batch: [Example], _ context: inout LossContext
  ) -> Tensor {
    let changes = transforms(batch.count, using: &context.generator)
    let labels = batch.map(\.target)
    let output = network.outputs(
      maps(batch.map(\.pixels), changes), statistics: &context.statistics,
      using: &context.generator)
    var loss = crossEntropy(output.result.scores, labels, smoothing: context.labelSmoothing)
    for side in output.auxiliaries {
      let sideLoss = crossEntropy(side.value.scores, labels, smoothing: context.labelSmoothing)
      loss = loss + configuration.auxiliaryWeight * sideLoss
    }
    return loss
  }

  public func evaluate(_ examples: [Example]) -> ClassificationEvaluation {
    ClassificationEvaluation(
      labels: configuration.classes, probabilities: probabilities(examples.map(\.pixels)),
      gold: examples.map { Int($0.target) })
  }

  /// The part of images whose class is among the k most probable ones.
  public func topAccuracy(_ k: Int, of examples: [Example]) -> Double {
    ClassificationEvaluation.topAccuracy(
      k, probabilities: probabilities(examples.map(\.pixels)),
      gold: examples.map { Int($0.target) })
  }
}
