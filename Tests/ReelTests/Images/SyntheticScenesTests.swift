import Foundation
import Reel
import Testing

@Suite struct SyntheticScenesTests {
  @Test func theSeedDecides() {
    func sets(_ seed: UInt64, threads: Int) -> (SegmentedImages, LocatedObjects) {
      var generator = RandomGenerator(seed: seed)
      let scenes = SyntheticScenes(height: 32, width: 40, channels: 3)
      return Threads.with(threads) {
        (scenes.segmented(6, using: &generator), scenes.located(6, using: &generator))
      }
    }
    let (first, second) = (sets(1, threads: 1), sets(1, threads: 2))
    #expect(first.0 == second.0 && first.1 == second.1)
    #expect(first.0 != sets(2, threads: 2).0)
  }

  @Test func masksAndBoxesAgree() {
    var generator = RandomGenerator(seed: 3)
    let scenes = SyntheticScenes(height: 48, width: 40, content: .shapes(SceneShape.allCases))
    var classes: Set<Int32> = []
    for count in [0, 1, 1, 1, 1, 1, 3, 5] {
      let scene = scenes.scene(objects: count, using: &generator)
      #expect(scene.pixels.count == 48 * 40 && scene.objects.count <= count)
      classes.formUnion(scene.objects.map(\.label))
      guard count <= 1 else { continue }
      var box: BoundingBox?
      for (place, label) in scene.mask.enumerated() where label > 0 {
        let (row, column) = (Float(place / 40), Float(place % 40))
        let old = box ?? BoundingBox(left: 99, top: 99, right: 0, bottom: 0)
        box = BoundingBox(
          left: min(old.left, column), top: min(old.top, row), right: max(old.right, column + 1),
          bottom: max(old.bottom, row + 1))
        #expect(Int32(label) == scene.objects[0].label + 1)
      }
      #expect(box == scene.objects.first?.box)
    }
    #expect(classes.count >= 3)
  }

  @Test func thingsDifferFromTheBackground() {
    var generator = RandomGenerator(seed: 4)
    var scenes = SyntheticScenes(height: 40, width: 40)
    scenes.noise = 0
    for _ in 0..<20 {
      let scene = scenes.scene(objects: 1, using: &generator)
      func mean(_ isThing: Bool) -> Double {
        let chosen = zip(scene.pixels, scene.mask).filter { ($0.1 > 0) == isThing }
        return chosen.reduce(0) { $0 + Double($1.0) } / Double(max(1, chosen.count)) / 255
      }
      #expect(abs(mean(true) - mean(false)) > 0.15)
    }
  }

  @Test func digitsOnACanvas() {
    var generator = RandomGenerator(seed: 5)
    let digits = DrawnDigits(size: 14).labelledImages(30, using: &generator)
    let scenes = SyntheticScenes(height: 40, width: 40, content: .images(digits))
    #expect(scenes.classes == LabelledImages.digitClasses)
    let located = scenes.located(8, using: &generator)
    for example in located.examples {
      #expect(example.target.box.width > 2 && example.target.box.height > 4)
      #expect(example.target.box.width <= 14 && example.target.box.height <= 14)
    }
    #expect(scenes.segmented(2, using: &generator).classes.count == 11)
  }

  @Test func sketches() {
    var generator = RandomGenerator(seed: 6)
    let pairs = SketchPairs(height: 48, width: 64).pairs(4, using: &generator)
    #expect(pairs.shape == ImageShape(channels: 1, height: 48, width: 64))
    for example in pairs.examples {
      let lines = example.target.count { $0 == 1 }
      #expect(lines > 40 && lines < 48 * 64 / 3, "\(lines)")
      // Rough lines are darker than paper, and lie near the clean ones.
      let dark = zip(example.pixels, example.target).filter { $0.1 == 1 }
      let light = zip(example.pixels, example.target).filter { $0.1 == 0 }
      func mean(_ pixels: [(UInt8, UInt8)]) -> Double {
        pixels.reduce(0) { $0 + Double($1.0) } / Double(pixels.count)
      }
      #expect(mean(dark) + 60 < mean(light))
    }
  }

  @Test func picturesForPeople() {
    let image = PNGImage(width: 2, height: 1, channels: .grey, bytes: [0, 200])
    #expect(image.enlarged(2).bytes == [0, 0, 200, 200, 0, 0, 200, 200])
    let both = PNGImage.sideBySide([image, image.coloredLabels], gap: 1)
    #expect(both.width == 5 && both.height == 1 && both.channels == .rgb)
    #expect(Array(both.bytes[0..<9]) == [0, 0, 0, 200, 200, 200, 220, 220, 220])
    #expect(PNGImage.stacked([image, image], gap: 0).bytes == [0, 200, 0, 200])
  }
}
