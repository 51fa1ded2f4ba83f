import ArgumentParser
import Reel

private let standard = TextGeneratorConfiguration()

extension TextConditioning: ExpressibleByArgument {}

/// What the network of a text generator looks like.
struct GeneratorOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What a token is (default: \(standard.tokens)).", valueName: "kind"))
  var tokens: TokenizerKind?

  @Option(
    help: ArgumentHelp(
      "A tokenizer.json that cuts texts into tokens; the model keeps a copy of it.",
      valueName: "file"))
  var tokenizer: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Size of the learned vector of each token (default: \(standard.embeddingSize)).",
      valueName: "n"))
  var embedding: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Size of the learned vector of each label (default: \(standard.labelEmbeddingSize)).",
      valueName: "n"))
  var labelEmbedding: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Where the network learns of the label; a TCN at every-step (default: \(standard.conditioning.rawValue)).
      """, valueName: "where"))
  var conditioning: TextConditioning?

  @OptionGroup var layers: LayerOptions<GeneratorDefaults>

  @OptionGroup var states: StateOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Dropout of what the network reads and before the output (default: \(standard.dropout)).
      """, valueName: "p"))
  var dropout: Float?

  func applied(to base: TextGeneratorConfiguration) -> TextGeneratorConfiguration {
    var configuration = base
    configuration.tokens = tokens ?? base.tokens
    configuration.embeddingSize = embedding ?? base.embeddingSize
    configuration.labelEmbeddingSize = labelEmbedding ?? base.labelEmbeddingSize
    configuration.conditioning = conditioning ?? base.conditioning
    configuration.decoder = states.applied(to: layers.applied(to: base.decoder))
    configuration.dropout = dropout ?? base.dropout
    return configuration
  }

  /// The tokenizer of the file that was named; nil where none was.
  func readTokenizer() throws -> (any Tokenizer)? {
    guard let tokenizer else { return nil }
    guard tokens == nil else {
      throw CommandError.wrongArgument("--tokens and --tokenizer: one of them is expected")
    }
    return try TokenizerFile.read(tokenizer)
  }
}

/// `reel train generator`: from labelled texts to a model that writes such texts.
struct TrainGeneratorCommand: TaskTrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "generator",
    abstract: "Train a model that writes texts of a kind, and save it in a folder.",
    discussion: """
      The corpus has a label and a text on each line, with a tab between, or is JSON Lines with \
      "label" and "text": names and where they come from, tunes and their keys. The model learns \
      how the texts of each label go on and where they end; `reel generate --label` lets it write. \
      The model with the lowest held-out loss is what the folder holds.

      \(TaskTrainingHelp.resuming)
      """)

  @OptionGroup var examples: ExampleOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup(title: "Corpus") var format: LabelledCorpusOptions
  @OptionGroup(title: "Network") var network: GeneratorOptions
  @OptionGroup var options: TaskTrainingOptions<GeneratorDefaults>

  func checkNetwork() throws {
    try CommandError.checkingArguments { try network.applied(to: standard).validate() }
  }

  func read(_ path: String) throws -> [LabelledText] { try format.read(path) }

  func label(of item: LabelledText) -> String { item.label }

  func model(for training: [LabelledText], seed: UInt64) throws -> TextGenerator {
    var configuration = network.applied(to: standard)
    let tokenizer = try network.readTokenizer()
    if let tokenizer { configuration.tokens = tokenizer.kind }
    return try TextGenerator(
      texts: training, configuration: configuration, tokenizer: tokenizer, seed: seed)
  }

  func checkAgreement(with model: TextGenerator) throws {
    let asked = network.applied(to: model.configuration)
    if let tokenizer = try network.readTokenizer() {
      guard try tokenizer.fileContent == model.tokenizer.fileContent else {
        throw CommandError.wrongArgument(
          "--tokenizer \(network.tokenizer ?? ""): the training to resume was started with another "
            + "tokenizer, which cannot change")
      }
    }
    try refuseChange(to: asked, from: model.configuration)
    // A setting that a network lacks is none that could change.
    try CommandError.checkingArguments { try asked.validate() }
  }

  func example(_ item: LabelledText, of model: TextGenerator) throws -> TextGenerator.Example {
    try model.example(item)
  }
}
