import Foundation
import Reel

/// The folder that a training writes into.
struct OutputFolder {
  let path: String

  /// The files of a model and its checkpoint, in the order in which they are written.
  private static let files = [
    "tokenizer.json", "config.json", "model.safetensors", ModelFolder.checkpointName,
  ]

  private func file(_ name: String) -> String {
    path.hasSuffix("/") ? path + name : path + "/" + name
  }

  /// - Throws: one line that says what to do when a model is there already.
  func checkIsFree() throws {
    let manager = FileManager.default
    guard let found = Self.files.first(where: { manager.fileExists(atPath: file($0)) }) else {
      return
    }
    throw CommandError(
      "the folder '\(path)' already holds a model (\(found)): add --resume to go on with its "
        + "training or --overwrite to replace it, or name another folder")
  }

  /// Makes the folder. That it cannot be written must not come out after hours of training.
  func prepare() throws {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue {
      throw CommandError("the output '\(path)' is a file, a folder is expected")
    }
    try make(path)
    guard access(path, W_OK | X_OK) == 0 else {
      throw CommandError(
        "cannot write into the folder '\(path)': \(String(cString: strerror(errno)))")
    }
  }

  /// Makes a folder and those that it lies in.
  private func make(_ path: String) throws {
    if mkdir(path, 0o777) == 0 || errno == EEXIST { return }
    let parent = (path as NSString).deletingLastPathComponent
    if errno == ENOENT, !parent.isEmpty, parent != path {
      try make(parent)
      if mkdir(path, 0o777) == 0 || errno == EEXIST { return }
    }
    throw CommandError("cannot make the folder '\(path)': \(String(cString: strerror(errno)))")
  }

  /// Saves model and checkpoint.
  ///
  /// - Parameter replacesOther: whether the folder holds another model, whose files fit only each
  ///   other: the new ones are all written before the first is replaced, so that a full disk leaves
  ///   the old model whole.
  func save(_ trainer: LanguageModelTrainer, replacesOther: Bool) throws {
    guard replacesOther else { return try trainer.save(to: path) }
    let staging = file(".new-\(getpid())")
    defer { try? FileManager.default.removeItem(atPath: staging) }
    try trainer.save(to: staging)
    for name in Self.files {
      guard rename(staging + "/" + name, file(name)) == 0 else {
        throw CommandError("cannot write '\(file(name))': \(String(cString: strerror(errno)))")
      }
    }
  }
}
