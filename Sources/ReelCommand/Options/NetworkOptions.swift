import ArgumentParser
import Reel

private let standard = LanguageModelConfiguration()

/// What the network of a language model looks like. An option that is not given is nil: a new model
/// takes the default, a resumed one keeps what it has.
struct NetworkOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      What a token is (default: \(standard.tokens)). The vocabulary of all kinds but bytes is made \
      from the corpus, with at most \(LanguageModelTrainer.standardVocabularySize) tokens; for \
      another size see --tokenizer.
      """, valueName: "kind"))
  var tokens: TokenizerKind?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      A tokenizer.json that cuts the text into tokens, for example of `reel train tokenizer`; the \
      model keeps a copy of it.
      """, valueName: "file"))
  var tokenizer: String?

  @OptionGroup var layers: LayerOptions<LanguageModelDefaults>

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Size of the learned vector of each token, 0 for one-hot rows (default: \
      \(standard.embeddingSize)).
      """, valueName: "n"))
  var embedding: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Dropout between layers and before the output (default: \
      \(standard.dropout)).
      """, valueName: "p"))
  var dropout: Float?

  @OptionGroup var states: StateOptions

  @Flag(help: "Score tokens with the vectors that they are read with.")
  var tieWeights = false

  /// The tokenizer of the file that was named; nil where none was.
  func readTokenizer() throws -> (any Tokenizer)? {
    guard let tokenizer else { return nil }
    guard tokens == nil else {
      throw CommandError.wrongArgument("--tokens and --tokenizer: one of them is expected")
    }
    return try TokenizerFile.read(tokenizer)
  }

  /// The configuration of a new model.
  ///
  /// - Throws: a wrong argument for a number out of range.
  func configuration() throws -> LanguageModelConfiguration {
    let configuration = applied(to: standard)
    try CommandError.checkingArguments { try configuration.validate() }
    return configuration
  }

  /// - Throws: a wrong argument where an option asks for another network than the checkpoint's.
  func checkAgreement(with model: LanguageModel) throws {
    let saved = model.configuration
    if let tokenizer, let asked = try readTokenizer() {
      guard try asked.fileContent == model.tokenizer.fileContent else {
        throw CommandError.wrongArgument(
          "--tokenizer \(tokenizer): the training to resume was started with another tokenizer, "
            + "which cannot change")
      }
    }
    let asked = applied(to: saved)
    try refuse("tokens", asked.tokens.rawValue, saved.tokens.rawValue)
    try layers.checkAgreement(with: saved.encoder)
    try refuse("embedding", asked.embeddingSize, saved.embeddingSize)
    try refuse("dropout", asked.dropout, saved.dropout)
    try refuse("zoneout", asked.zoneout, saved.zoneout)
    try refuse("zoneout-cell", asked.zoneoutCell, saved.zoneoutCell)
    try refuse(
      "projection", TextFormat.optional(asked.projectionSize),
      TextFormat.optional(saved.projectionSize))
    try refuse("learn-initial-state", asked.learnsInitialState, saved.learnsInitialState)
    try refuse("tie-weights", asked.tiesWeights, saved.tiesWeights)
  }

  private func applied(to base: LanguageModelConfiguration) -> LanguageModelConfiguration {
    var configuration = base
    configuration.tokens = tokens ?? base.tokens
    configuration.encoder = states.applied(to: layers.applied(to: base.encoder))
    if tieWeights { configuration.tiesWeights = true }
    configuration.embeddingSize = embedding ?? base.embeddingSize
    configuration.dropout = dropout ?? base.dropout
    return configuration
  }
}

/// What a language model is unless options say otherwise.
enum LanguageModelDefaults: EncoderDefaults {
  static var encoder: EncoderConfiguration { standard.encoder }
}
