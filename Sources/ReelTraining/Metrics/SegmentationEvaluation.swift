/// How well the pixels of images are labelled.
public struct SegmentationEvaluation: Codable, Sendable, Equatable {
  /// Mean −log p of the right label of a pixel, in nats; 0 without pixels.
  public let loss: Double
  /// Which label was answered with which, pixel by pixel; pixels that are ignored do not count.
  public let confusion: ConfusionMatrix
  /// The number of images.
  public let images: Int

  public init(loss: Double, confusion: ConfusionMatrix, images: Int) {
    (self.loss, self.confusion, self.images) = (loss, confusion, images)
  }

  /// The part of pixels with the right label.
  public var pixelAccuracy: Double { confusion.accuracy }
  /// The mean over the labels of |gold ∩ predicted| / |gold ∪ predicted|, counted over all images.
  public var meanIntersectionOverUnion: Double { confusion.meanIntersectionOverUnion }
}
