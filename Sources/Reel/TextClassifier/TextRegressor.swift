import ReelLayers
import ReelSequence
import ReelTensor
import ReelText
import ReelTraining

/// A text and a number that belongs to it, such as a rating.
public struct RatedText: Sendable, Hashable {
  public var text: String
  public var rating: Double
  /// The line on which it begins in its file, from 1; 0 where it came from no file.
  public var line: Int

  public init(text: String, rating: Double, line: Int = 0) {
    self.text = text
    self.rating = rating
    self.line = line
  }

  /// A text whose label is written as a number.
  ///
  /// - Throws: `TextError` that quotes the label and its line where it is no finite number.
  public init(_ text: LabelledText) throws {
    guard let rating = Double(text.label), rating.isFinite else {
      let place = text.line > 0 ? "line \(text.line): " : ""
      throw TextError("\(place)the rating \"\(text.label)\", expected a finite number")
    }
    self.init(text: text.text, rating: rating, line: text.line)
  }
}

/// Reads a text and answers a number: words → vectors → encoder (recurrent layers or a TCN) →
/// pooling → number, trained on half the squared error of standardized numbers.
///
/// The settings are those of a ``TextClassifier`` but for the labels. A text without words gets the
/// answer that the head's bias says.
public struct TextRegressor: TrainableModel {
  /// A text in words, and its number, standardized.
  public struct Example: Sendable, Equatable {
    public let tokens: [Int32]
    public let target: Float
  }

  /// What `config.json` holds.
  private struct File: Codable {
    var text: TextClassifierConfiguration
    var scale: NumberScale
  }

  /// Mean and deviation of the training set's numbers.
  public let scale: NumberScale
  public var network: PooledNetwork
  private let reading: TextReading

  /// A model with random weights, for texts like these.
  ///
  /// - Parameters:
  ///   - tokenizer: what cuts texts into tokens; words of the training texts without it.
  ///   - vectors: the vector of a word where one is known, of the configuration's embedding size.
  ///   - seed: of the weights.
  /// - Throws: one line for a setting out of range, an empty training set, or a number that is not
  ///   finite.
  public init(
    texts: [RatedText], configuration: TextClassifierConfiguration = TextClassifierConfiguration(),
    tokenizer: (any Tokenizer)? = nil, vectors: ((String) -> [Float]?)? = nil, seed: UInt64 = 0
  ) throws {
    guard !texts.isEmpty else {
      throw ConfigurationError("the training set is empty: at least 1 rated text is expected")
    }
    scale = NumberScale(of: try texts.map(Self.rating))
    reading = try TextReading(
      configuration, texts: texts.lazy.map(\.text), tokenizer: tokenizer)
    var generator = RandomGenerator(seed: seed)
    network = try reading.network(outputs: 1, vectors: vectors, using: &generator)
  }

  public var configuration: TextClassifierConfiguration { reading.configuration }
  public var tokenizer: any Tokenizer { reading.tokenizer }

  /// A rated text as the network takes it.
  ///
  /// - Throws: `TextError` where the number is not finite.
  public func example(_ text: RatedText) throws -> Example {
    Example(
      tokens: reading.ids(text.text),
      target: Float(scale.standardized(try Self.rating(text))))
  }

  private static func rating(_ text: RatedText) throws -> Double {
    guard text.rating.isFinite else {
      let place = text.line > 0 ? "line \(text.line): " : ""
      throw TextError("\(place)the rating \(text.rating), expected a finite number")
    }
    return text.rating
  }

  /// The number for a text.
  public func predict(_ text: String) -> Double { predict([text])[0] }

  /// The number for each text; texts of nearly equal length are read together.
  public func predict(_ texts: [String]) -> [Double] { answers(texts.map(reading.ids)) }

  private func answers(_ tokens: [[Int32]]) -> [Double] {
    reading.outputs(network, tokens).map { scale.restored(Double($0[0])) }
  }

  public func length(of example: Example) -> Int { example.tokens.count }

  public func loss(
    _ network: PooledNetwork, _ batch: [Example], _ context: inout LossContext
  ) -> Tensor {
    let answers = network(
      batch.map(\.tokens), unknown: tokenizer.unknownID, using: &context.generator)
    return NumberScale.loss(answers, batch.map(\.target))
  }

  public func evaluate(_ examples: [Example]) -> RegressionEvaluation {
    RegressionEvaluation(
      predicted: answers(examples.map(\.tokens)),
      gold: examples.map { scale.restored(Double($0.target)) })
  }

  /// Writes `config.json`, `tokenizer.json` and `model.safetensors` into a folder.
  public func save(to folder: String) throws {
    try ModelFolder.write(
      .textRegressor, File(text: configuration, scale: scale), files: reading.files,
      network: network, to: folder)
  }

  /// Reads a model from a folder.
  ///
  /// - Throws: an error of one line when a file is missing, damaged, or of another kind of model.
  public init(folder: String) throws {
    let file = try ModelFolder.configuration(.textRegressor, as: File.self, of: folder)
    scale = file.scale
    reading = try TextReading(file.text, folder: folder)
    network = try ModelFolder.unfilled { [reading] in
      try reading.network(outputs: 1, using: &$0)
    }
    try ModelFolder.load(&network, from: folder)
  }
}
