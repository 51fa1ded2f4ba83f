import ReelLayers
import ReelSequence
import ReelTensor
import ReelText

/// Gives every token of a sentence a tag: names, parts of speech, chunks.
///
/// ```swift
/// let sentences = try ConllReader(MappedFile("train.conll")).records()
/// let tagger = try SequenceTagger(training: sentences, seed: 1)
/// var trainer = try Trainer(tagger, training: sentences.map { try tagger.example($0) })
/// try trainer.train()
/// trainer.best.tag([["Ida", "Holm", "skates"]])  // [["B-PER", "I-PER", "O"]]
/// ```
///
/// Tags that mark spans may come in any `TagScheme`; inside the model they are in
/// `configuration.scheme`, and answers are in the scheme of the training data. A value: many tasks
/// may share one.
public struct SequenceTagger: Sendable {
  public let configuration: SequenceTaggerConfiguration
  /// The words that have a vector of their own, as they are looked up (see
  /// `SequenceTaggerConfiguration.lowercases`), and how often each came in training.
  public let words: Vocabulary
  public var network: SequenceTaggerNetwork

  let codec: TagCodec
  let forms: TokenFormReader

  /// An untrained tagger for some training data: vocabularies and tags are taken from it.
  ///
  /// - Parameters:
  ///   - sentences: tagged, all tags in one scheme. Sentences without tokens count for nothing.
  ///   - configuration: `dataScheme`, `tags` and `characters` are filled in.
  ///   - vectors: pretrained vectors. Each of their words joins the vocabulary and starts with its
  ///     vector.
  ///   - seed: of the weights.
  /// - Throws: `TextError` where there are no tokens, a sentence has no tags, there is only one tag,
  ///   or the tags break every scheme; `ConfigurationError` for a setting out of range.
  public init(
    training sentences: [TaggedSentence],
    configuration: SequenceTaggerConfiguration = SequenceTaggerConfiguration(),
    vectors: WordVectors? = nil, seed: UInt64 = 0
  ) throws {
    var configuration = configuration
    if let vectors { configuration.wordEmbeddingSize = vectors.dimension }
    try configuration.validate()
    let inventory = try TagInventory(sentences, innerScheme: configuration.scheme)
    configuration.dataScheme = inventory.dataScheme
    configuration.tags = inventory.tags
    configuration.characters = TaggerVocabulary.characters(of: sentences)
    let words = try TaggerVocabulary.words(of: sentences, configuration, vectors: vectors)
    try self.init(configuration, words: words, seed: seed)
    if let vectors {
      network.words.weight = TaggerVocabulary.embedding(
        network.words.weight, words: words, WordNormalization(configuration), vectors: vectors)
    }
  }

  /// A tagger with new weights, where everything that comes from data is known.
  init(_ configuration: SequenceTaggerConfiguration, words: Vocabulary, seed: UInt64) throws {
    try configuration.validate()
    guard configuration.tags.count >= 2 else {
      throw ConfigurationError("\(configuration.tags.count) tags: at least 2 are expected")
    }
    self.configuration = configuration
    self.words = words
    codec = try TagCodec(configuration)
    forms = TokenFormReader(configuration, words: words)
    var constraints: TagConstraints?
    if configuration.dataScheme != nil {
      constraints = TagConstraints(configuration.scheme.transitions(configuration.tags))
    }
    var generator = RandomGenerator(seed: seed)
    network = try SequenceTaggerNetwork(
      configuration, words: words.count, constraints: constraints, using: &generator)
  }

  /// The tags that come in and go out: labels of spans, or with plain tags the tags.
  public var labels: [String] { codec.labels }
}
