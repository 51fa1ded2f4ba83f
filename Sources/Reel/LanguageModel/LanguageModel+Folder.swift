import ReelTensor
import ReelText

extension LanguageModel {
  private static let tokenizerName = "tokenizer.json"

  /// Writes `config.json`, `tokenizer.json` and `model.safetensors` into a folder, which is made if
  /// it is not there. Each file is written whole or not at all: what was there before stays until
  /// the new one is complete.
  public func save(to folder: String) throws {
    try ModelFolder.write(
      .languageModel, configuration,
      files: [(Self.tokenizerName, tokenizer.fileContent)], network: network, to: folder)
  }

  /// Reads a model from a folder.
  ///
  /// - Throws: an error of one line that names the file when one is missing, damaged, of another
  ///   version, or does not fit the others.
  public init(folder: String) throws {
    let configuration = try ModelFolder.configuration(
      .languageModel, as: LanguageModelConfiguration.self, of: folder)
    let configurationPath = ModelFolder.path("config.json", in: folder)
    do { try configuration.validate() } catch {
      throw ModelFolderError("\(configurationPath): \(error)")
    }
    let tokenizer = try TokenizerFile.read(ModelFolder.path(Self.tokenizerName, in: folder))
    guard tokenizer.kind == configuration.tokens else {
      throw ModelFolderError(
        "\(configurationPath) says tokens are \(configuration.tokens.rawValue), the folder's "
          + "tokenizer.json has \(tokenizer.kind.rawValue)")
    }
    self = try ModelFolder.unfilled {
      try LanguageModel(configuration, tokenizer: tokenizer, using: &$0)
    }
    try ModelFolder.load(&network, from: folder)
  }
}
