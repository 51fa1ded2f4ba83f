import ReelFormats
import ReelTraining

/// Several classifiers of the same classes that answer together: with the mean of their
/// probabilities.
public struct ImageEnsemble: Sendable {
  public let models: [ImageClassifier]

  /// - Throws: `ConfigurationError` without models, or where they differ in their classes or in the
  ///   shape of their images.
  public init(_ models: [ImageClassifier]) throws {
    guard let first = models.first else {
      throw ConfigurationError("an ensemble of 0 models: at least 1 is expected")
    }
    for (index, model) in models.enumerated() {
      guard model.configuration.classes == first.configuration.classes,
        model.pixels.image == first.pixels.image
      else {
        throw ConfigurationError(
          "an ensemble whose model \(index) has \(model.configuration.classes.count) classes of "
            + "images of \(model.pixels.image): the same \(first.configuration.classes.count) of "
            + "\(first.pixels.image) as model 0 are expected")
      }
    }
    self.models = models
  }

  /// The classes that all models know.
  public var classes: [String] { models[0].configuration.classes }

  /// The most probable class of an image.
  ///
  /// - Throws: `FormatError` for an image of another size or with other channels than the models'.
  public func classify(_ image: PNGImage) throws -> Classification {
    classify([try models[0].samples(of: image)])[0]
  }

  /// The most probable class of each image, given by its samples, [channel, height, width].
  public func classify(_ images: [[UInt8]]) -> [Classification] {
    probabilities(images).map { Classification(labels: classes, probabilities: $0) }
  }

  /// The probability of every class for each image: the mean over the models.
  public func probabilities(_ images: [[UInt8]]) -> [[Float]] {
    var sums = models[0].probabilities(images)
    for model in models.dropFirst() {
      for (index, row) in model.probabilities(images).enumerated() {
        for (label, probability) in row.enumerated() { sums[index][label] += probability }
      }
    }
    return sums.map { row in row.map { $0 / Float(models.count) } }
  }

  public func evaluate(_ examples: [ImageClassifier.Example]) -> ClassificationEvaluation {
    ClassificationEvaluation(
      labels: classes, probabilities: probabilities(examples.map(\.pixels)),
      gold: examples.map { Int($0.target) })
  }
}
