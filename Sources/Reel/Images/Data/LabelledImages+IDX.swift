import Foundation
import ReelFormats

/// Which part of a set of images.
public enum ImagePart: String, Sendable, CaseIterable {
  case training, test

  /// The beginning of MNIST's file names.
  var prefix: String { self == .training ? "train" : "t10k" }
}

extension ImageSet where Target == Int32 {
  /// The classes of MNIST.
  public static var digitClasses: [String] { (0...9).map { "\($0)" } }

  /// The classes of Fashion-MNIST (Xiao, Rasul and Vollgraf 2017).
  public static var fashionClasses: [String] {
    [
      "T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
      "ankle boot",
    ]
  }

  /// Reads MNIST, or what has its format: IDX files of bytes, packed by gzip or not.
  ///
  /// - Parameter classes: the classes' names; nil: the numbers 0 to the largest label.
  /// - Throws: `FileError` or `FormatError`, one line: no IDX file or one cut short, other axes or
  ///   elements than [count, height, width] and [count] of bytes, images and labels of different
  ///   number, a label without a class.
  public init(images: String, labels: String, classes: [String]? = nil) throws {
    let file = try LabelledIDX(images: images, labels: labels)
    let names = classes ?? (0...Int(file.labels.max() ?? 0)).map { "\($0)" }
    if let index = file.labels.firstIndex(where: { Int($0) >= names.count }) {
      throw FormatError(
        path: labels, came: "label \(file.labels[index]) of image \(index)",
        expected: "a class from 0 to \(names.count - 1)")
    }
    let shape = ImageShape(channels: 1, height: file.height, width: file.width)
    self.init(
      shape: shape, classes: names,
      examples: file.labels.enumerated().map { index, label in
        Example(
          pixels: Array(file.pixels[index * shape.count..<(index + 1) * shape.count]),
          target: Int32(label))
      })
  }

  /// Reads a part of MNIST or Fashion-MNIST from a folder with the four files by their usual names:
  /// `train-images-idx3-ubyte` and so on, with a dot or a hyphen before `idx`, with `.gz` or without.
  ///
  /// The classes' names are the lines of `classes.txt` where the folder has one, those of the clothes
  /// where its name holds "fashion", and else the numbers.
  public init(idx folder: String, part: ImagePart) throws {
    let classes = try Self.classNames(of: folder)
    try self.init(
      images: Self.file(of: folder, part.prefix + "-images", "idx3-ubyte"),
      labels: Self.file(of: folder, part.prefix + "-labels", "idx1-ubyte"), classes: classes)
  }

  /// Both parts of such a folder.
  ///
  /// - Throws: as ``init(idx:part:)``.
  public static func parts(
    idx folder: String
  ) throws -> (training: LabelledImages, test: LabelledImages) {
    (
      training: try LabelledImages(idx: folder, part: .training),
      test: try LabelledImages(idx: folder, part: .test)
    )
  }

  /// Whether a folder holds a part in that way.
  public static func holdsIDX(_ folder: String, part: ImagePart) -> Bool {
    (try? file(of: folder, part.prefix + "-images", "idx3-ubyte")) != nil
  }

  private static func file(of folder: String, _ stem: String, _ ending: String) throws -> String {
    let names = ["-", "."].flatMap { mark in
      ["", ".gz"].map { "\(folder)/\(stem)\(mark)\(ending)\($0)" }
    }
    guard let found = names.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      throw FormatError(
        path: folder, came: "no file \(stem)-\(ending)", expected: "the files of MNIST's format")
    }
    return found
  }

  private static func classNames(of folder: String) throws -> [String]? {
    if let text = try? String(contentsOfFile: folder + "/classes.txt", encoding: .utf8) {
      return text.split(whereSeparator: \.isNewline).map { String($0) }
    }
    let name = URL(fileURLWithPath: folder).lastPathComponent.lowercased()
    return name.contains("fashion") ? fashionClasses : nil
  }
}
