import Foundation
import ReelFormats
import ReelTensor
import Testing

/// As make_fixtures.py has it: images of 7 by 5.
private func sample(_ row: Int, _ column: Int, _ channel: Int = 0) -> UInt8 {
  UInt8((row * 37 + column * 11 + channel * 71 + 5) % 256)
}

private func grid(_ pixel: (Int, Int) -> [UInt8]) -> [UInt8] {
  (0..<5).flatMap { row in (0..<7).flatMap { column in pixel(row, column) } }
}

private let grey = grid { [sample($0, $1)] }
private let colors = grid { row, column in (0..<3).map { sample(row, column, $0) } }

@Suite struct PNGImageTests {
  private func read(
    _ name: String, _ channels: PNGImage.Channels? = nil
  ) throws -> PNGImage {
    let image = try PNGImage(path: fixture("\(name).png"), channels: channels)
    #expect(image.width == 7 && image.height == 5)
    return image
  }

  @Test(arguments: ["grey8", "grey16"]) func greyImages(_ name: String) throws {
    let image = try read(name)
    #expect(image.channels == .grey && image.bytes == grey)
    #expect(image.bytes[image.offset(row: 2, column: 3)] == sample(2, 3))
    let color = try read(name, .rgb)
    #expect(color.bytes == grey.flatMap { [$0, $0, $0] })
  }

  @Test func fewBitsBecomeBytes() throws {
    #expect(try read("grey1").bytes == grid { [UInt8(($0 + $1) % 2 * 255)] })
    #expect(try read("grey4").bytes == grid { [UInt8((3 * $0 + $1) % 16 * 17)] })
  }

  @Test(arguments: ["rgb8", "rgb16", "interlaced"]) func colors(_ name: String) throws {
    let image = try read(name)
    #expect(image.channels == .rgb && image.bytes == ReelFormatsTests.colors)
    // A grey that lies between the least and the largest sample of each pixel.
    let brightness = try read(name, .grey)
    for pixel in 0..<35 {
      let samples = image.bytes[3 * pixel..<3 * pixel + 3]
      let (low, high) = (samples.min() ?? 0, samples.max() ?? 0)
      #expect((low...high).contains(brightness.bytes[pixel]))
    }
  }

  @Test func palettes() throws {
    #expect(
      try read("palette").bytes
        == grid { row, column in
          let index = (3 * row + column) % 5
          return [UInt8(50 * index), UInt8(255 - 40 * index), UInt8(13 * index)]
        })
    let labels = try PNGImage.labels(path: fixture("palette.png"))
    #expect(labels.channels == .grey && labels.bytes == grid { [UInt8((3 * $0 + $1) % 5)] })
    #expect(try PNGImage.labels(path: fixture("grey8.png")).bytes == grey)
    let path = try fixture("rgb8.png")
    expectRefusal(path, ["in colour", "palette"]) { _ = try PNGImage.labels(path: path) }
  }

  @Test func transparentPixelsLieOnWhite() throws {
    #expect(
      try read("grey-alpha").bytes
        == grid { ($0 + $1) % 2 == 1 ? [sample($0, $1)] : [255] })
    let image = try read("rgba")
    #expect(
      image.bytes
        == grid { row, column in
          (0..<3).map { (row + column) % 2 == 1 ? sample(row, column, $0) : 255 }
        })
    let whole = try read("rgba", .rgba)
    #expect(whole.channels == .rgba && whole.bytes[7] == 255 && whole.bytes[3] == 0)
    #expect(Array(whole.bytes[4..<7]) == (0..<3).map { sample(0, 1, $0) })
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let scratch = try Scratch()
    for channels in PNGImage.Channels.allCases {
      let bytes = (0..<11 * 6 * channels.count).map { UInt8(($0 * 89 + 7) % 256) }
      let image = PNGImage(width: 11, height: 6, channels: channels, bytes: bytes)
      try image.write(to: scratch.path)
      #expect(try PNGImage(path: scratch.path, channels: channels) == image)
      #expect(try contents(scratch.path) == image.encoded())
    }
    // Noise, which deflate can only store.
    var generator = RandomGenerator(seed: 3)
    let noise = (0..<300 * 200).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let image = PNGImage(width: 300, height: 200, channels: .grey, bytes: noise)
    #expect(try PNGImage(image.encoded(), name: "noise") == image)
  }

  @Test func tensorsAndBack() throws {
    let image = try read("rgb8")
    let tensor = image.tensor
    #expect(tensor.shape == [3, 5, 7])
    #expect(tensor[2, 1, 4] == Float(sample(1, 4, 2)) / 255)
    #expect(PNGImage(tensor) == image)
    let odd = Tensor(shape: [1, 1, 4], values: [-1, 2, .nan, 0.5])
    #expect(PNGImage(odd).bytes == [0, 255, 0, 128])
  }

  @Test func damagedFilesAreRefusedInOneLine() throws {
    let scratch = try Scratch()
    func refuse(_ bytes: [UInt8], _ parts: String...) throws {
      try scratch.put(bytes)
      expectRefusal(scratch.path, parts) { _ = try PNGImage(path: scratch.path) }
    }
    let whole = try contents(fixture("rgb8.png"))
    try refuse([], "0 bytes")
    try refuse(Array("not an image".utf8), "12 bytes that libpng cannot read", "PNG")
    try refuse(Array(whole.prefix(20)), "20 bytes")
    // Cut anywhere before the end of the pixels.
    for count in stride(from: 1, to: whole.count - 16, by: 3) {
      try refuse(Array(whole.prefix(count)), "expected a whole PNG file")
    }
    // A changed byte of the packed pixels: the checksum tells.
    var damaged = whole
    damaged[whole.count - 20] ^= 0x40
    try refuse(damaged, "libpng cannot read")
    expectRefusal("/nowhere/image.png", ["cannot read"]) {
      _ = try PNGImage(path: "/nowhere/image.png")
    }
  }

  @Test func sizesAreCheckedBeforeMemoryIsAskedFor() throws {
    let scratch = try Scratch()
    // The head alone says 60,000 by 60,000; its checksum is right.
    var head: [UInt8] = [137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13]
    head += Array("IHDR".utf8) + [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 0, 0, 0, 0]
    var check = UInt32.max
    for byte in head[12...] {
      check ^= UInt32(byte)
      for _ in 0..<8 { check = check & 1 == 1 ? check >> 1 ^ 0xEDB8_8320 : check >> 1 }
    }
    withUnsafeBytes(of: (~check).bigEndian) { head += $0 }
    head += [0, 0, 0, 0] + Array("IDAT".utf8) + [0x35, 0xAF, 0x06, 0x1E]
    try scratch.put(head)
    expectRefusal(scratch.path, ["60000 by 60000", "67108864 pixels"]) {
      _ = try PNGImage(path: scratch.path)
    }
    expectRefusal(scratch.path, ["bytes for an image of 60000 by 60000"]) {
      _ = try PNGImage(path: scratch.path, maximumPixels: .max)
    }
    let path = try fixture("grey8.png")
    expectRefusal(path, ["5 by 7", "at most 34 pixels"]) {
      _ = try PNGImage(path: path, maximumPixels: 34)
    }
  }
}
