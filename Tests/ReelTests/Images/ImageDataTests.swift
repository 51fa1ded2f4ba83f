import Foundation
import Reel
import Testing

@Suite struct ImageDataTests {
  private func write(_ bytes: [UInt8], _ path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  private func expectLine(_ parts: String..., by body: () throws -> Void) {
    do {
      try body()
      Issue.record("nothing was thrown, expected \(parts)")
    } catch {
      let text = "\(error)"
      #expect(!text.contains("\n"))
      for part in parts { #expect(text.contains(part), "\(text)") }
    }
  }

  @Test func idxFolders() throws {
    try withTemporaryFolder { folder in
      let images = IDXArray(shape: [3, 2, 4], unsignedBytes: (0..<24).map { UInt8($0 * 10) })
      let path = folder + "/train-images-idx3-ubyte"
      try images.write(to: path)
      func labels(_ values: [UInt8]) throws {
        try IDXArray(shape: [values.count], unsignedBytes: values)
          .write(to: folder + "/train-labels.idx1-ubyte")
      }
      try labels([2, 0, 1])
      let set = try LabelledImages(idx: folder, part: .training)
      #expect(set.shape == ImageShape(channels: 1, height: 2, width: 4))
      #expect(set.classes == ["0", "1", "2"] && set.examples.map(\.target) == [2, 0, 1])
      #expect(set.examples[1].pixels == (8..<16).map { UInt8($0 * 10) })
      #expect(LabelledImages.holdsIDX(folder, part: .training))
      #expect(!LabelledImages.holdsIDX(folder, part: .test))
      try write(Array("x\ny\n".utf8), folder + "/classes.txt")
      expectLine("label 2 of image 0", "0 to 1") {
        _ = try LabelledImages(idx: folder, part: .training)
      }
      try labels([0, 1])
      expectLine("2 labels", "expected 3") {
        _ = try LabelledImages(idx: folder, part: .training)
      }
      expectLine("t10k-images") { _ = try LabelledImages(idx: folder, part: .test) }
      // Cut short.
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      try bytes.dropLast(5).write(to: URL(fileURLWithPath: path))
      expectLine("train-images", "[3, 2, 4]") {
        _ = try LabelledImages(idx: folder, part: .training)
      }
    }
  }

  @Test func foldersOfClasses() throws {
    var generator = RandomGenerator(seed: 1)
    let set = SyntheticScenes(height: 16, width: 20, channels: 3)
      .labelled(12, using: &generator)
    try withTemporaryFolder { folder in
      try set.write(to: folder)
      let read = try LabelledImages(folder: folder)
      #expect(read.classes == ["circle", "square", "triangle"] && read.shape == set.shape)
      // In the order of classes, then of names.
      let order = (0..<12).sorted {
        (set.examples[$0].target, $0) < (set.examples[$1].target, $1)
      }
      #expect(read.examples == order.map { set.examples[$0] })
      #expect(try LabelledImages(folder: folder, channels: .grey).shape.channels == 1)
      expectLine("the class \"circle\"", "\"square\"") {
        _ = try LabelledImages(folder: folder, classes: ["square", "triangle"])
      }
      let other = PNGImage(
        width: 20, height: 15, channels: .rgb, bytes: [UInt8](repeating: 0, count: 900))
      try other.write(to: folder + "/triangle/zz.png")
      expectLine("zz.png", "3 by 15 by 20", "3 by 16 by 20 as in") {
        _ = try LabelledImages(folder: folder)
      }
      try write([1, 2, 3], folder + "/triangle/zz.png")
      expectLine("zz.png", "3 bytes that libpng cannot read") {
        _ = try LabelledImages(folder: folder)
      }
    }
    expectLine("no folder") { _ = try LabelledImages(folder: "/nowhere/images") }
    try withTemporaryFolder { folder in
      expectLine("no PNG file") { _ = try LabelledImages(folder: folder) }
    }
  }

  @Test func foldersOfMasks() throws {
    var generator = RandomGenerator(seed: 2)
    let set = SyntheticScenes(height: 16, width: 12).segmented(4, using: &generator)
    try withTemporaryFolder { folder in
      try set.write(to: folder)
      #expect(try SegmentedImages(folder: folder) == set)
      expectLine("a pixel of class", "0 to 1", "255") {
        _ = try SegmentedImages(folder: folder, classes: ["a", "b"])
      }
      let small = PNGImage(width: 3, height: 2, channels: .grey, bytes: [0, 0, 0, 0, 0, 0])
      try small.write(to: folder + "/masks/2.png")
      expectLine("masks/2.png", "a mask of 2 by 3", "16 by 12") {
        _ = try SegmentedImages(folder: folder)
      }
      try FileManager.default.removeItem(atPath: folder + "/masks/2.png")
      expectLine("cannot read", "masks/2.png") { _ = try SegmentedImages(folder: folder) }
    }
    // Black and white masks are two classes.
    try withTemporaryFolder { folder in
      for part in ["images", "masks"] {
        try FileManager.default.createDirectory(
          atPath: "\(folder)/\(part)", withIntermediateDirectories: true)
        try PNGImage(width: 2, height: 2, channels: .grey, bytes: [0, 255, 255, 0])
          .write(to: "\(folder)/\(part)/a.png")
      }
      let read = try SegmentedImages(folder: folder)
      #expect(read.examples[0].target == [0, 1, 1, 0] && read.classes == ["0", "1"])
    }
  }

  @Test func foldersOfBoxes() throws {
    var generator = RandomGenerator(seed: 3)
    let set = SyntheticScenes(height: 16, width: 18).located(5, using: &generator)
    try withTemporaryFolder { folder in
      try set.write(to: folder)
      let read = try LocatedObjects(folder: folder, classes: set.classes)
      #expect(read == set)
      try write(Array("0.png\tcircle\t1\t2\t3\n".utf8), folder + "/boxes.tsv")
      expectLine("boxes.tsv", "line 1 of 5 columns") { _ = try LocatedObjects(folder: folder) }
    }
  }

  @Test func normalization() {
    let shape = ImageShape(channels: 2, height: 1, width: 2)
    let set = LabelledImages(
      shape: shape, classes: ["a"],
      examples: [
        .init(pixels: [0, 255, 51, 51], target: 0), .init(pixels: [255, 0, 51, 51], target: 0),
      ])
    let normalization = set.normalization
    #expect(normalization.mean == [0.5, 0.2] && normalization.deviation == [0.5, 1])
  }

  @Test func partsAndOrder() {
    var generator = RandomGenerator(seed: 4)
    let set = DrawnDigits(size: 12).labelledImages(20, using: &generator)
    #expect(set.count == 20 && set[5..<9].examples == Array(set.examples[5..<9]))
    #expect(set.shuffled(seed: 1) == set.shuffled(seed: 1))
    #expect(set.shuffled(seed: 1) != set && set.shuffled(seed: 1).count == 20)
    #expect(set.image(3).tensor.shape == [1, 12, 12])
    for label in 0..<10 { #expect(set.examples.count { $0.target == label } == 2) }
  }
}
