import Foundation
import ReelFormats
import ReelLayers
import ReelTensor

/// Grey images as sequences, each with a class: row by row (Le, Jaitly and Hinton 2015 read them
/// pixel by pixel, in order or permuted).
///
/// ```swift
/// var training = try PixelSequences(
///   images: "train-images-idx3-ubyte.gz", labels: "train-labels-idx1-ubyte.gz")
/// training.order = .permutedPixels(seed: 1)
/// training.scale = training.pixelScale
/// let batch = training.batch(0..<64)  // inputs [64, 784, 1], 64 labels
/// ```
public struct PixelSequences: Sendable, Equatable {
  /// What a time step is.
  public enum Order: Sendable, Equatable {
    /// A row of pixels, from top to bottom: `height` steps of `width` features.
    case rows
    /// A pixel, row by row: `height·width` steps of 1 feature.
    case pixels
    /// A pixel, in an order that the seed alone decides, the same for every image.
    case permutedPixels(seed: UInt64)
  }

  public struct Batch: Sendable {
    /// [batch, time, feature].
    public let inputs: Sequences
    /// The class of each image.
    public let labels: [Int32]
  }

  public let height: Int
  public let width: Int
  /// The class of each image.
  public let labels: [Int32]
  /// Row by row, 0…255.
  private let pixels: [UInt8]

  public var order = Order.pixels
  /// The scale that pixels of 0…1 are standardized by; the training set's, for all sets. Mean 0 and
  /// deviation 1 leave them as they are.
  public var scale = NumberScale(mean: 0, deviation: 1)

  /// Images of `height·width` bytes each.
  public init(height: Int, width: Int, pixels: [UInt8], labels: [Int32]) {
    precondition(
      height > 0 && width > 0 && pixels.count == labels.count * height * width
        && labels.allSatisfy { $0 >= 0 },
      "PixelSequences: \(pixels.count) pixels and \(labels.count) labels (none negative) for "
        + "images of \(height) by \(width)")
    self.height = height
    self.width = width
    self.pixels = pixels
    self.labels = labels
  }

  /// Reads MNIST, or what has its format: IDX files of bytes, packed by gzip or not.
  ///
  /// - Throws: `FileError` or `FormatError`, one line: no IDX file, other axes or elements than
  ///   [count, height, width] and [count] of bytes, or images and labels of different number.
  public init(images: String, labels: String) throws {
    let file = try LabelledIDX(images: images, labels: labels)
    self.init(
      height: file.height, width: file.width, pixels: file.pixels,
      labels: file.labels.map { Int32($0) })
  }

  /// The number of images.
  public var count: Int { labels.count }
  /// One more than the largest label.
  public var classes: Int { Int(labels.max() ?? -1) + 1 }
  /// Time steps of an image.
  public var steps: Int { order == .rows ? height : height * width }
  /// Features of a time step.
  public var features: Int { order == .rows ? width : 1 }

  /// Mean and deviation of all pixels, 0…1.
  public var pixelScale: NumberScale {
    var counts = [Int](repeating: 0, count: 256)
    for pixel in pixels { counts[Int(pixel)] += 1 }
    func mean(_ value: (Double) -> Double) -> Double {
      counts.enumerated().reduce(0) { $0 + value(Double($1.offset) / 255) * Double($1.element) }
        / Double(max(pixels.count, 1))
    }
    let center = mean { $0 }
    let deviation = mean { ($0 - center) * ($0 - center) }.squareRoot()
    return NumberScale(mean: center, deviation: deviation > 0 ? deviation : 1)
  }

  /// The first images alone, or any others.
  public subscript(range: Range<Int>) -> PixelSequences {
    let size = height * width
    var part = PixelSequences(
      height: height, width: width,
      pixels: Array(pixels[range.lowerBound * size..<range.upperBound * size]),
      labels: Array(labels[range]))
    (part.order, part.scale) = (order, scale)
    return part
  }

  /// Some images, in the given order.
  public func batch(_ images: some Collection<Int>) -> Batch {
    let size = height * width
    let (mean, deviation) = (Float(scale.mean), Float(scale.deviation))
    let values = (0...255).map { (Float($0) / 255 - mean) / deviation }
    var places = Array(0..<size)
    if case .permutedPixels(let seed) = order {
      var generator = RandomGenerator(seed: seed)
      places = generator.permutation(of: size)
    }
    let rows = Array(images)
    for row in rows {
      precondition(labels.indices.contains(row), "PixelSequences: image \(row) of \(count)")
    }
    let padded = Tensor.build(shape: [rows.count, steps, features]) { target in
      pixels.withUnsafeBufferPointer { pixels in
        for (index, row) in rows.enumerated() {
          for (time, place) in places.enumerated() {
            target[index * size + time] = values[Int(pixels[row * size + place])]
          }
        }
      }
    }
    return Batch(inputs: Sequences(padded), labels: rows.map { labels[$0] })
  }

  /// The share of the images whose class has the highest score.
  ///
  /// - Parameter scores: of a batch, [batch, classes]; batches of 100 at most are asked about.
  public func accuracy(_ scores: (Batch) throws -> Tensor) rethrows -> Double {
    var right = 0
    for start in stride(from: 0, to: count, by: 100) {
      let batch = batch(start..<min(count, start + 100))
      right += zip(try scores(batch).argumentMaximum(), batch.labels).count { $0 == Int($1) }
    }
    return Double(right) / Double(max(count, 1))
  }
}
