import Foundation
import ReelTensor
import ReelTraining

/// A canvas while things are laid on it, one over the other.
struct SceneCanvas {
  private let shape: ImageShape
  private let contrast: Double
  /// Samples 0…1, channel after channel.
  private var values: [Double]
  /// The number of the thing on top of each pixel, from 1; 0: the background.
  private var owner: [Int]
  private var labels: [Int] = []
  private let background: [Double]

  init(_ shape: ImageShape, contrast: Double, using generator: inout RandomGenerator) {
    (self.shape, self.contrast) = (shape, contrast)
    background = (0..<shape.channels).map { _ in 0.15 + 0.7 * generator.uniformDouble() }
    values = []
    values.reserveCapacity(shape.count)
    // Light falls from a side: a slope of up to a tenth from edge to edge.
    let (slopeX, slopeY) = (
      0.1 * (2 * generator.uniformDouble() - 1), 0.1 * (2 * generator.uniformDouble() - 1)
    )
    for level in background {
      for row in 0..<shape.height {
        for column in 0..<shape.width {
          let across = Double(column) / Double(shape.width) - 0.5
          let down = Double(row) / Double(shape.height) - 0.5
          values.append(level + slopeX * across + slopeY * down)
        }
      }
    }
    owner = [Int](repeating: 0, count: shape.positions)
  }

  /// A colour that differs from the background.
  private func color(using generator: inout RandomGenerator) -> [Double] {
    while true {
      let color = (0..<shape.channels).map { _ in generator.uniformDouble() }
      let difference =
        zip(color, background).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(shape.channels)
      if difference >= contrast { return color }
    }
  }

  /// Draws a shape at a random place, wholly on the canvas.
  mutating func draw(
    _ thing: SceneShape, label: Int, radius: Double, using generator: inout RandomGenerator
  ) {
    func place(_ length: Int) -> Double {
      let margin = min(radius, Double(length) / 2)
      return margin + generator.uniformDouble() * (Double(length) - 2 * margin)
    }
    let (centerX, centerY) = (place(shape.width), place(shape.height))
    let angle = 2 * Double.pi * generator.uniformDouble()
    let color = color(using: &generator)
    let (cosine, sine) = (cos(angle) / radius, sin(angle) / radius)
    func contains(_ x: Double, _ y: Double) -> Bool {
      let (x, y) = (x - centerX, y - centerY)
      return thing.contains(cosine * x + sine * y, cosine * y - sine * x)
    }
    labels.append(label)
    let rows = range(centerY, radius, shape.height)
    let columns = range(centerX, radius, shape.width)
    for row in rows {
      for column in columns {
        let (x, y) = (Double(column), Double(row))
        // The border is as soft as a pixel is wide: 3 by 3 points of it are asked.
        var inside = 0
        for i in 0..<3 {
          for j in 0..<3 where contains(x + (Double(j) + 0.5) / 3, y + (Double(i) + 0.5) / 3) {
            inside += 1
          }
        }
        cover(
          row * shape.width + column, share: Double(inside) / 9, color, contains(x + 0.5, y + 0.5))
      }
    }
  }

  private func range(_ center: Double, _ radius: Double, _ length: Int) -> Range<Int> {
    let low = max(0, Int((center - radius).rounded(.down)))
    return low..<max(low, min(length, Int((center + radius).rounded(.up)) + 1))
  }

  /// Lays an image of one channel on the canvas, in a colour of its own.
  mutating func paste(
    _ example: LabelledImages.Example, of image: ImageShape, using generator: inout RandomGenerator
  ) {
    precondition(
      image.channels == 1 && image.height <= shape.height && image.width <= shape.width,
      "SyntheticScenes: images of \(image) on a canvas of \(shape), grey and no larger are expected"
    )
    let top = Int.random(in: 0...shape.height - image.height, using: &generator)
    let left = Int.random(in: 0...shape.width - image.width, using: &generator)
    let color = color(using: &generator)
    labels.append(Int(example.target))
    for row in 0..<image.height {
      for column in 0..<image.width {
        let share = Double(example.pixels[row * image.width + column]) / 255
        cover((top + row) * shape.width + left + column, share: share, color, share >= 0.5)
      }
    }
  }

  private mutating func cover(_ place: Int, share: Double, _ color: [Double], _ owns: Bool) {
    guard share > 0 || owns else { return }
    for (channel, level) in color.enumerated() {
      let index = channel * shape.positions + place
      values[index] += share * (level - values[index])
    }
    if owns { owner[place] = labels.count }
  }

  /// The canvas with noise, the class of each pixel, and the things that can be seen.
  func finished(noise: Double, using generator: inout RandomGenerator) -> SyntheticScenes.Scene {
    let rough = generator.normal(shape: [values.count], deviation: Float(noise))
    let pixels = rough.withUnsafeValues { rough in
      zip(values, rough).map { value, rough in
        UInt8((255 * min(1, max(0, value + Double(rough)))).rounded())
      }
    }
    let mask = owner.map { $0 == 0 ? 0 : UInt8(labels[$0 - 1] + 1) }
    var sides = [(left: Int, top: Int, right: Int, bottom: Int)](
      repeating: (.max, .max, .min, .min), count: labels.count)
    for (place, owner) in owner.enumerated() where owner > 0 {
      let (row, column) = (place / shape.width, place % shape.width)
      let side = sides[owner - 1]
      sides[owner - 1] = (
        min(side.left, column), min(side.top, row), max(side.right, column + 1),
        max(side.bottom, row + 1)
      )
    }
    let objects = zip(labels, sides).filter { $0.1.right > 0 }.map { label, side in
      LocatedClass(
        label: Int32(label),
        box: BoundingBox(
          left: Float(side.left), top: Float(side.top), right: Float(side.right),
          bottom: Float(side.bottom)))
    }
    return SyntheticScenes.Scene(pixels: pixels, mask: mask, objects: objects)
  }
}
