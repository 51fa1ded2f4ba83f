/// How well things are named and found: an answer is a class and a rectangle.
public struct LocalizationEvaluation: Codable, Sendable, Equatable {
  /// An answer counts as right when its rectangle overlaps the right one by at least this
  /// (Russakovsky et al. 2015, "ImageNet Large Scale Visual Recognition Challenge").
  public static let threshold: Float = 0.5

  /// Mean training loss.
  public let loss: Double
  /// Which class was answered with which.
  public let confusion: ConfusionMatrix
  /// Answers with the right class and an intersection over union of at least 0.5.
  public let correct: Int
  /// The mean intersection over union of the rectangles, whatever the class.
  public let meanIntersectionOverUnion: Double

  /// From the answer and the truth of each image.
  public init(
    labels: [String], predicted: [(label: Int, box: BoundingBox)],
    gold: [(label: Int, box: BoundingBox)], loss: Double
  ) {
    precondition(
      predicted.count == gold.count,
      "LocalizationEvaluation: \(predicted.count) answers for \(gold.count) images")
    var confusion = ConfusionMatrix(labels: labels)
    var overlap = RunningMean()
    var correct = 0
    for (predicted, gold) in zip(predicted, gold) {
      confusion.add(gold: gold.label, predicted: predicted.label)
      let common = predicted.box.intersectionOverUnion(gold.box)
      overlap.add(Double(common))
      if predicted.label == gold.label && common >= Self.threshold { correct += 1 }
    }
    self.loss = loss
    self.confusion = confusion
    self.correct = correct
    meanIntersectionOverUnion = overlap.mean ?? 0
  }

  /// The part of images whose answer is right in class and rectangle.
  public var accuracy: Double {
    confusion.total == 0 ? 0 : Double(correct) / Double(confusion.total)
  }
  /// The part of images whose class is right, wherever the rectangle is.
  public var classAccuracy: Double { confusion.accuracy }
}
