import Foundation
import ReelTensor

/// Rough line drawings and the clean ones that they stand for, to learn to clean sketches up
/// (Simo-Serra et al. 2016): every line of a drawing is drawn several times by an unsteady hand, on
/// paper with spots; clean is one line where they were meant.
///
/// As a segmentation: class 1 are the pixels of clean lines, class 0 is paper.
public struct SketchPairs: Sendable, Equatable {
  public let height: Int
  public let width: Int
  /// Times that a rough line is drawn.
  public var repeats = 3
  /// How far a rough line strays, as a share of the shorter side.
  public var unsteadiness = 0.015

  public init(height: Int = 64, width: Int = 64) {
    precondition(
      height >= 16 && width >= 16,
      "SketchPairs: \(height) by \(width), at least 16 by 16 is expected")
    (self.height, self.width) = (height, width)
  }

  /// New pairs.
  public func pairs(_ count: Int, using generator: inout RandomGenerator) -> SegmentedImages {
    precondition(count >= 0, "SketchPairs: \(count) pairs, at least 0 is expected")
    let generators = (0..<count).map { _ in generator.split() }
    let examples = Threads.map(count) { index in
      var generator = generators[index]
      return pair(using: &generator)
    }
    return SegmentedImages(
      shape: ImageShape(channels: 1, height: height, width: width), classes: ["paper", "line"],
      examples: examples)
  }

  private typealias Point = (x: Double, y: Double)

  private func pair(using generator: inout RandomGenerator) -> SegmentedImages.Example {
    let side = Double(min(height, width))
    var clean = [Double](repeating: 0, count: height * width)
    var rough = clean
    for _ in 0..<Int.random(in: 2...4, using: &generator) {
      let line = curve(using: &generator)
      draw(line, radius: 0.9, darkness: 1, on: &clean)
      for _ in 0..<repeats {
        // A slow sway along the line, and a shift of all of it.
        let sway = (0..<4).map { _ in
          unsteadiness * side * (2 * generator.uniformDouble() - 1)
        }
        let phase = 2 * Double.pi * generator.uniformDouble()
        let strayed = line.enumerated().map { index, point in
          let turn = phase + 6 * Double(index) / Double(line.count)
          return (
            x: point.x + sway[0] + sway[1] * sin(turn), y: point.y + sway[2] + sway[3] * cos(turn)
          )
        }
        draw(strayed, radius: 0.6, darkness: 0.35 + 0.4 * generator.uniformDouble(), on: &rough)
      }
    }
    let spots = generator.normal(shape: [height * width], deviation: 0.05).values
    let pixels = zip(rough, spots).map { ink, spot in
      UInt8((255 * min(1, max(0, 0.92 - 0.9 * ink + Double(spot)))).rounded())
    }
    return .init(pixels: pixels, target: clean.map { $0 > 0.5 ? 1 : 0 })
  }

  /// A circle, or a line bent once.
  private func curve(using generator: inout RandomGenerator) -> [Point] {
    func random(_ low: Double, _ high: Double) -> Double {
      low + (high - low) * generator.uniformDouble()
    }
    func point() -> Point {
      (random(0.1, 0.9) * Double(width), random(0.1, 0.9) * Double(height))
    }
    if generator.uniform() < 0.4 {
      let radius = random(0.12, 0.3) * Double(min(height, width))
      let center = (
        x: random(radius + 2, Double(width) - radius - 2),
        y: random(radius + 2, Double(height) - radius - 2)
      )
      return (0...40).map { step in
        let turn = 2 * Double.pi * Double(step) / 40
        return (center.x + radius * cos(turn), center.y + radius * sin(turn))
      }
    }
    let (a, b, c) = (point(), point(), point())
    return (0...30).map { step in
      let t = Double(step) / 30
      func bend(_ a: Double, _ b: Double, _ c: Double) -> Double {
        (1 - t) * (1 - t) * a + 2 * t * (1 - t) * b + t * t * c
      }
      return (bend(a.x, b.x, c.x), bend(a.y, b.y, c.y))
    }
  }

  /// Darkens the pixels near a line; where lines cross, the darker one stays.
  private func draw(
    _ line: [Point], radius: Double, darkness: Double, on paper: inout [Double]
  ) {
    for (start, end) in zip(line, line.dropFirst()) {
      let reach = radius + 1
      let rows = range(min(start.y, end.y) - reach, max(start.y, end.y) + reach, height)
      let columns = range(min(start.x, end.x) - reach, max(start.x, end.x) + reach, width)
      for row in rows {
        for column in columns {
          let point = (x: Double(column) + 0.5, y: Double(row) + 0.5)
          let near = PlaneGeometry.distance(point, from: start, to: end)
          let ink = darkness * min(1, max(0, radius + 0.5 - near))
          paper[row * width + column] = max(paper[row * width + column], ink)
        }
      }
    }
  }

  private func range(_ low: Double, _ high: Double, _ length: Int) -> Range<Int> {
    let first = min(length, max(0, Int(low.rounded(.down))))
    return first..<max(first, min(length, Int(high.rounded(.up)) + 1))
  }
}

/// Distances in a plane, for what draws lines.
enum PlaneGeometry {
  /// From a point to the nearest of a line from `start` to `end`.
  static func distance(
    _ point: (x: Double, y: Double), from start: (x: Double, y: Double),
    to end: (x: Double, y: Double)
  ) -> Double {
    let (dx, dy) = (end.x - start.x, end.y - start.y)
    let along =
      ((point.x - start.x) * dx + (point.y - start.y) * dy) / max(dx * dx + dy * dy, 1e-12)
    let share = min(1, max(0, along))
    return hypot(point.x - start.x - share * dx, point.y - start.y - share * dy)
  }
}
