import Foundation
import ReelTensor
import ReelTraining

/// Images with things on a canvas, of which it is known what they are, where they are, and which
/// pixels are theirs: shapes of any colour, size and direction, or cut-out images such as handwritten
/// digits. What is drawn depends on the generator alone.
///
/// ```swift
/// var generator = RandomGenerator(seed: 1)
/// let scenes = SyntheticScenes(height: 64, width: 64)
/// let training = scenes.segmented(500, using: &generator)  // background, circle, square, triangle
/// let things = scenes.located(500, using: &generator)      // one of them in each, and its box
/// ```
public struct SyntheticScenes: Sendable {
  /// What is on the canvas.
  public enum Content: Sendable {
    /// Drawn shapes, turned and scaled.
    case shapes([SceneShape])
    /// Images laid on the canvas, each where its pixels are brighter than half; one channel.
    case images(LabelledImages)
  }

  /// One canvas.
  public struct Scene: Sendable, Equatable {
    /// Channel after channel, 0…255.
    public var pixels: [UInt8]
    /// The number of the class of each pixel; 0: background, class k of the content: k + 1.
    public var mask: [UInt8]
    /// The things of which something can be seen, from the lowest to the topmost.
    public var objects: [LocatedClass]
  }

  public let shape: ImageShape
  public var content: Content
  /// How many things are on a canvas of `segmented`, as far as there is room.
  public var objects: ClosedRange<Int> = 1...4
  /// Half the size of a shape, as a share of the canvas's shorter side.
  public var radius: ClosedRange<Double> = 0.12...0.25
  /// The deviation of the noise on every sample of 0…1.
  public var noise = 0.04
  /// The least difference in brightness between a thing and the background.
  public var contrast = 0.25
  /// The largest share of a thing that others may hide.
  public var mostHidden = 0.2

  /// - Parameter channels: 1 for grey, 3 for colours.
  public init(
    height: Int = 64, width: Int = 64, channels: Int = 1,
    content: Content = .shapes([.circle, .square, .triangle])
  ) {
    precondition(
      height >= 8 && width >= 8 && (channels == 1 || channels == 3),
      "SyntheticScenes: \(channels) channels of \(height) by \(width), 1 or 3 of at least 8 by 8 "
        + "are expected")
    shape = ImageShape(channels: channels, height: height, width: width)
    self.content = content
  }

  /// The names of the things, in the order of their numbers.
  public var classes: [String] {
    switch content {
    case .shapes(let shapes): shapes.map(\.rawValue)
    case .images(let images): images.classes
    }
  }

  // MARK: Sets

  /// Canvases with several things, and the class of every pixel: background first, then `classes`.
  public func segmented(_ count: Int, using generator: inout RandomGenerator) -> SegmentedImages {
    let scenes = scenes(count, objects: objects, using: &generator)
    return SegmentedImages(
      shape: shape, classes: ["background"] + classes,
      examples: scenes.map { .init(pixels: $0.pixels, target: $0.mask) })
  }

  /// Canvases with one thing: what it is, and where.
  public func located(_ count: Int, using generator: inout RandomGenerator) -> LocatedObjects {
    let scenes = scenes(count, objects: 1...1, using: &generator)
    return LocatedObjects(
      shape: shape, classes: classes,
      examples: scenes.map { .init(pixels: $0.pixels, target: Self.only($0)) })
  }

  /// Canvases with one thing: what it is.
  public func labelled(_ count: Int, using generator: inout RandomGenerator) -> LabelledImages {
    let scenes = scenes(count, objects: 1...1, using: &generator)
    return LabelledImages(
      shape: shape, classes: classes,
      examples: scenes.map { .init(pixels: $0.pixels, target: Self.only($0).label) })
  }

  private static func only(_ scene: Scene) -> LocatedClass {
    scene.objects.last
      ?? LocatedClass(label: 0, box: BoundingBox(left: 0, top: 0, right: 0, bottom: 0))
  }

  private func scenes(
    _ count: Int, objects: ClosedRange<Int>, using generator: inout RandomGenerator
  ) -> [Scene] {
    precondition(count >= 0, "SyntheticScenes: \(count) scenes, at least 0 is expected")
    // Each from a stream of its own, so that threads may draw them in any order.
    let generators = (0..<count).map { _ in generator.split() }
    return Threads.map(count) { index in
      var generator = generators[index]
      return scene(
        objects: Int.random(in: objects, using: &generator), using: &generator)
    }
  }

  // MARK: One canvas

  /// A canvas with this many things.
  public func scene(objects: Int, using generator: inout RandomGenerator) -> Scene {
    var canvas = SceneCanvas(
      shape, contrast: contrast, mostHidden: mostHidden, using: &generator)
    for _ in 0..<objects {
      // A thing that finds no place is left out.
      for _ in 0..<20 {
        if draw(on: &canvas, using: &generator) { break }
      }
    }
    return canvas.finished(noise: noise, using: &generator)
  }

  private func draw(on canvas: inout SceneCanvas, using generator: inout RandomGenerator) -> Bool {
    switch content {
    case .shapes(let shapes):
      let label = Int.random(in: 0..<shapes.count, using: &generator)
      let spread = radius.upperBound - radius.lowerBound
      let share = radius.lowerBound + generator.uniformDouble() * spread
      return canvas.draw(
        shapes[label], label: label, radius: share * Double(min(shape.height, shape.width)),
        using: &generator)
    case .images(let images):
      let index = Int.random(in: 0..<images.count, using: &generator)
      return canvas.paste(images.examples[index], of: images.shape, using: &generator)
    }
  }
}
