import Foundation
import ReelFormats
import ReelLayers
import ReelTensor

/// A model folder that cannot be used. The description is one line.
public struct ModelFolderError: Error, CustomStringConvertible, Sendable, Equatable {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// The folder that a model is: `config.json` says what it is and how large, `model.safetensors`
/// holds its parameters and buffers, and further files its vocabularies.
public enum ModelFolder {
  private static let version = 1
  private static let configurationName = "config.json"
  static let weightsName = "model.safetensors"

  /// The file of a training that can be taken up again.
  public static let checkpointName = "checkpoint.safetensors"

  /// What `config.json` holds.
  fileprivate struct File<Configuration> {
    var format: ModelKind
    var version: Int
    var model: Configuration
  }

  /// The beginning of it, which must be read first.
  private struct Header: Decodable {
    var format: String?
    var version: Int?
  }

  public static func path(_ name: String, in folder: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  /// What kind of model a folder holds.
  ///
  /// - Throws: an error of one line where it is no model folder, or one of another version.
  public static func kind(of folder: String) throws -> ModelKind {
    try header(of: folder).kind
  }

  // MARK: Writing

  /// Writes a model into a folder, which is made if it is not there. Each file is written whole or
  /// not at all: what was there before stays until the new one is complete.
  static func write(
    _ kind: ModelKind, _ configuration: some Encodable,
    files: [(name: String, bytes: [UInt8])] = [], network: some Module, to folder: String
  ) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw ModelFolderError(
        "cannot make the folder '\(folder)': \((error as NSError).localizedDescription)")
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    let file = File(format: kind, version: version, model: configuration)
    for (name, bytes) in files { try AtomicFile.write(bytes, to: path(name, in: folder)) }
    try AtomicFile.write(
      encoder.encode(file) + Data("\n".utf8), to: path(configurationName, in: folder))
    // The weights last: a folder with weights has everything they need.
    try Safetensors.write(
      NamedTensors(network.savedTensors), metadata: ["format": "pt"],
      to: path(weightsName, in: folder))
  }

  // MARK: Reading

  /// The configuration of a model of this kind.
  ///
  /// - Throws: an error of one line where the folder holds something else.
  static func configuration<Configuration: Decodable>(
    _ kind: ModelKind, as type: Configuration.Type, of folder: String
  ) throws -> Configuration {
    let (came, data, path) = try header(of: folder)
    guard came == kind else {
      throw ModelFolderError("'\(folder)' holds \(came.title), \(kind.title) is expected")
    }
    do {
      return try JSONDecoder().decode(File<Configuration>.self, from: data).model
    } catch let error as DecodingError {
      throw ModelFolderError("\(path): \(error.inOneLine)")
    } catch {
      throw ModelFolderError("\(path): \(error)")
    }
  }

  /// A model or network whose parameters will be loaded: drawing first values would take longer than
  /// that.
  static func unfilled<Model>(
    _ make: (inout RandomGenerator) throws -> Model
  ) rethrows -> Model {
    try Initialization.leftOut {
      var generator = RandomGenerator(seed: 0)
      return try make(&generator)
    }
  }

  /// Puts the folder's parameters into a network.
  static func load<Network: Module>(_ network: inout Network, from folder: String) throws {
    let path = path(weightsName, in: folder)
    let (tensors, _) = try Safetensors.read(path)
    do {
      try network.load(tensors)
    } catch {
      throw ModelFolderError("\(path): \(error)")
    }
  }

  private static func header(
    of folder: String
  ) throws -> (kind: ModelKind, data: Data, path: String) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
      isFolder.boolValue
    else {
      throw ModelFolderError("there is no model folder '\(folder)'")
    }
    let path = path(configurationName, in: folder)
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ModelFolderError("cannot read '\(path)': a model folder holds config.json")
    }
    guard let header = try? JSONDecoder().decode(Header.self, from: data) else {
      throw ModelFolderError("\(path): \(data.count) bytes that are no JSON object")
    }
    guard let kind = header.format.flatMap(ModelKind.init(rawValue:)) else {
      let known = ModelKind.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
      throw ModelFolderError(
        "\(path): format '\(header.format ?? "none")', one of \(known) is expected")
    }
    guard header.version == version else {
      let came = header.version.map { "\($0)" } ?? "none"
      throw ModelFolderError("\(path): version \(came), this Reel reads version \(version)")
    }
    return (kind, data, path)
  }
}

extension ModelFolder.File: Encodable where Configuration: Encodable {}
extension ModelFolder.File: Decodable where Configuration: Decodable {}

extension DecodingError {
  /// What is wrong, and where.
  fileprivate var inOneLine: String {
    func place(_ context: Context) -> String {
      context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    return switch self {
    case .keyNotFound(let key, let context):
      "'\((context.codingPath + [key]).map(\.stringValue).joined(separator: "."))' is missing"
    case .valueNotFound(_, let context): "'\(place(context))' is null"
    case .typeMismatch(let type, let context): "'\(place(context))' is no \(type)"
    case .dataCorrupted(let context):
      context.codingPath.isEmpty
        ? "damaged JSON" : "'\(place(context))': \(context.debugDescription)"
    @unknown default: "damaged JSON"
    }
  }
}
