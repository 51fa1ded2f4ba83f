import ReelTensor
import ReelText

extension TextGenerator {
  private static let tokenizerName = "tokenizer.json"

  /// Writes `config.json`, `model.safetensors` and `tokenizer.json` into a folder, which is made if
  /// it is not there; each file whole or not at all.
  public func save(to folder: String) throws {
    try ModelFolder.write(
      .textGenerator, configuration,
      files: [(name: Self.tokenizerName, bytes: tokenizer.fileContent)], network: network,
      to: folder)
  }

  /// Reads a model from a folder.
  ///
  /// - Throws: an error of one line that names the file when one is missing, damaged, of another
  ///   version, or does not fit the others.
  public init(folder: String) throws {
    let configuration = try ModelFolder.configuration(
      .textGenerator, as: TextGeneratorConfiguration.self, of: folder)
    let tokenizer = try TokenizerFile.read(ModelFolder.path(Self.tokenizerName, in: folder))
    do {
      self = try ModelFolder.unfilled {
        try TextGenerator(configuration, tokenizer: tokenizer, using: &$0)
      }
    } catch {
      throw ModelFolderError("'\(folder)': \(error)")
    }
    try ModelFolder.load(&network, from: folder)
  }
}
