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

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The recurrent cell (default: \(standard.cell)).", valueName: "cell"))
  var cell: RecurrentCellKind?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Hidden units of each layer (default: \(standard.hiddenSize)).", valueName: "n"))
  var hidden: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Recurrent layers (default: \(standard.layers)).", valueName: "n"))
  var layers: Int?

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

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Variational dropout of the hidden state, one mask for a window (default: \
      \(standard.recurrentDropout)).
      """, valueName: "p"))
  var recurrentDropout: Float?

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
    try CommandError.checkingArguments { try asked.validate() }
    try refuse("tokens", asked.tokens.rawValue, saved.tokens.rawValue)
    try refuse("cell", asked.cell.rawValue, saved.cell.rawValue)
    try refuse("hidden", asked.hiddenSize, saved.hiddenSize)
    try refuse("layers", asked.layers, saved.layers)
    try refuse("embedding", asked.embeddingSize, saved.embeddingSize)
    try refuse("dropout", asked.dropout, saved.dropout)
    try refuse("recurrent-dropout", asked.recurrentDropout, saved.recurrentDropout)
  }

  private func applied(to base: LanguageModelConfiguration) -> LanguageModelConfiguration {
    LanguageModelConfiguration(
      tokens: tokens ?? base.tokens, cell: cell ?? base.cell,
      hiddenSize: hidden ?? base.hiddenSize, layers: layers ?? base.layers,
      embeddingSize: embedding ?? base.embeddingSize, dropout: dropout ?? base.dropout,
      recurrentDropout: recurrentDropout ?? base.recurrentDropout)
  }
}

/// - Throws: a wrong argument that names the option when a resumed training would need another
///   value than the one it was started with.
func refuse<Value: Equatable>(_ option: String, _ asked: Value, _ saved: Value) throws {
  guard asked != saved else { return }
  throw CommandError.wrongArgument(
    "--\(option) \(asked): the training to resume was started with \(saved), which cannot change")
}
