import Foundation
import ReelFormats

extension ImageSet where Target == [UInt8] {
  /// The number in a mask of a pixel that does not count.
  public static var ignored: UInt8 { 255 }

  /// Reads a folder with `images/NAME.png` and, for each, `masks/NAME.png`: a mask of the same size
  /// whose grey samples (or palette indices) are the numbers of the classes, 255 for pixels that do
  /// not count. Masks that hold nothing but 0 and 255 are taken for two classes, 255 being the second.
  ///
  /// - Parameter classes: the classes' names; nil: the lines of `classes.txt`, or the numbers 0 to the
  ///   largest in the masks.
  /// - Throws: `FileError` or `FormatError`, one line that names the file: a broken PNG file, an image
  ///   of another shape than the first, an image without mask, a mask of another size, a pixel
  ///   without a class.
  public init(
    folder: String, channels: PNGImage.Channels? = nil, classes: [String]? = nil
  ) throws {
    var files = try ImageFolder(folder, channels: channels)
    var examples: [Example] = []
    var names: [String] = []
    for name in try ImageFolder.contents(of: folder + "/images", folders: false) {
      let pixels = try files.pixels("\(folder)/images/\(name)")
      let shape = try files.shapeOfAll("images")
      let path = "\(folder)/masks/\(name)"
      let mask = try PNGImage.labels(path: path)
      guard mask.height == shape.height, mask.width == shape.width else {
        throw FormatError(
          path: path, came: "a mask of \(mask.height) by \(mask.width)",
          expected: "\(shape.height) by \(shape.width) as its image")
      }
      examples.append(Example(pixels: pixels, target: mask.bytes))
      names.append(name)
    }
    let shape = try files.shapeOfAll("images/NAME.png and masks/NAME.png")
    if examples.allSatisfy({ $0.target.allSatisfy { $0 == 0 || $0 == 255 } })
      && examples.contains(where: { $0.target.contains(255) })
    {
      for index in examples.indices {
        examples[index].target = examples[index].target.map { $0 & 1 }
      }
    }
    let listed = try? String(contentsOfFile: folder + "/classes.txt", encoding: .utf8)
    let found =
      examples.reduce(0) { largest, example in
        example.target.reduce(largest) { $1 == Self.ignored ? $0 : max($0, Int($1)) }
      }
    let classes =
      classes ?? listed.map { $0.split(whereSeparator: \.isNewline).map { String($0) } }
      ?? (0...max(1, found)).map { "\($0)" }
    for (example, name) in zip(examples, names) {
      if let wrong = example.target.first(where: { $0 != Self.ignored && Int($0) >= classes.count })
      {
        throw FormatError(
          path: "\(folder)/masks/\(name)", came: "a pixel of class \(wrong)",
          expected: "a class from 0 to \(classes.count - 1), or \(Self.ignored) to be ignored")
      }
    }
    self.init(shape: shape, classes: classes, examples: examples)
  }

  /// Writes a folder that `init(folder:channels:classes:)` reads.
  public func write(to folder: String) throws {
    for part in ["images", "masks"] { try ImageFolder.make("\(folder)/\(part)") }
    try AtomicFile.write(
      classes.map { $0 + "\n" }.joined(), to: "\(folder)/classes.txt")
    for index in examples.indices {
      let name = ImageFolder.fileName(index, of: count)
      try image(index).write(to: "\(folder)/images/\(name)")
      try mask(index).write(to: "\(folder)/masks/\(name)")
    }
  }

  /// One mask, as a file would hold it.
  public func mask(_ index: Int) -> PNGImage {
    PNGImage(
      width: shape.width, height: shape.height, channels: .grey, bytes: examples[index].target)
  }
}
