import ReelText

extension Seq2Seq {
  private static let sourceName = "source-tokenizer.json"
  private static let targetName = "target-tokenizer.json"

  /// Writes `config.json`, `source-tokenizer.json`, `target-tokenizer.json` and
  /// `model.safetensors` into a folder, which is made if it is not there; each file whole or not at
  /// all.
  public func save(to folder: String) throws {
    try ModelFolder.write(
      .seq2seq, configuration,
      files: [
        (Self.sourceName, try source.fileContent), (Self.targetName, try target.fileContent),
      ], network: network, to: folder)
  }

  /// Reads a model from a folder.
  ///
  /// - Throws: an error of one line when something is missing, damaged, or does not fit.
  public init(folder: String) throws {
    let configuration = try ModelFolder.configuration(
      .seq2seq, as: Seq2SeqConfiguration.self, of: folder)
    let source = try TokenizerFile.read(ModelFolder.path(Self.sourceName, in: folder))
    let target = try TokenizerFile.read(ModelFolder.path(Self.targetName, in: folder))
    do {
      self = try ModelFolder.unfilled { _ in
        try Seq2Seq(configuration, source: source, target: target, seed: 0)
      }
    } catch {
      throw ModelFolderError("\(folder): \(error)")
    }
    try ModelFolder.load(&network, from: folder)
  }
}
