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
  /// Pixels of each thing, and those that nothing hides.
  private var sizes: [Int] = []
  private var visible: [Int] = []
  private let mostHidden: Double
  private let background: [Double]

  init(
    _ shape: ImageShape, contrast: Double, mostHidden: Double,
    using generator: inout RandomGenerator
  ) {
    (self.shape, self.contrast, self.mostHidden) = (shape, contrast, mostHidden)
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
  ///
  /// - Returns: whether it was drawn: not where it would hide too much of what is there.
  mutating func draw(
    _ thing: SceneShape, label: Int, radius: Double, using generator: inout RandomGenerator
  ) -> Bool {
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
    var marks: [Mark] = []
    for row in range(centerY, radius, shape.height) {
      for column in range(centerX, radius, shape.width) {
        let (x, y) = (Double(column), Double(row))
        // The border is as soft as a pixel is wide: 3 by 3 points of it are asked.
        var inside = 0
        for i in 0..<3 {
          for j in 0..<3 where contains(x + (Double(j) + 0.5) / 3, y + (Double(i) + 0.5) / 3) {
            inside += 1
          }
        }
        marks.append(
          Mark(
            place: row * shape.width + column, share: Double(inside) / 9,
            owns: contains(x + 0.5, y + 0.5)))
      }
    }
    return lay(marks, color, label)
  }

  private func range(_ center: Double, _ radius: Double, _ length: Int) -> Range<Int> {
    let low = max(0, Int((center - radius).rounded(.down)))
    return low..<max(low, min(length, Int((center + radius).rounded(.up)) + 1))
  }

  /// Lays an image of one channel on the canvas, in a colour of its own.
  ///
  /// - Returns: whether it was laid there: not where it would hide too much of what is there.
  mutating func paste(
    _ example: LabelledImages.Example, of image: ImageShape, using generator: inout RandomGenerator
  ) -> Bool {
    precondition(
      image.channels == 1 && image.height <= shape.height && image.width <= shape.width,
      "SyntheticScenes: images of \(image) on a canvas of \(shape), grey and no larger are expected"
    )
    let top = Int.random(in: 0...shape.height - image.height, using: &generator)
    let left = Int.random(in: 0...shape.width - image.width, using: &generator)
    let color = color(using: &generator)
    var marks: [Mark] = []
    for row in 0..<image.height {
      for column in 0..<image.width {
        let share = Double(example.pixels[row * image.width + column]) / 255
        let place = (top + row) * shape.width + left + column
        marks.append(Mark(place: place, share: share, owns: share >= 0.5))
      }
    }
    return lay(marks, color, Int(example.target))
  }

  /// A pixel of a thing: how much of it is covered, and whether it counts as the thing's.
  private struct Mark {
    let place: Int
    let share: Double
    let owns: Bool
  }

  private mutating func lay(_ marks: [Mark], _ color: [Double], _ label: Int) -> Bool {
    var visible = self.visible
    for mark in marks where mark.owns && owner[mark.place] > 0 {
      visible[owner[mark.place] - 1] -= 1
    }
    for (left, whole) in zip(visible, sizes)
    where Double(left) < (1 - mostHidden) * Double(whole) { return false }
    self.visible = visible + [marks.count { $0.owns }]
    sizes.append(self.visible[labels.count])
    labels.append(label)
    for mark in marks {
      for (channel, level) in color.enumerated() {
        let index = channel * shape.positions + mark.place
        values[index] += mark.share * (level - values[index])
      }
      if mark.owns { owner[mark.place] = labels.count }
    }
    return true
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
