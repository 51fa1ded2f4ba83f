import ReelFormats
import ReelTensor
import ReelTraining

/// An image, and what is to be answered about it.
public struct ImageExample<Target: Sendable & Equatable>: Sendable, Equatable {
  /// Channel after channel, each row by row: [channel, height, width], 0…255.
  public var pixels: [UInt8]
  public var target: Target

  public init(pixels: [UInt8], target: Target) {
    (self.pixels, self.target) = (pixels, target)
  }
}

/// Images of one shape with the same question asked about each.
///
/// ```swift
/// let training = try LabelledImages(idx: "corpora/.cache/mnist", part: .training)
/// let test = try LabelledImages(idx: "corpora/.cache/mnist", part: .test)
/// ```
public struct ImageSet<Target: Sendable & Equatable>: Sendable, Equatable {
  public typealias Example = ImageExample<Target>

  /// Of every image.
  public let shape: ImageShape
  /// The names of the classes, in the order of their numbers.
  public let classes: [String]
  public let examples: [Example]

  /// A set of images; each must have as many pixels as the shape says.
  public init(shape: ImageShape, classes: [String], examples: [Example]) {
    for (index, example) in examples.enumerated() where example.pixels.count != shape.count {
      preconditionFailure(
        "ImageSet: image \(index) has \(example.pixels.count) samples, \(shape) are expected")
    }
    (self.shape, self.classes, self.examples) = (shape, classes, examples)
  }

  /// The number of images.
  public var count: Int { examples.count }

  /// Some of the images.
  public subscript(range: Range<Int>) -> ImageSet {
    ImageSet(shape: shape, classes: classes, examples: Array(examples[range]))
  }

  /// Some of the images, in the given order.
  public func selecting(_ indices: some Sequence<Int>) -> ImageSet {
    ImageSet(shape: shape, classes: classes, examples: indices.map { examples[$0] })
  }

  /// The images in an order that the seed alone decides.
  public func shuffled(seed: UInt64) -> ImageSet {
    var generator = RandomGenerator(seed: seed)
    return selecting(generator.permutation(of: count))
  }

  /// One image, as a file would hold it.
  public func image(_ index: Int) -> PNGImage {
    PNGImage(
      planarBytes: examples[index].pixels, channels: shape.channels, height: shape.height,
      width: shape.width)
  }

  /// Mean and deviation of each channel over all images: what brings the pixels to mean 0 and
  /// deviation 1.
  public var normalization: ImageNormalization {
    var counts = [Int](repeating: 0, count: 256 * shape.channels)
    let size = shape.positions
    for example in examples {
      example.pixels.withUnsafeBufferPointer { pixels in
        for channel in 0..<shape.channels {
          for pixel in pixels[channel * size..<(channel + 1) * size] {
            counts[256 * channel + Int(pixel)] += 1
          }
        }
      }
    }
    return ImageNormalization(histograms: counts, channels: shape.channels)
  }
}

/// Images that each have a class, by its number.
public typealias LabelledImages = ImageSet<Int32>

/// Images of which every pixel has a class: [height, width] numbers of classes, 255 where a pixel
/// does not count.
public typealias SegmentedImages = ImageSet<[UInt8]>

/// Images that each show one thing: its class, and the rectangle that holds it.
public typealias LocatedObjects = ImageSet<LocatedClass>

/// What an image shows, and where.
public struct LocatedClass: Codable, Sendable, Hashable {
  /// The number of the class.
  public var label: Int32
  /// In pixels: the left edge of the image is 0, the right one its width.
  public var box: BoundingBox

  public init(label: Int32, box: BoundingBox) {
    (self.label, self.box) = (label, box)
  }
}
