import ReelLayers
import ReelText

extension SequenceTagger {
  /// Writes `config.json`, `words.json` and `model.safetensors` into a folder, which is made if it
  /// is not there; each file whole or not at all.
  public func save(to folder: String) throws {
    try ModelFolder.write(
      .sequenceTagger, configuration, files: [(Self.wordsFile, words.jsonContent)],
      network: network, to: folder)
  }

  /// Reads a tagger from a folder.
  ///
  /// - Throws: an error of one line that names the file when one is missing, damaged, of another
  ///   kind or version, or does not fit the others.
  public init(folder: String) throws {
    let configuration = try ModelFolder.configuration(
      .sequenceTagger, as: SequenceTaggerConfiguration.self, of: folder)
    let words = try Vocabulary.read(ModelFolder.path(Self.wordsFile, in: folder))
    do {
      self = try ModelFolder.unfilled { _ in
        try SequenceTagger(configuration, words: words, seed: 0)
      }
    } catch {
      throw ModelFolderError("\(ModelFolder.path("config.json", in: folder)): \(error)")
    }
    try ModelFolder.load(&network, from: folder)
  }

  private static let wordsFile = "words.json"
}
