import Reel
import Testing

@Suite struct PixelSequencesTests {
  /// Two images of 2 by 3.
  private func images() -> PixelSequences {
    PixelSequences(
      height: 2, width: 3, pixels: [0, 51, 102, 153, 204, 255, 255, 0, 0, 0, 0, 0], labels: [4, 1])
  }

  @Test func rowByRowAndPixelByPixel() {
    var images = images()
    images.order = .rows
    #expect(images.steps == 2 && images.features == 3 && images.count == 2 && images.classes == 5)
    let rows = images.batch(0..<2)
    #expect(rows.labels == [4, 1])
    #expect(rows.inputs[0] == Tensor(shape: [2, 3], values: [0, 0.2, 0.4, 0.6, 0.8, 1]))
    images.order = .pixels
    #expect(images.steps == 6 && images.features == 1)
    let pixels = images.batch([1, 0, 1])
    #expect(pixels.labels == [1, 4, 1])
    #expect(pixels.inputs[1] == Tensor(shape: [6, 1], values: [0, 0.2, 0.4, 0.6, 0.8, 1]))
    #expect(pixels.inputs[2] == Tensor(shape: [6, 1], values: [1, 0, 0, 0, 0, 0]))
    #expect(images.batch([]).inputs.layout.batch == 0)
  }

  @Test func onePermutationForAllImagesThatTheSeedDecides() {
    var images = images()
    images.order = .permutedPixels(seed: 7)
    let values = images.batch(0..<2).inputs
    #expect(values[0].values.sorted() == [0, 0.2, 0.4, 0.6, 0.8, 1])
    // Where the first image has its first pixel, 0, the second has its own, 1.
    #expect(values[0].values.firstIndex(of: 0) == values[1].values.firstIndex(of: 1))
    let same = images.batch(0..<1).inputs[0]
    #expect(same == values[0])
    let others = (8..<20).map { (seed: UInt64) in
      images.order = .permutedPixels(seed: seed)
      return images.batch(0..<1).inputs[0]
    }
    #expect(others.contains { $0 != same })
  }

  @Test func theScaleOfTheTrainingSet() {
    var images = images()
    let scale = images.pixelScale
    #expect(abs(scale.mean - 4.0 / 12) < 1e-9)
    images.scale = scale
    let values = images.batch(0..<2).inputs.padded().values.map { Double($0) }
    #expect(abs(values.reduce(0, +)) < 1e-5)
    #expect(abs(values.map { $0 * $0 }.reduce(0, +) / 12 - 1) < 1e-5)
    // A part keeps order and scale.
    #expect(images[1..<2].batch(0..<1).inputs[0] == images.batch(1..<2).inputs[0])
    let flat = PixelSequences(height: 1, width: 1, pixels: [9], labels: [0])
    #expect(flat.pixelScale.deviation == 1)
  }

  @Test func accuracyIsTheShareOfTheHighestScores() {
    let digits = PixelSequences(
      height: 1, width: 1, pixels: (0..<250).map { UInt8($0 % 5) },
      labels: (0..<250).map { Int32($0 % 5) })
    // Scores the pixel's own value, but 1 in place of 4.
    let share = digits.accuracy { batch in
      let answers = batch.inputs.padded().values.map { Int($0 * 255 + 0.5) }
      return OneHot(answers.map { $0 == 4 ? 1 : Int32($0) }, width: 5).dense
    }
    #expect(share == 0.8)
    #expect(digits[0..<0].accuracy { _ in Tensor(zeros: [0, 5]) } == 0)
  }

  @Test func readsIDXFiles() throws {
    try withTemporaryFolder { folder in
      let (images, labels) = (folder + "/images", folder + "/labels")
      func write(_ shape: [Int], to path: String) throws {
        let bytes = (0..<shape.reduce(1, *)).map { UInt8($0 % 7) }
        try IDXArray(shape: shape, unsignedBytes: bytes).write(to: path)
      }
      func refusal() -> String {
        do {
          _ = try PixelSequences(images: images, labels: labels)
          return "nothing was thrown"
        } catch { return "\(error)" }
      }
      try write([3, 2, 2], to: images)
      try write([3], to: labels)
      let read = try PixelSequences(images: images, labels: labels)
      #expect(read.count == 3 && read.height == 2 && read.width == 2 && read.labels == [0, 1, 2])
      try write([2], to: labels)
      #expect(refusal() == "\(labels): 2 labels, expected 3, one for each image of \(images)")
      try write([3, 1], to: labels)
      #expect(
        refusal().hasPrefix("\(labels): shape [3, 1] of elements of type 8, expected [count]"))
      try write([3, 4], to: images)
      #expect(refusal().contains("expected [count, height, width] of type 8"))
      try write([3, 0, 4], to: images)
      try write([3], to: labels)
      #expect(refusal() == "\(images): images of 0 by 4, expected at least 1 pixel")
    }
  }

  @Test func drawnDigitsAreLegibleAndRepeatable() {
    var (first, second) = (RandomGenerator(seed: 1), RandomGenerator(seed: 1))
    let digits = DrawnDigits(size: 12).images(500, using: &first)
    #expect(digits == DrawnDigits(size: 12).images(500, using: &second))
    #expect(digits.height == 12 && digits.width == 12 && digits.classes == 10)
    for label in 0..<10 { #expect(digits.labels.count { $0 == Int32(label) } == 50) }
    // Who takes the label of the nearest of 400 others is mostly right.
    let values = digits.batch(0..<500).inputs.padded().values
    func distance(_ a: Int, _ b: Int) -> Float {
      (0..<144).reduce(0) {
        let difference = values[a * 144 + $1] - values[b * 144 + $1]
        return $0 + difference * difference
      }
    }
    let right = (400..<500).count { image in
      let nearest = (0..<400).min { distance(image, $0) < distance(image, $1) }
      return digits.labels[nearest ?? 0] == digits.labels[image]
    }
    #expect(right > 85, "\(right) of 100")
  }
}
