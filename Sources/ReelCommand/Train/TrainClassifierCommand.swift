import ArgumentParser
import Reel

private let standard = TextClassifierConfiguration()

extension Pooling: ExpressibleByArgument {}

/// What the network of a text classifier looks like. An option that is not given is nil: a new
/// model takes the default, a resumed one keeps what it has.
struct ClassifierOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A tokenizer.json that cuts texts into tokens, for example of `reel train tokenizer` (default: \
      the words of the corpus in lower case).
      """, valueName: "file"))
  var tokenizer: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Words that come less often are unknown ones (default: \(standard.minimumCount)).",
      valueName: "n"))
  var minimumCount: Int?

  @Flag(help: "Keep the case of words.")
  var cased = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Size of the learned vector of each word (default: \(standard.embeddingSize)).",
      valueName: "n"))
  var embedding: Int?

  @OptionGroup var encoder: EncoderOptions<ClassifierDefaults>

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      How the encoder's output over the words becomes one vector (default: \
      \(standard.pooling.rawValue)).
      """, valueName: "pooling"))
  var pooling: Pooling?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Dropout of the pooled vector (default: \(standard.dropout)).", valueName: "p"))
  var dropout: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Dropout of the words' vectors (default: \(standard.embeddingDropout)).", valueName: "p"))
  var embeddingDropout: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The part of words that are taken for unknown ones in training (default: \
      \(standard.wordDropout)).
      """, valueName: "p"))
  var wordDropout: Float?

  @Flag(help: "Let every label count the same in the training, however many texts have it.")
  var balanceLabels = false

  func applied(to base: TextClassifierConfiguration) -> TextClassifierConfiguration {
    var configuration = base
    configuration.minimumCount = minimumCount ?? base.minimumCount
    if cased { configuration.lowercases = false }
    configuration.embeddingSize = embedding ?? base.embeddingSize
    configuration.encoder = encoder.applied(to: base.encoder)
    configuration.pooling = pooling ?? base.pooling
    configuration.dropout = dropout ?? base.dropout
    configuration.embeddingDropout = embeddingDropout ?? base.embeddingDropout
    configuration.wordDropout = wordDropout ?? base.wordDropout
    if balanceLabels { configuration.balancesLabels = true }
    return configuration
  }
}

/// `reel train classifier`: from labelled texts to a model folder.
struct TrainClassifierCommand: TaskTrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "classifier",
    abstract: "Train a classifier of texts, and save it in a folder.",
    discussion: """
      The corpus has a label and a text on each line, with a tab between, or is JSON Lines with \
      "label" and "text". Words become vectors, a network reads them, its output is \
      pooled into one vector, and that is scored for each label. The model with the highest \
      held-out accuracy is what the folder holds.

      \(TaskTrainingHelp.resuming)
      """)

  @OptionGroup var examples: ExampleOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup(title: "Corpus") var format: LabelledCorpusOptions
  @OptionGroup(title: "Network") var network: ClassifierOptions
  @OptionGroup var options: TaskTrainingOptions<ClassifierDefaults>

  func checkNetwork() throws {
    try CommandError.checkingArguments { try network.applied(to: standard).validate() }
  }

  func read(_ path: String) throws -> [LabelledText] { try format.read(path) }

  func label(of item: LabelledText) -> String { item.label }

  func model(for training: [LabelledText], seed: UInt64) throws -> TextClassifier {
    try TextClassifier(
      texts: training, configuration: network.applied(to: standard),
      tokenizer: try network.tokenizer.map { try TokenizerFile.read($0) }, seed: seed)
  }

  func checkAgreement(with model: TextClassifier) throws {
    let saved = model.configuration
    let asked = network.applied(to: saved)
    if let path = network.tokenizer {
      guard try TokenizerFile.read(path).fileContent == model.tokenizer.fileContent else {
        throw CommandError.wrongArgument(
          "--tokenizer \(path): the training to resume was started with another tokenizer, which "
            + "cannot change")
      }
    }
    try refuseChange(to: asked, from: saved)
    // A setting that a network lacks is none that could change.
    try CommandError.checkingArguments { try asked.validate() }
  }

  func example(_ item: LabelledText, of model: TextClassifier) throws -> TextClassifier.Example {
    try model.example(item)
  }
}
