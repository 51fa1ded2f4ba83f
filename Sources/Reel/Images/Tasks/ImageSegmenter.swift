import ReelFormats
import ReelLayers
import ReelTensor
import ReelTraining
import ReelVision

/// Gives every pixel of an image a class: pixels → network → class scores at every position.
///
/// ```swift
/// var generator = RandomGenerator(seed: 1)
/// let scenes = SyntheticScenes().segmented(500, using: &generator)
/// var trainer = try Trainer(
///   ImageSegmenter(images: scenes, configuration: ImageConfiguration(architecture: "u-net-small")),
///   training: scenes.examples)
/// try trainer.train()
/// let mask = try trainer.best.segment(scenes.image(0))  // a PNGImage of class numbers
/// ```
///
/// A network whose output is smaller than what it sees (U-Net as published) labels the middle of the
/// image.
public struct ImageSegmenter: ImageModel {
  public typealias Target = [UInt8]
  public typealias Example = ImageExample<[UInt8]>

  public static var kind: ModelKind { .imageSegmenter }

  public let configuration: ImageConfiguration
  public let pixels: ImagePixels
  public var network: ImageNetwork

  public init(configuration: ImageConfiguration, pixels: ImagePixels, network: ImageNetwork) {
    (self.configuration, self.pixels, self.network) = (configuration, pixels, network)
  }

  public static func check(_ table: LayerTable) throws {
    guard table.output.count == 3, table.output[1] <= table.input[1],
      table.output[2] <= table.input[2]
    else {
      throw ConfigurationError(
        "architecture \"\(table.architecture)\" puts out \(table.output) for images of "
          + "\(table.input): one that scores every pixel is expected")
    }
  }

  // MARK: Prediction

  /// The class of every pixel the network labels, as the numbers of an image of one channel. An image
  /// may have another size than those of the training, if the network can take it: the weights of
  /// convolutions fit any.
  ///
  /// - Throws: `FormatError` for an image of a size that the network cannot take, or with other
  ///   channels than the model's.
  public func segment(_ image: PNGImage, named name: String = "image") throws -> PNGImage {
    let came = ImageShape(
      channels: image.channels.count, height: image.height, width: image.width)
    guard came != pixels.image, came.channels == pixels.image.channels,
      configuration.window == nil
    else { return segment([try samples(of: image, named: name)])[0] }
    do {
      try network.check(came.axes)
    } catch {
      throw FormatError(
        path: name, came: "an image of \(came) (\(error))",
        expected: "\(pixels.image) or another size that fits the network")
    }
    let reader = ImagePixels(image: came, window: came, normalization: pixels.normalization)
    let other = ImageSegmenter(configuration: configuration, pixels: reader, network: network)
    return other.segment([image.planarBytes])[0]
  }

  /// The class of every pixel of each image, given by its samples, [channel, height, width].
  public func segment(_ images: [[UInt8]]) -> [PNGImage] {
    let network = network.forPredicting(images.count)
    return inBatches(images) { batch in
      let scores = scores(network, batch)
      let labels = scores.values.argumentMaximum()
      let count = scores.size.reduce(1, *)
      return (0..<batch.count).map { index in
        PNGImage(
          width: scores.size[1], height: scores.size[0], channels: .grey,
          bytes: labels[index * count..<(index + 1) * count].map { UInt8(truncatingIfNeeded: $0) })
      }
    }
  }

  /// Class scores of a batch, the mean over the image and its mirror image where the views say so.
  private func scores(_ network: ImageNetwork, _ batch: [[UInt8]]) -> FeatureMaps {
    let direct = network.labelScores(maps(batch))
    guard configuration.views.mirrors else { return direct }
    var mirroring = ImageTransform()
    mirroring.mirrorsColumns = true
    let mirrored = network.labelScores(
      maps(batch, Array(repeating: mirroring, count: batch.count)))
    let back = Self.mirrored(mirrored.values.softmax(), width: mirrored.size[1])
    return FeatureMaps(
      values: 0.5 * (direct.values.softmax() + back), batch: direct.batch, size: direct.size)
  }

  /// The rows [batch·height·width, class] with left and right exchanged.
  private static func mirrored(_ rows: Tensor, width: Int) -> Tensor {
    let places = (0..<rows.shape[0]).map { row in
      Int32(row - row % width + (width - 1 - row % width))
    }
    return rows.gatheredRows(places)
  }

  // MARK: Training

  public func loss(
    _ network: ImageNetwork, _ batch: [Example], _ context: inout LossContext
  ) -> Tensor {
    let changes = transforms(batch.count, using: &context.generator)
    let outputs = network.outputs(
      maps(batch.map(\.pixels), changes), statistics: &context.statistics,
      using: &context.generator)
    let smoothing = context.labelSmoothing
    func loss(_ scores: FeatureMaps) -> Tensor {
      crossEntropy(
        scores.values, labels(batch, changes, size: scores.size), smoothing: smoothing)
    }
    // A network applied to its own output answers for every application.
    let answers = outputs.steps.isEmpty ? [outputs.result.labelMaps] : outputs.steps
    var total = answers.dropFirst().reduce(loss(answers[0])) { $0 + loss($1) }
    total = total / Float(answers.count)
    for side in outputs.auxiliaries {
      total = total + configuration.auxiliaryWeight * loss(side.value.labelMaps)
    }
    return total
  }

  /// The class of each position of an output of this size, row by row of each image: that of the
  /// middle of what the network sees; −1 where it does not count.
  private func labels(
    _ batch: [Example], _ changes: [ImageTransform]?, size: [Int]
  ) -> [Int32] {
    let image = (height: pixels.image.height, width: pixels.image.width)
    let window = (height: pixels.window.height, width: pixels.window.width)
    let (top, left) = ((window.height - size[0]) / 2, (window.width - size[1]) / 2)
    var labels: [Int32] = []
    labels.reserveCapacity(batch.count * size[0] * size[1])
    for (index, example) in batch.enumerated() {
      let mask = (changes?[index] ?? ImageTransform())
        .mask(example.target, image: image, window: window)
      for row in top..<top + size[0] {
        let first = row * window.width + left
        for label in mask[first..<first + size[1]] {
          labels.append(label == SegmentedImages.ignored ? -1 : Int32(label))
        }
      }
    }
    return labels
  }

  public func evaluate(_ examples: [Example]) -> SegmentationEvaluation {
    var confusion = ConfusionMatrix(labels: configuration.classes)
    var loss = RunningMean()
    let network = network.forPredicting(examples.count)
    _ = inBatches(examples) { batch -> [Int] in
      let scores = scores(network, batch.map(\.pixels))
      let gold = labels(batch, nil, size: scores.size)
      let counted = gold.count { $0 >= 0 }
      // Of averaged views the scores are probabilities, whose logarithm is what a softmax takes.
      let logits = configuration.views.mirrors ? scores.values.log() : scores.values
      loss.add(Double(crossEntropy(logits, gold).scalar), weight: Double(counted))
      confusion.add(gold: gold, predicted: scores.values.argumentMaximum().map { Int32($0) })
      return []
    }
    return SegmentationEvaluation(
      loss: loss.mean ?? 0, confusion: confusion, images: examples.count)
  }
}
