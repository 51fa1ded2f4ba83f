import ArgumentParser
import Foundation
import Reel

private let standard = Seq2SeqConfiguration()

extension AttentionKind: ExpressibleByArgument {}
extension TeacherForcing.Decay: ExpressibleByArgument {}

/// What tokens of one side of a seq2seq model are: a kind, or a tokenizer.json.
enum TokenChoice {
  case kind(TokenizerKind)
  case file(any Tokenizer)

  init(_ name: String, option: String) throws {
    if let kind = TokenizerKind(rawValue: name) {
      self = .kind(kind)
    } else {
      guard FileManager.default.fileExists(atPath: name) else {
        let kinds = TokenizerKind.allCases.map(\.rawValue).joined(separator: ", ")
        throw CommandError(
          "--\(option) '\(name)' is no file and none of \(kinds), one of them or a tokenizer.json "
            + "is expected")
      }
      self = .file(try TokenizerFile.read(name))
    }
  }
}

/// What the network of a seq2seq model looks like.
struct Seq2SeqOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      What a token of the source is: words, characters, whitespace and so on, or a tokenizer.json \
      (default: words).
      """, valueName: "kind|file"))
  var sourceTokens: String?

  @Option(
    help: ArgumentHelp("The same of the target (default: words).", valueName: "kind|file"))
  var targetTokens: String?

  @Flag(help: "One vocabulary for source and target, whose tokens must be of one kind.")
  var shareVocabulary = false

  @Flag(help: "Let tokens of the source be copied; needs --share-vocabulary.")
  var copy = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Size of the learned vector of each token (default: \(standard.sourceEmbeddingSize)).",
      valueName: "n"))
  var embedding: Int?

  @OptionGroup var encoder: EncoderOptions<Seq2SeqDefaults>

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Units of each layer of the decoder (default: \(standard.decoderHiddenSize)).",
      valueName: "n"))
  var decoderHidden: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Layers of the decoder (default: \(standard.decoderLayers)).", valueName: "n"))
  var decoderLayers: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How the decoder scores what it looks at (default: \(standard.attention)).",
      valueName: "kind"))
  var attention: AttentionKind?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Dropout of embedded tokens, between the decoder's layers and before the output (default: \
      \(standard.dropout)).
      """, valueName: "p"))
  var dropout: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      How often the decoder is fed the right token at the end of the training and not its own \
      choice (default: 1, as at the beginning).
      """, valueName: "p"))
  var teacherForcing: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How that share falls (default: \(standard.teacherForcing.decay)).", valueName: "name"))
  var teacherForcingDecay: TeacherForcing.Decay?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The most tokens of a source (default: \(standard.maximumLength)).", valueName: "n"))
  var maximumLength: Int?

  func applied(to base: Seq2SeqConfiguration) -> Seq2SeqConfiguration {
    var configuration = base
    if shareVocabulary { configuration.sharesVocabulary = true }
    if copy { configuration.copies = true }
    configuration.sourceEmbeddingSize = embedding ?? base.sourceEmbeddingSize
    configuration.targetEmbeddingSize = embedding ?? base.targetEmbeddingSize
    configuration.encoder = encoder.applied(to: base.encoder)
    configuration.decoderHiddenSize = decoderHidden ?? base.decoderHiddenSize
    configuration.decoderLayers = decoderLayers ?? base.decoderLayers
    configuration.attention = attention ?? base.attention
    configuration.dropout = dropout ?? base.dropout
    configuration.teacherForcing.final = teacherForcing ?? base.teacherForcing.final
    configuration.teacherForcing.decay = teacherForcingDecay ?? base.teacherForcing.decay
    configuration.maximumLength = maximumLength ?? base.maximumLength
    return configuration
  }
}

/// `reel train seq2seq`: from pairs of texts to a model folder.
struct TrainSeq2SeqCommand: TaskTrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "seq2seq",
    abstract: "Train a model that turns one text into another, and save it in a folder.",
    discussion: """
      The corpus has a source and its target on each line, with a tab between, or is JSON Lines \
      with "source" and "target": words and their pronunciation, dates in words and in digits, \
      sentences in two languages. An encoder reads the source; a decoder writes the target token by \
      token and looks at the source with attention. The model with the fewest wrong held-out \
      answers is what the folder holds; a source that comes with several targets counts as right \
      with any of them.

      \(TaskTrainingHelp.resuming)
      """)

  @OptionGroup var examples: ExampleOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup(title: "Corpus") var format: PairCorpusOptions
  @OptionGroup(title: "Network") var network: Seq2SeqOptions
  @OptionGroup var options: TaskTrainingOptions<Seq2SeqDefaults>

  func checkNetwork() throws {
    try CommandError.checkingArguments { try network.applied(to: standard).validate() }
  }

  func read(_ path: String) throws -> [TextPair] { try format.read(path) }

  func model(for training: [TextPair], seed: UInt64) throws -> Seq2Seq {
    let configuration = network.applied(to: standard)
    let source = try TokenChoice(network.sourceTokens ?? "words", option: "source-tokens")
    let target = try TokenChoice(
      network.targetTokens ?? (configuration.sharesVocabulary ? network.sourceTokens : nil)
        ?? "words",
      option: "target-tokens")
    if case .kind(let source) = source, case .kind(let target) = target {
      return try Seq2Seq(
        pairs: training, configuration: configuration, source: source, target: target, seed: seed)
    }
    return try Seq2Seq(
      pairs: training, configuration: configuration,
      source: try tokenizer(source, training.map(\.source)),
      target: try tokenizer(target, training.map(\.target)), seed: seed)
  }

  private func tokenizer(_ choice: TokenChoice, _ texts: [String]) throws -> any Tokenizer {
    switch choice {
    case .file(let tokenizer): tokenizer
    case .kind(.bytes): ByteTokenizer()
    case .kind(.characters): ScalarTokenizer(trainedOn: texts.joined())
    case .kind(let kind): try TokenizerPipeline.train(TokenizerTraining(kind), on: texts)
    }
  }

  func checkAgreement(with model: Seq2Seq) throws {
    let asked = network.applied(to: model.configuration)
    for (option, name, tokenizer) in [
      ("source-tokens", network.sourceTokens, model.source),
      ("target-tokens", network.targetTokens, model.target),
    ] {
      guard let name else { continue }
      let isSame =
        switch try TokenChoice(name, option: option) {
        case .kind(let kind): kind == tokenizer.kind
        case .file(let other): try other.fileContent == tokenizer.fileContent
        }
      guard isSame else {
        throw CommandError.wrongArgument(
          "--\(option) \(name): the training to resume was started with other tokens, which cannot "
            + "change")
      }
    }
    try refuseChange(to: asked, from: model.configuration)
    // A setting that a network lacks is none that could change.
    try CommandError.checkingArguments { try asked.validate() }
  }

  func example(_ item: TextPair, of model: Seq2Seq) throws -> Seq2Seq.Example {
    try model.example(item)
  }
}
