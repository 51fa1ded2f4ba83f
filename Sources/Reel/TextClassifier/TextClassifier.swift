import ReelLayers
import ReelSequence
import ReelTensor
import ReelText
import ReelTraining

/// A classifier of texts: words → vectors → encoder (recurrent layers or a TCN) → pooling → label.
///
/// ```swift
/// let model = try TextClassifier(texts: training, seed: 1)
/// var trainer = try Trainer(
///   model, training: training.map(model.example), validation: heldOut.map(model.example))
/// try trainer.train()
/// print(trainer.best.classify("A quiet, funny and moving film.").label)
/// ```
///
/// A text without words is an ordinary one: its pooled vector is 0, and the answer is what the
/// head's bias says. A value: many tasks may share one.
public struct TextClassifier: TrainableModel {
  /// A text in words, and the number of its label.
  public struct Example: Sendable, Equatable {
    public let tokens: [Int32]
    public let label: Int32
  }

  public let labels: Labels
  public var network: PooledNetwork
  private let reading: TextReading

  /// A model with random weights, for texts like these: their words make the vocabulary (unless a
  /// tokenizer is given), and their labels the answers (unless the configuration has some).
  ///
  /// - Parameters:
  ///   - tokenizer: what cuts texts into tokens; words of the training texts without it.
  ///   - vectors: the vector of a word where one is known, of the configuration's embedding size.
  ///   - seed: of the weights.
  /// - Throws: one line for a setting out of range, an empty training set, or a single label.
  public init(
    texts: [LabelledText],
    configuration: TextClassifierConfiguration = TextClassifierConfiguration(),
    tokenizer: (any Tokenizer)? = nil, vectors: ((String) -> [Float]?)? = nil, seed: UInt64 = 0
  ) throws {
    var configuration = configuration
    labels = try LabelSet.labels(
      of: texts.map(\.label), given: configuration.labels, what: "text")
    configuration.labels = labels.names
    if configuration.balancesLabels {
      configuration.labelWeights = LabelSet.balancedWeights(
        try texts.map { [labels] in try LabelSet.index($0.label, line: $0.line, of: labels) },
        labels: labels.count)
    }
    reading = try TextReading(
      configuration, texts: texts.lazy.map(\.text), tokenizer: tokenizer)
    var generator = RandomGenerator(seed: seed)
    network = try reading.network(outputs: labels.count, vectors: vectors, using: &generator)
  }

  public var configuration: TextClassifierConfiguration { reading.configuration }
  public var tokenizer: any Tokenizer { reading.tokenizer }

  /// A labelled text as the network takes it.
  ///
  /// - Throws: `TextError` that quotes the label and its line where the label is none of the
  ///   model's.
  public func example(_ text: LabelledText) throws -> Example {
    Example(
      tokens: reading.ids(text.text),
      label: try LabelSet.index(text.label, line: text.line, of: labels))
  }

  // MARK: Prediction

  /// The most probable label of a text.
  public func classify(_ text: String) -> Classification { classify([text])[0] }

  /// The most probable label of each text; texts of nearly equal length are read together.
  public func classify(_ texts: [String]) -> [Classification] {
    reading.outputs(network, texts.map(reading.ids)).map {
      Classification(labels: labels.names, logits: $0)
    }
  }

  // MARK: Training

  public func length(of example: Example) -> Int { example.tokens.count }

  public func loss(
    _ network: PooledNetwork, _ batch: [Example], _ context: inout LossContext
  ) -> Tensor {
    let logits = network(
      batch.map(\.tokens), unknown: tokenizer.unknownID, using: &context.generator)
    return logits.labelLoss(
      batch.map(\.label), weights: configuration.labelWeights, smoothing: context.labelSmoothing)
  }

  public func evaluate(_ examples: [Example]) -> ClassificationEvaluation {
    ClassificationEvaluation(
      labels: labels, logits: reading.outputs(network, examples.map(\.tokens)),
      gold: examples.lazy.map(\.label))
  }

  // MARK: Folder

  /// Writes `config.json`, `tokenizer.json` and `model.safetensors` into a folder.
  public func save(to folder: String) throws {
    try ModelFolder.write(
      .textClassifier, configuration, files: reading.files, network: network, to: folder)
  }

  /// Reads a model from a folder.
  ///
  /// - Throws: an error of one line when a file is missing, damaged, or of another kind of model.
  public init(folder: String) throws {
    let configuration = try ModelFolder.configuration(
      .textClassifier, as: TextClassifierConfiguration.self, of: folder)
    labels = try Labels(configuration.labels)
    reading = try TextReading(configuration, folder: folder)
    network = try ModelFolder.unfilled { [reading, labels] in
      try reading.network(outputs: max(1, labels.count), using: &$0)
    }
    try ModelFolder.load(&network, from: folder)
  }
}
