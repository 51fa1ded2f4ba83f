import ArgumentParser
import Reel

private let standard = SequenceTaggerConfiguration()

/// What the network of a tagger looks like.
struct TaggerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Pretrained vectors: a word and its numbers on each line, with spaces between, as GloVe and \
      word2vec write them. Their words join the vocabulary.
      """, valueName: "file"))
  var vectors: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Read the first n of the vectors (default: all).", valueName: "n"))
  var vectorLimit: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Size of the learned vector of each word (default: \(standard.wordEmbeddingSize), or that of \
      --vectors).
      """, valueName: "n"))
  var embedding: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Words that come less often have no vector (default: \(standard.minimumCount)).",
      valueName: "n"))
  var minimumCount: Int?

  @Flag(help: "Look words up with their case.")
  var cased = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      What reads the characters of a word: an LSTM in both directions, or a CNN over three \
      characters with the maximum over the word (default: \(standard.characterEncoder)).
      """, valueName: "kind"))
  var characterEncoder: CharacterEncoderKind?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Size of the learned vector of each character (default: \(standard.characterEmbeddingSize)).",
      valueName: "n"))
  var characterEmbedding: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Units, in each direction, of the LSTM that reads the characters of a word, or filters of the \
      CNN; 0 for none (default: \(standard.characterHiddenSize)).
      """, valueName: "n"))
  var characterHidden: Int?

  @Flag(help: "Leave out how a word is capitalized.")
  var noCapitalization = false

  @OptionGroup var encoder: EncoderOptions<TaggerDefaults>

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Dropout of the encoder's input and output, and of the characters of a CNN (default: \
      \(standard.dropout)).
      """, valueName: "p"))
  var dropout: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The part of rare words that are taken for unknown ones in training (default: \
      \(standard.wordDropout)).
      """, valueName: "p"))
  var wordDropout: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Words that come at most so often in the corpus are rare ones (default: \
      \(standard.rareCount)).
      """, valueName: "n"))
  var rareCount: Int?

  @Flag(help: "Score each tag by itself, without a conditional random field.")
  var noCRF = false

  @Option(
    help: ArgumentHelp(
      """
      The scheme of the tags inside the model; answers are in that of the corpus (default: \
      \(standard.scheme)).
      """, valueName: "name"))
  var scheme: TagScheme?

  func applied(to base: SequenceTaggerConfiguration) -> SequenceTaggerConfiguration {
    var configuration = base
    configuration.wordEmbeddingSize = embedding ?? base.wordEmbeddingSize
    configuration.minimumCount = minimumCount ?? base.minimumCount
    if cased { configuration.lowercases = false }
    configuration.characterEncoder = characterEncoder ?? base.characterEncoder
    configuration.characterEmbeddingSize = characterEmbedding ?? base.characterEmbeddingSize
    configuration.characterHiddenSize = characterHidden ?? base.characterHiddenSize
    if noCapitalization { configuration.usesCapitalization = false }
    configuration.encoder = encoder.applied(to: base.encoder)
    configuration.dropout = dropout ?? base.dropout
    configuration.wordDropout = wordDropout ?? base.wordDropout
    configuration.rareCount = rareCount ?? base.rareCount
    if noCRF { configuration.usesCRF = false }
    configuration.scheme = scheme ?? base.scheme
    return configuration
  }
}

/// `reel train tagger`: from tagged sentences to a model folder.
struct TrainTaggerCommand: TaskTrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "tagger",
    abstract: "Train a tagger of names, phrases or parts of speech, and save it in a folder.",
    discussion: """
      The corpus is in CoNLL columns: a token and its tag on each line, an empty line after each \
      sentence. Tags of spans (B-PER, I-PER, O) may keep any of the schemes IOB1, IOB2, IOBES and \
      BILOU; tags without spans, such as parts of speech, will do as well. Words, their characters \
      and how they are capitalized go through a network into a conditional random field. \
      The model with the highest held-out F1 of spans (or accuracy, without spans) is what the \
      folder holds.

      \(TaskTrainingHelp.resuming)
      """)

  @OptionGroup var examples: ExampleOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup(title: "Corpus") var format: TaggedCorpusOptions
  @OptionGroup(title: "Network") var network: TaggerOptions
  @OptionGroup var options: TaskTrainingOptions<TaggerDefaults>

  func checkNetwork() throws {
    try CommandError.checkingArguments { try network.applied(to: standard).validate() }
  }

  func check() throws {
    _ = try format.format()
    if let limit = network.vectorLimit, limit < 1 {
      throw CommandError.wrongArgument("--vector-limit \(limit): at least 1 is expected")
    }
    if network.vectors == nil, network.vectorLimit != nil {
      throw CommandError.wrongArgument("--vector-limit needs --vectors")
    }
    if network.vectors != nil, let embedding = network.embedding {
      throw CommandError.wrongArgument(
        "--embedding \(embedding) and --vectors, which have a size of their own: one of them is "
          + "expected")
    }
  }

  func read(_ path: String) throws -> [TaggedSentence] { try format.read(path) }

  func model(for training: [TaggedSentence], seed: UInt64) throws -> SequenceTagger {
    let vectors = try network.vectors.map {
      try WordVectors(text: MappedFile($0, as: "vectors"), limit: network.vectorLimit)
    }
    return try SequenceTagger(
      training: training, configuration: network.applied(to: standard), vectors: vectors,
      seed: seed)
  }

  func checkAgreement(with model: SequenceTagger) throws {
    let asked = network.applied(to: model.configuration)
    try refuseChange(to: asked, from: model.configuration)
    // A setting that a network lacks is none that could change.
    try CommandError.checkingArguments { try asked.validate() }
  }

  func example(
    _ item: TaggedSentence, of model: SequenceTagger
  ) throws -> SequenceTagger.Example {
    try model.example(item)
  }
}
