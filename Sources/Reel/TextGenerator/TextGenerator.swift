import ReelLayers
import ReelSequence
import ReelTensor
import ReelText

/// Writes texts of a kind: names of a country, tunes in a key. It learns from texts with labels
/// (or with vectors of numbers) how each kind goes on, and where it ends.
///
/// ```swift
/// let model = try TextGenerator(texts: texts)
/// var trainer = try Trainer(model, training: texts.map(model.example))
/// try trainer.train()
/// print(try trainer.best.generate(label: "female", count: 10, seed: 1))
/// ```
///
/// A value: many tasks may share one.
public struct TextGenerator: TrainableModel {
  public let configuration: TextGeneratorConfiguration
  public let tokenizer: any Tokenizer
  public var network: TextGeneratorNetwork
  let labels: Labels

  /// A text in numbers.
  public struct Example: Sendable, Equatable {
    let ids: [Int32]
    let condition: TextGeneratorCondition
  }

  /// A model for labelled texts, with weights drawn from `seed`.
  ///
  /// - Parameters:
  ///   - texts: their labels become the labels of the model, and their tokens its vocabulary.
  ///   - tokenizer: of the kind that the configuration names; by default one is trained on the
  ///     texts.
  /// - Throws: `ConfigurationError` for a setting out of range, and where there are no texts;
  ///   `TextError` that names the line for a text without label or with a vector of another size
  ///   than the others.
  public init(
    texts: [LabelledText], configuration: TextGeneratorConfiguration = .init(),
    tokenizer: (any Tokenizer)? = nil, seed: UInt64 = 0
  ) throws {
    try self.init(
      texts: texts.map { ConditionedText($0) }, configuration: configuration, tokenizer: tokenizer,
      seed: seed)
  }

  /// A model for texts with vectors, with labels or without; see
  /// ``init(texts:configuration:tokenizer:seed:)-(LabelledText,_,_,_)``. Either all texts have a
  /// label or none has.
  public init(
    texts: [ConditionedText], configuration: TextGeneratorConfiguration = .init(),
    tokenizer: (any Tokenizer)? = nil, seed: UInt64 = 0
  ) throws {
    guard let first = texts.first else {
      throw ConfigurationError("the training set is empty: at least 1 text is expected")
    }
    var configuration = configuration
    let labels = Labels(of: texts.lazy.compactMap(\.label))
    configuration.labels = labels.names
    configuration.labelCounts = [Int](repeating: 0, count: labels.count)
    configuration.vectorSize = first.vector.count
    for text in texts {
      if let label = text.label, let index = labels.index(of: label) {
        configuration.labelCounts[index] += 1
      }
    }
    let tokenizer =
      try tokenizer ?? Self.tokenizer(configuration.tokens, trainedOn: texts.map(\.text))
    var generator = RandomGenerator(seed: seed)
    try self.init(configuration, tokenizer: tokenizer, using: &generator)
    for text in texts { _ = try condition(label: text.label, vector: text.vector, text.line) }
  }

  /// A model with weights drawn from `generator`.
  ///
  /// - Throws: `ConfigurationError` for a setting out of range.
  init(
    _ configuration: TextGeneratorConfiguration, tokenizer: any Tokenizer,
    using generator: inout RandomGenerator
  ) throws {
    try configuration.validate()
    guard tokenizer.kind == configuration.tokens else {
      throw ConfigurationError(
        "a tokenizer of \(tokenizer.kind.rawValue) for a model over "
          + "\(configuration.tokens.rawValue): the same kind is expected")
    }
    self.configuration = configuration
    self.tokenizer = tokenizer
    labels = try Labels(configuration.labels)
    network = TextGeneratorNetwork(
      configuration, vocabularySize: tokenizer.vocabularySize, using: &generator)
  }

  private static func tokenizer(
    _ kind: TokenizerKind, trainedOn texts: [String]
  ) throws -> any Tokenizer {
    switch kind {
    case .bytes: return ByteTokenizer()
    case .characters: return ScalarTokenizer(trainedOn: texts.joined())
    default:
      var trainer = try TokenizerTrainer(
        TokenizerTraining(kind, vocabularySize: LanguageModelTrainer.standardVocabularySize))
      for text in texts { try trainer.add(Array(text.utf8)) }
      return try trainer.finish()
    }
  }

  // MARK: Examples

  /// - Throws: `TextError` that names the line and quotes the known labels where the label is none
  ///   of them.
  public func example(_ text: LabelledText) throws -> Example {
    try example(ConditionedText(text))
  }

  /// - Throws: `TextError` for an unknown label, a missing one, or a vector of another size or with
  ///   NaN or infinity.
  public func example(_ text: ConditionedText) throws -> Example {
    Example(
      ids: tokenizer.encode(text.text),
      condition: try condition(label: text.label, vector: text.vector, text.line))
  }

  /// A condition in numbers; `line` is 0 where it came from no file.
  func condition(
    label: String?, vector: [Float], _ line: Int = 0
  ) throws(TextError) -> TextGeneratorCondition {
    let place = line > 0 ? "line \(line): " : ""
    guard vector.count == configuration.vectorSize, vector.allSatisfy(\.isFinite) else {
      let came =
        vector.count == configuration.vectorSize
        ? "with NaN or infinity" : "of \(vector.count) numbers"
      throw TextError(
        "\(place)a vector \(came), \(configuration.vectorSize) finite numbers are expected")
    }
    guard labels.count > 0 else {
      guard label == nil else {
        throw TextError("\(place)label \(quoted(label ?? "")), this generator knows no labels")
      }
      return TextGeneratorCondition(label: -1, vector: vector)
    }
    guard let index = label.flatMap({ labels.index(of: $0) }) else {
      let known = labels.names.prefix(20).map { quoted($0) }.joined(separator: ", ")
      let rest = labels.count > 20 ? ", … (\(labels.count) in all)" : ""
      let came = label.map { $0.isEmpty ? "an empty label" : "unknown label \(quoted($0))" }
      throw TextError("\(place)\(came ?? "no label"), expected one of \(known)\(rest)")
    }
    return TextGeneratorCondition(label: Int32(index), vector: vector)
  }

  /// In quotes and in one line.
  private func quoted(_ text: String) -> String { text.debugDescription }

  public func length(of example: Example) -> Int { example.ids.count + 1 }

  // MARK: Training

  /// Mean cross-entropy of the next token, the mark at the end included, in nats.
  public func loss(
    _ network: TextGeneratorNetwork, _ batch: [Example], _ context: inout LossContext
  ) -> Tensor {
    let (tokens, targets) = network.shifted(batch)
    let logits = network(tokens, batch.map(\.condition), using: &context.generator)
    return crossEntropy(consume logits, targets, smoothing: context.labelSmoothing)
  }
}

extension TextGeneratorNetwork {
  /// What is read, and what is to be written: each text with the mark before it, and behind it.
  func shifted(
    _ examples: [TextGenerator.Example]
  ) -> (tokens: TokenSequences, targets: TokenSequences) {
    (
      TokenSequences(examples.map { [mark] + $0.ids }),
      TokenSequences(examples.map { $0.ids + [mark] })
    )
  }
}
