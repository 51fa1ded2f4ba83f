import Foundation
import ReelFormats
import ReelTraining

/// Finds and reads the PNG files of folders, all of one shape.
struct ImageFolder {
  let path: String
  /// Of the first image read, and of every further one.
  private(set) var shape: ImageShape?
  private var firstFile = ""
  private let channels: PNGImage.Channels?

  init(_ path: String, channels: PNGImage.Channels?) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
    else {
      throw FormatError(path: path, came: "no folder", expected: "a folder of images")
    }
    self.path = path
    self.channels = channels
  }

  /// The folders, or the PNG files, inside another folder; in the order of their names' bytes.
  static func contents(of folder: String, folders: Bool) throws -> [String] {
    let manager = FileManager.default
    let names: [String]
    do {
      names = try manager.contentsOfDirectory(atPath: folder)
    } catch {
      throw FormatError(
        path: folder, came: (error as NSError).localizedDescription, expected: "a folder")
    }
    return names.filter { name in
      guard !name.hasPrefix(".") else { return false }
      var isFolder: ObjCBool = false
      guard manager.fileExists(atPath: folder + "/" + name, isDirectory: &isFolder) else {
        return false
      }
      return isFolder.boolValue == folders && (folders || name.lowercased().hasSuffix(".png"))
    }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The pixels of a file, channel after channel.
  ///
  /// - Throws: `FormatError` where its shape is not that of the first.
  mutating func pixels(_ file: String) throws -> [UInt8] {
    let image = try PNGImage(path: file, channels: channels)
    let came = ImageShape(
      channels: image.channels.count, height: image.height, width: image.width)
    guard let shape else {
      (shape, firstFile) = (came, file)
      return image.planarBytes
    }
    guard came == shape else {
      throw FormatError(
        path: file, came: "an image of \(came)", expected: "\(shape) as in \(firstFile)")
    }
    return image.planarBytes
  }

  func shapeOfAll(_ what: String) throws -> ImageShape {
    guard let shape else {
      throw FormatError(path: path, came: "no PNG file", expected: what)
    }
    return shape
  }
}

extension ImageSet where Target == Int32 {
  /// Reads a folder that has a folder for each class, with the PNG files of that class in it. The
  /// classes are in the order of their names' bytes.
  ///
  /// - Parameters:
  ///   - channels: what the samples are turned into; nil: as the first file is, and then all must be.
  ///   - classes: the classes that there may be, in their order; nil: those that the folder has.
  /// - Throws: `FileError` or `FormatError`, one line that names the file: a broken PNG file, an image
  ///   of another shape than the first, a class that is not among those given.
  public init(
    folder: String, channels: PNGImage.Channels? = nil, classes: [String]? = nil
  ) throws {
    var files = try ImageFolder(folder, channels: channels)
    let found = try ImageFolder.contents(of: folder, folders: true)
    let names = classes ?? found
    var examples: [Example] = []
    for name in found {
      guard let label = names.firstIndex(of: name) else {
        throw FormatError(
          path: folder, came: "the class \"\(name)\"",
          expected: "one of \(names.map { "\"\($0)\"" }.joined(separator: ", "))")
      }
      for file in try ImageFolder.contents(of: "\(folder)/\(name)", folders: false) {
        examples.append(
          Example(pixels: try files.pixels("\(folder)/\(name)/\(file)"), target: Int32(label)))
      }
    }
    let shape = try files.shapeOfAll("a folder for each class, with PNG files in it")
    self.init(shape: shape, classes: names, examples: examples)
  }

  /// Writes a folder that `init(folder:channels:classes:)` reads: a folder for each class, an image
  /// for each example.
  public func write(to folder: String) throws {
    for name in classes { try ImageFolder.make("\(folder)/\(name)") }
    for (index, example) in examples.enumerated() {
      let name = ImageFolder.fileName(index, of: count)
      try image(index).write(to: "\(folder)/\(classes[Int(example.target)])/\(name)")
    }
  }
}

extension ImageFolder {
  static func make(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw FileError(.write, path, reason: (error as NSError).localizedDescription)
    }
  }

  /// "0042.png": as many digits as the largest number has.
  static func fileName(_ index: Int, of count: Int) -> String {
    let digits = "\(index)"
    let missing = "\(max(0, count - 1))".count - digits.count
    return String(repeating: "0", count: max(0, missing)) + digits + ".png"
  }
}
