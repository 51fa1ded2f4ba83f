import Foundation
import ReelTensor

/// Digits 0 to 9 drawn with a pen of lines, each a little differently: images to try sequence models
/// on where no handwritten ones are at hand.
///
/// A digit is a few strokes in a unit square, which are shifted, scaled, slanted and turned at random
/// within limits that leave it legible; a pixel is as dark as the pen is near.
public struct DrawnDigits: Sendable, Equatable {
  /// Pixels of a side.
  public let size: Int

  public init(size: Int = 12) {
    precondition(size >= 6, "DrawnDigits: \(size) pixels a side, at least 6 is expected")
    self.size = size
  }

  /// New images with labels 0…9, each label as often as the others, in random order.
  public func images(_ count: Int, using generator: inout RandomGenerator) -> PixelSequences {
    precondition(count >= 0, "DrawnDigits: \(count) images, at least 0 is expected")
    let labels = generator.permutation(of: count).map { Int32($0 % 10) }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(count * size * size)
    for label in labels { pixels += image(of: Int(label), using: &generator) }
    return PixelSequences(height: size, width: size, pixels: pixels, labels: labels)
  }

  /// The same as images of one channel.
  public func labelledImages(
    _ count: Int, using generator: inout RandomGenerator
  ) -> LabelledImages {
    precondition(count >= 0, "DrawnDigits: \(count) images, at least 0 is expected")
    let labels = generator.permutation(of: count).map { Int32($0 % 10) }
    let generators = labels.map { _ in generator.split() }
    return LabelledImages(
      shape: ImageShape(channels: 1, height: size, width: size),
      classes: LabelledImages.digitClasses,
      examples: Threads.map(count) { index in
        var generator = generators[index]
        return .init(
          pixels: image(of: Int(labels[index]), using: &generator), target: labels[index])
      })
  }

  private typealias Point = (x: Double, y: Double)

  private func image(of digit: Int, using generator: inout RandomGenerator) -> [UInt8] {
    func random(_ range: ClosedRange<Double>) -> Double {
      range.lowerBound + (range.upperBound - range.lowerBound) * generator.uniformDouble()
    }
    let angle = random(-0.15...0.15)
    let slant = random(-0.25...0.25)
    let (width, height) = (random(0.45...0.65), random(0.6...0.75))
    let (shiftX, shiftY) = (random(-0.08...0.08), random(-0.08...0.08))
    let pen = random(0.05...0.09)
    func moved(_ point: Point) -> Point {
      let (x, y) = (
        (point.x - 0.5) * width - slant * (point.y - 0.5) * height, (point.y - 0.5) * height
      )
      return (
        0.5 + shiftX + cos(angle) * x - sin(angle) * y,
        0.5 + shiftY + sin(angle) * x + cos(angle) * y
      )
    }
    let lines = Self.strokes[digit].flatMap { stroke in
      let points = stroke.map(moved)
      return zip(points, points.dropFirst()).map { ($0, $1) }
    }
    // The border of a line is as soft as a pixel is wide.
    let softness = 1 / Double(size)
    return (0..<size * size).map { place in
      let pixel = (
        x: (Double(place % size) + 0.5) / Double(size),
        y: (Double(place / size) + 0.5) / Double(size)
      )
      let near = lines.reduce(Double.infinity) {
        min($0, PlaneGeometry.distance(pixel, from: $1.0, to: $1.1))
      }
      return UInt8(255 * min(1, max(0, 1 - (near - pen) / softness)))
    }
  }

  private static func curve(
    _ center: Point, _ radius: Point, from start: Double, to end: Double
  ) -> [Point] {
    (0...12).map { step in
      let turn = 2 * Double.pi * (start + (end - start) * Double(step) / 12)
      return (center.x + radius.x * sin(turn), center.y - radius.y * cos(turn))
    }
  }

  /// The strokes of each digit, x to the right and y down; turns count from the top, clockwise.
  private static let strokes: [[[Point]]] = [
    [curve((0.5, 0.5), (0.5, 0.5), from: 0, to: 1)],
    [[(0.2, 0.25), (0.55, 0), (0.55, 1)]],
    [curve((0.5, 0.28), (0.48, 0.28), from: -0.25, to: 0.37) + [(0, 1), (1, 1)]],
    [
      curve((0.45, 0.26), (0.45, 0.26), from: -0.2, to: 0.5),
      curve((0.45, 0.74), (0.52, 0.26), from: 0, to: 0.7),
    ],
    [[(0.7, 1), (0.7, 0), (0, 0.65), (1, 0.65)]],
    [
      [(0.95, 0), (0.15, 0), (0.1, 0.45)]
        + curve((0.45, 0.68), (0.5, 0.32), from: -0.12, to: 0.68)
    ],
    [
      [(0.8, 0), (0.25, 0.35), (0.02, 0.7)],
      curve((0.5, 0.7), (0.48, 0.3), from: 0, to: 1),
    ],
    [[(0, 0), (1, 0), (0.4, 1)]],
    [
      curve((0.5, 0.25), (0.4, 0.25), from: 0, to: 1),
      curve((0.5, 0.75), (0.5, 0.25), from: 0, to: 1),
    ],
    [
      curve((0.5, 0.3), (0.46, 0.3), from: 0, to: 1),
      [(0.96, 0.3), (0.85, 0.7), (0.6, 1)],
    ],
  ]
}
