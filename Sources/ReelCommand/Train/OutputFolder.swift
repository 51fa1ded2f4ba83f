import Foundation
import Reel

/// The folder that a training writes into.
struct OutputFolder {
  let path: String

  /// The files that say that a model is here.
  private static let marks = [
    "tokenizer.json", "config.json", "model.safetensors", ModelFolder.checkpointName,
  ]

  private func file(_ name: String) -> String {
    path.hasSuffix("/") ? path + name : path + "/" + name
  }

  /// - Throws: one line that says what to do when a model is there already.
  func checkIsFree(
    advice: String = "add --resume to go on with its training or --overwrite to replace it"
  ) throws {
    let manager = FileManager.default
    guard let found = Self.marks.first(where: { manager.fileExists(atPath: file($0)) }) else {
      return
    }
    throw CommandError(
      "the folder '\(path)' already holds a model (\(found)): \(advice), or name another folder")
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
  func save(_ trainer: some SessionTrainer, replacesOther: Bool) throws {
    try save(replacesOther: replacesOther) { try trainer.save(to: $0) }
  }

  /// The same for whatever writes a model into the folder that it is given.
  func save<Result>(replacesOther: Bool, _ write: (String) throws -> Result) throws -> Result {
    guard replacesOther else { return try write(path) }
    let staging = file(".new-\(getpid())")
    let manager = FileManager.default
    defer { try? manager.removeItem(atPath: staging) }
    let result = try write(staging)
    let names = Self.inOrder(try manager.contentsOfDirectory(atPath: staging))
    for name in names {
      guard rename(staging + "/" + name, file(name)) == 0 else {
        throw CommandError("cannot write '\(file(name))': \(String(cString: strerror(errno)))")
      }
    }
    // Another model may have left files that this one has not.
    for name in Self.vocabularies + [ModelFolder.checkpointName] where !names.contains(name) {
      try? manager.removeItem(atPath: file(name))
    }
    return result
  }

  /// Files of vocabularies, one kind of model or another.
  private static let vocabularies = [
    "tokenizer.json", "words.json", "source-tokenizer.json", "target-tokenizer.json",
  ]

  /// The order in which a model's files are written: the vocabularies, the configuration, the
  /// weights, the checkpoint.
  private static func inOrder(_ names: [String]) -> [String] {
    names.sorted { a, b in
      (marks.firstIndex(of: a) ?? -1, a) < (marks.firstIndex(of: b) ?? -1, b)
    }
  }
}
