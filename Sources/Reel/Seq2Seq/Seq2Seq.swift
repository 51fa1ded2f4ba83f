import ReelLayers
import ReelSequence
import ReelTensor
import ReelText

/// A model that turns a text into another one of any length: words into sounds, dates into their
/// normal form, sentences into another language.
///
/// An encoder reads the tokens of the source, a decoder with attention writes those of the target;
/// the marks of their beginning and end are put in and taken out here.
///
/// ```swift
/// let model = try Seq2Seq(pairs: pairs, source: .characters, target: .whitespace)
/// var trainer = try Trainer(model, training: try pairs.map(model.example))
/// try trainer.train()
/// try trainer.best.translate("reel", beam: 5)  // R IY L
/// ```
public struct Seq2Seq: TrainableModel {
  public let configuration: Seq2SeqConfiguration
  public let source: any Tokenizer
  public let target: any Tokenizer
  public var network: Seq2SeqNetwork

  /// One pair in tokens.
  public struct Example: Sendable, Equatable {
    public var source: [Int32]
    public var target: [Int32]

    public init(source: [Int32], target: [Int32]) {
      self.source = source
      self.target = target
    }
  }

  /// An untrained model.
  ///
  /// - Parameter pairs: the training data, whose longest target bounds the answers.
  /// - Throws: `ConfigurationError` for a setting out of range or no pairs; `TextError` with its line
  ///   for a pair that cannot be learned.
  public init(
    pairs: [TextPair], configuration: Seq2SeqConfiguration = Seq2SeqConfiguration(),
    source: any Tokenizer, target: any Tokenizer, seed: UInt64 = 0
  ) throws {
    guard !pairs.isEmpty else {
      throw ConfigurationError("the training set is empty: at least 1 pair is expected")
    }
    var configuration = configuration
    configuration.longestTarget = pairs.reduce(0) { max($0, target.encode($1.target).count) }
    try self.init(configuration, source: source, target: target, seed: seed)
    for pair in pairs { _ = try example(pair) }
  }

  /// An untrained model with tokenizers that are trained on its data.
  ///
  /// - Parameter source: `characters`, `words` and so on; with a shared vocabulary also the
  ///   target's.
  public init(
    pairs: [TextPair], configuration: Seq2SeqConfiguration = Seq2SeqConfiguration(),
    source: TokenizerKind, target: TokenizerKind, seed: UInt64 = 0
  ) throws {
    guard !pairs.isEmpty else {
      throw ConfigurationError("the training set is empty: at least 1 pair is expected")
    }
    if configuration.sharesVocabulary {
      guard source == target else {
        throw ConfigurationError(
          "a shared vocabulary of \(source.rawValue) and \(target.rawValue): one kind of token is "
            + "expected")
      }
      let shared = try Self.tokenizer(source, pairs.flatMap { [$0.source, $0.target] })
      try self.init(
        pairs: pairs, configuration: configuration, source: shared, target: shared, seed: seed)
    } else {
      try self.init(
        pairs: pairs, configuration: configuration,
        source: Self.tokenizer(source, pairs.map(\.source)),
        target: Self.tokenizer(target, pairs.map(\.target)), seed: seed)
    }
  }

  init(
    _ configuration: Seq2SeqConfiguration, source: any Tokenizer, target: any Tokenizer,
    seed: UInt64
  ) throws {
    try configuration.validate()
    guard source.vocabularySize > 0 && target.vocabularySize > 0 else {
      throw ConfigurationError(
        "tokenizers of \(source.vocabularySize) and \(target.vocabularySize) tokens: at least 1 is "
          + "expected in each")
    }
    if configuration.sharesVocabulary {
      guard try source.fileContent == target.fileContent else {
        throw ConfigurationError(
          "a shared vocabulary with two tokenizers that differ: one tokenizer is expected")
      }
    }
    self.configuration = configuration
    self.source = source
    self.target = target
    var generator = RandomGenerator(seed: seed, stream: 1)
    network = Seq2SeqNetwork(
      configuration, sourceVocabulary: source.vocabularySize,
      targetVocabulary: target.vocabularySize, using: &generator)
  }

  private static func tokenizer(
    _ kind: TokenizerKind, _ texts: [String]
  ) throws -> any Tokenizer {
    switch kind {
    case .bytes: ByteTokenizer()
    case .characters: ScalarTokenizer(trainedOn: texts.joined())
    default: try TokenizerPipeline.train(TokenizerTraining(kind), on: texts)
    }
  }

  // MARK: Examples

  /// A pair in tokens.
  ///
  /// - Throws: `TextError` with the pair's line where a text is empty or too long. What a vocabulary
  ///   lacks becomes its unknown token.
  public func example(_ pair: TextPair) throws -> Example {
    do {
      let ids = try self.ids(of: pair.source)
      let target = self.target.encode(pair.target)
      guard !target.isEmpty else { throw TextError("the target is empty, expected text") }
      guard target.count <= max(configuration.maximumLength, configuration.longestTarget) else {
        throw TextError(
          "a target of \(target.count) tokens, expected at most \(configuration.maximumLength)")
      }
      return Example(source: ids, target: target)
    } catch {
      throw pair.line > 0 ? TextError("line \(pair.line): \(error)") : error
    }
  }

  /// The tokens of a source that can be translated.
  ///
  /// - Throws: `TextError` where it has no tokens, too many, or none that the vocabulary knows.
  public func ids(of text: String) throws(TextError) -> [Int32] {
    let ids = source.encode(text)
    guard !ids.isEmpty else { throw TextError("the source is empty, expected text") }
    guard ids.count <= configuration.maximumLength else {
      throw TextError(
        "a source of \(ids.count) tokens, expected at most \(configuration.maximumLength)")
    }
    if let unknown = source.unknownID, ids.allSatisfy({ $0 == unknown }) {
      throw TextError(
        "none of the \(ids.count) tokens of the source is in the vocabulary, expected some that "
          + "training saw")
    }
    return ids
  }

  // MARK: Training

  public func length(of example: Example) -> Int { example.source.count + example.target.count }

  public func loss(
    _ network: Seq2SeqNetwork, _ batch: [Example], _ context: inout LossContext
  ) -> Tensor {
    let sources = batch.map(\.source)
    let targets = batch.map(\.target)
    var fed: [[Int32]]?
    let probability = configuration.teacherForcing.probability(share: context.share)
    if probability < 1, var generator = context.generator {
      // With the model's own weights, which nobody watches.
      fed = self.network.scheduledInputs(
        sources: sources, targets: targets, probability: probability, using: &generator)
      context.generator = generator
    }
    return network.loss(
      sources: sources, targets: targets, fed: fed, smoothing: context.labelSmoothing,
      using: &context.generator)
  }
}
