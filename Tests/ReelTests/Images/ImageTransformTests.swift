import Foundation
import Reel
import Testing

@Suite struct ImageTransformTests {
  private let small = ImageShape(channels: 1, height: 3, width: 4)

  /// What becomes of the numbers 0…11 as pixels of 3 by 4, as whole bytes.
  private func changed(
    _ transform: ImageTransform, to window: ImageShape? = nil, _ image: ImageShape? = nil
  ) -> [Int] {
    let image = image ?? small
    let reader = ImagePixels(
      image: image, window: window ?? image, normalization: .none(channels: image.channels))
    let pixels = (0..<image.count).map { UInt8($0 + 1) }
    return reader.tensor([pixels], [transform]).values.map { Int(($0 * 255).rounded()) }
  }

  @Test func grid() {
    #expect(changed(.init()) == Array(1...12))
    var transform = ImageTransform()
    transform.mirrorsColumns = true
    #expect(changed(transform) == [4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9])
    transform.mirrorsRows = true
    #expect(changed(transform) == Array((1...12).reversed()))
    transform = ImageTransform()
    (transform.shiftX, transform.shiftY) = (1, -1)
    #expect(changed(transform) == [0, 5, 6, 7, 0, 9, 10, 11, 0, 0, 0, 0])
    // Larger and smaller windows; the middle stays.
    let larger = small.resized(height: 5, width: 6)
    #expect(
      changed(.init(), to: larger) == [
        0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 5, 6, 7, 8, 0, 0, 9, 10, 11, 12, 0, 0, 0, 0, 0, 0, 0,
      ])
    #expect(changed(.init(), to: small.resized(height: 1, width: 2)) == [6, 7])
    // An odd difference: one more is cut at the right and at the bottom.
    #expect(changed(.init(), to: small.resized(height: 2, width: 3)) == [1, 2, 3, 5, 6, 7])
    transform = ImageTransform()
    transform.mirrorsColumns = true
    #expect(changed(transform, to: small.resized(height: 2, width: 3)) == [3, 2, 1, 7, 6, 5])
  }

  @Test func interpolation() {
    // A quarter turn of a square image, clockwise.
    let square = ImageShape(channels: 1, height: 3, width: 3)
    var transform = ImageTransform()
    transform.rotation = 90
    #expect(changed(transform, square) == [7, 4, 1, 8, 5, 2, 9, 6, 3])
    // Half a pixel to the right: the mean of two neighbours, of black outside.
    transform = ImageTransform()
    transform.shiftX = 0.5
    let row = ImageShape(channels: 1, height: 1, width: 3)
    let reader = ImagePixels(image: row, window: row, normalization: .none(channels: 1))
    let values = reader.tensor([[10, 20, 40]], [transform]).values.map { $0 * 255 }
    #expect(zip(values, [5, 15, 30]).allSatisfy { abs($0 - $1) < 1e-3 }, "\(values)")
    // Twice as large: the middle pixel fills the middle.
    transform = ImageTransform()
    transform.scale = 3
    #expect(changed(transform, square)[4] == 5)
  }

  @Test func light() {
    let one = ImageShape(channels: 1, height: 1, width: 3)
    let reader = ImagePixels(
      image: one, window: one, normalization: ImageNormalization(mean: [0.5], deviation: [0.25]))
    var transform = ImageTransform()
    (transform.contrast, transform.brightness) = (2, 0.1)
    // 0 → −0.4 → 0; 0.5 → 0.6; 1 → 1.6 → 1.
    let values = reader.tensor([[0, 51, 255]], [transform]).values
    #expect(zip(values, [-2, -2, 2]).allSatisfy { abs($0 - $1) < 1e-5 }, "\(values)")
    transform = ImageTransform()
    transform.erased = .init(row: 0, column: 1, size: 5)
    #expect(reader.tensor([[0, 0, 255]], [transform]).values == [-2, 0, 0])
  }

  @Test func masksAndBoxesGoWithTheirImage() {
    var generator = RandomGenerator(seed: 5)
    let shape = ImageShape(channels: 1, height: 40, width: 48)
    var augmentation = ImageAugmentation()
    (augmentation.mirrorsColumns, augmentation.mirrorsRows) = (true, true)
    (augmentation.shift, augmentation.scaling, augmentation.rotation) = (3, 0.2, 30)
    let reader = ImagePixels(image: shape, window: shape, normalization: .none(channels: 1))
    for _ in 0..<30 {
      // A white rectangle on black: where the changed image is white, the mask says so.
      let (left, top) = (
        Int.random(in: 14..<20, using: &generator), Int.random(in: 12..<16, using: &generator)
      )
      let (right, bottom) = (left + 10, top + 8)
      let mask: [UInt8] = (0..<shape.count).map { place in
        let (row, column) = (place / 48, place % 48)
        return (top..<bottom).contains(row) && (left..<right).contains(column) ? 1 : 0
      }
      let transform = augmentation.transform(image: shape, window: shape, using: &generator)
      let values = reader.tensor([mask.map { $0 * 255 }], [transform]).values
      let changed = transform.mask(mask, image: (40, 48), window: (40, 48))
      for (value, label) in zip(values, changed) where label != 255 && abs(value - 0.5) > 0.45 {
        #expect((value > 0.5) == (label == 1))
      }
      let box = transform.box(
        BoundingBox(
          left: Float(left), top: Float(top), right: Float(right), bottom: Float(bottom)),
        image: (40, 48), window: (40, 48))
      var seen = BoundingBox(left: 99, top: 99, right: -1, bottom: -1)
      for (place, label) in changed.enumerated() where label == 1 {
        let (row, column) = (Float(place / 48), Float(place % 48))
        seen = BoundingBox(
          left: min(seen.left, column), top: min(seen.top, row), right: max(seen.right, column + 1),
          bottom: max(seen.bottom, row + 1))
      }
      #expect(box.intersectionOverUnion(seen) > 0.75, "\(box) \(seen) \(transform)")
    }
  }

  @Test func augmentationsStayInTheirRange() throws {
    var generator = RandomGenerator(seed: 6)
    let image = ImageShape(channels: 3, height: 40, width: 36)
    let window = image.resized(height: 32, width: 32)
    var augmentation = ImageAugmentation()
    #expect(augmentation.isOff)
    #expect(
      augmentation.transform(image: image, window: window, using: &generator) == ImageTransform())
    (augmentation.crops, augmentation.shift) = (true, 1)
    var rows: Set<Int> = []
    var columns: Set<Int> = []
    for _ in 0..<400 {
      let transform = augmentation.transform(image: image, window: window, using: &generator)
      rows.insert(Int(transform.shiftY))
      columns.insert(Int(transform.shiftX))
    }
    // 8 and 4 spare pixels, one more at each side.
    #expect(rows == Set(-5...5) && columns == Set(-3...3))
    augmentation.rotation = 200
    #expect(throws: ConfigurationError.self) { try augmentation.validate() }
  }

  @Test func views() {
    let shape = ImageShape(channels: 1, height: 6, width: 6)
    #expect(ImageViews.one.transforms(image: shape, window: shape) == [ImageTransform()])
    let ten = ImageViews(mirrors: true, corners: 1).transforms(image: shape, window: shape)
    #expect(ten.count == 10 && Set(ten).count == 10)
    #expect(
      Set(ten.map { [$0.shiftX, $0.shiftY] }) == [[0, 0], [1, 1], [-1, 1], [1, -1], [-1, -1]])
    // The corners of a larger image, odd difference included: windows begin at 0 and 3.
    let window = shape.resized(height: 3, width: 6)
    let crops = ImageViews(corners: 0).transforms(image: shape, window: window)
    #expect(Set(crops.map { $0.shiftY }) == [0, 1, -2] && Set(crops.map { $0.shiftX }) == [0])
  }

  @Test func anyNumberOfThreadsGivesTheSameBytes() {
    var generator = RandomGenerator(seed: 7)
    let set = SyntheticScenes(height: 24, width: 24, channels: 3).labelled(9, using: &generator)
    var augmentation = ImageAugmentation()
    (augmentation.rotation, augmentation.brightness, augmentation.erasing) = (20, 0.2, 6)
    let transforms = set.examples.map { _ in
      augmentation.transform(image: set.shape, window: set.shape, using: &generator)
    }
    let reader = ImagePixels(image: set.shape, window: set.shape, normalization: set.normalization)
    let pixels = set.examples.map(\.pixels)
    let one = Threads.with(1) { reader.tensor(pixels, transforms) }
    #expect(Threads.with(2) { reader.tensor(pixels, transforms) } == one)
  }
}
