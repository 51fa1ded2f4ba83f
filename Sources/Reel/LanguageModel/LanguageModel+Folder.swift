import Foundation
import ReelFormats
import ReelLayers
import ReelTensor
import ReelText

/// A model folder that cannot be used. The description is one line.
public struct ModelFolderError: Error, CustomStringConvertible, Sendable, Equatable {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// What `config.json` holds.
private struct ModelFile: Codable {
  var format: String
  var version: Int
  var model: LanguageModelConfiguration
}

extension LanguageModel {
  private static let format = "reel-language-model"
  private static let version = 1

  static func path(_ name: String, in folder: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  /// Writes `config.json`, `model.safetensors` and `tokenizer.json` into a folder, which is made if
  /// it is not there. Each file is written whole or not at all: what was there before stays until
  /// the new one is complete.
  public func save(to folder: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw ModelFolderError(
        "cannot make the folder '\(folder)': \((error as NSError).localizedDescription)")
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    let file = ModelFile(format: Self.format, version: Self.version, model: configuration)
    // The weights last: a folder with weights has everything they need.
    try AtomicFile.write(tokenizer.fileContent, to: Self.path("tokenizer.json", in: folder))
    try AtomicFile.write(
      encoder.encode(file) + Data("\n".utf8), to: Self.path("config.json", in: folder))
    try Safetensors.write(
      NamedTensors(network.parameters), metadata: ["format": "pt"],
      to: Self.path("model.safetensors", in: folder))
  }

  /// Reads a model from a folder.
  ///
  /// - Throws: an error of one line that names the file when one is missing, damaged, of another
  ///   version, or does not fit the others.
  public init(folder: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
      isFolder.boolValue
    else {
      throw ModelFolderError("there is no model folder '\(folder)'")
    }
    let configurationPath = Self.path("config.json", in: folder)
    let configuration = try Self.readConfiguration(configurationPath)
    let tokenizer = try TokenizerFile.read(Self.path("tokenizer.json", in: folder))
    guard tokenizer.kind == configuration.tokens else {
      throw ModelFolderError(
        "\(configurationPath) says tokens are \(configuration.tokens.rawValue), the folder's "
          + "tokenizer.json has \(tokenizer.kind.rawValue)")
    }
    let weightsPath = Self.path("model.safetensors", in: folder)
    let (tensors, _) = try Safetensors.read(weightsPath)
    var generator = RandomGenerator(seed: 0)
    try self.init(configuration, tokenizer: tokenizer, using: &generator)
    do {
      try network.load(tensors)
    } catch {
      throw ModelFolderError("\(weightsPath): \(error)")
    }
  }

  private static func readConfiguration(_ path: String) throws -> LanguageModelConfiguration {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ModelFolderError("cannot read '\(path)': a model folder holds config.json")
    }
    struct Header: Codable {
      var format: String?
      var version: Int?
    }
    let decoder = JSONDecoder()
    guard let header = try? decoder.decode(Header.self, from: data) else {
      throw ModelFolderError("\(path): \(data.count) bytes that are no JSON object")
    }
    guard header.format == format else {
      throw ModelFolderError(
        "\(path): format '\(header.format ?? "none")', '\(format)' is expected")
    }
    guard header.version == version else {
      let came = header.version.map { "\($0)" } ?? "none"
      throw ModelFolderError("\(path): version \(came), this Reel reads version \(version)")
    }
    do {
      let configuration = try decoder.decode(ModelFile.self, from: data).model
      try configuration.validate()
      return configuration
    } catch let error as DecodingError {
      throw ModelFolderError("\(path): \(error.inOneLine)")
    } catch {
      throw ModelFolderError("\(path): \(error)")
    }
  }
}

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
