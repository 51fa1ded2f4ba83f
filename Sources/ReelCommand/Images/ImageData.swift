import Foundation
import Reel

/// Images as a folder holds them, and what can be learned from them.
struct ImageData {
  enum Task: String {
    case classification, segmentation, localization
  }

  let path: String
  let task: Task
  /// MNIST's four files, and no folder of PNG.
  private let isIDX: Bool
  /// The folder of the training part, and that of the test part; equal where there is no such
  /// division.
  private let folders: (training: String, test: String)

  /// - Parameter name: a folder, or `mnist` or `fashion-mnist` for what `corpora/get` has fetched.
  /// - Throws: one line where there is no such folder.
  init(_ name: String) throws {
    path = try Self.folder(name)
    let root = path
    let parts = [("train", "test"), ("training", "test")].first { first, second in
      Self.isFolder("\(root)/\(first)") && Self.isFolder("\(root)/\(second)")
    }
    folders = parts.map { ("\(root)/\($0)", "\(root)/\($1)") } ?? (root, root)
    isIDX =
      LabelledImages.holdsIDX(root, part: .training) || LabelledImages.holdsIDX(root, part: .test)
    let first = folders.training
    if isIDX || !Self.isFolder(first + "/images") {
      task = .classification
    } else if Self.isFolder(first + "/masks") {
      task = .segmentation
    } else if FileManager.default.fileExists(atPath: first + "/boxes.tsv") {
      task = .localization
    } else {
      task = .classification
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  /// The folder of a name: itself, or what was fetched in this folder or one that it lies in.
  private static func folder(_ name: String) throws -> String {
    if isFolder(name) { return name.hasSuffix("/") ? String(name.dropLast()) : name }
    guard ["mnist", "fashion-mnist"].contains(name) else {
      throw CommandError(
        "there is no folder of images '\(name)': a folder, mnist or fashion-mnist is expected")
    }
    var place = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    while true {
      let folder = place.appendingPathComponent("corpora/.cache/\(name)").path
      if isFolder(folder) { return folder }
      let parent = place.deletingLastPathComponent()
      guard parent.path != place.path else { break }
      place = parent
    }
    throw CommandError(
      "the images '\(name)' have not been fetched: run corpora/get \(name) where Reel's sources "
        + "are, and this command there, or name their folder")
  }

  /// The images of a part as a model takes them.
  func read<Model: ImageTaskModel>(
    _ model: Model, part: ImagePart
  ) throws -> ImageSet<Model.Target> {
    try checkTask(Model.task)
    let channels = PNGImage.Channels(rawValue: model.pixels.image.channels)
    let set: ImageSet<Model.Target> = try read(
      part, Model.self, channels: channels, classes: model.configuration.classes)
    guard set.shape == model.pixels.image else {
      throw CommandError(
        "'\(path)' holds images of \(set.shape), the model expects \(model.pixels.image) (channels, "
          + "rows, columns)")
    }
    return set
  }

  func read<Model: ImageTaskModel>(
    _ part: ImagePart, _ type: Model.Type, channels: PNGImage.Channels?, classes: [String]?
  ) throws -> ImageSet<Model.Target> {
    if isIDX { return try Model.readIDX(path, part: part, classes: classes) }
    let folder = part == .training ? folders.training : folders.test
    return try Model.read(folder, channels: channels, classes: classes)
  }

  /// - Throws: one line where the folder holds what another task needs.
  func checkTask(_ expected: Task) throws {
    guard task == expected else {
      throw CommandError(
        "'\(path)' holds images for \(task.rawValue), for \(expected.rawValue) are expected")
    }
  }
}
