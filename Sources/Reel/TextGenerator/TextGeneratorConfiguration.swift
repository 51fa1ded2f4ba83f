import ReelSequence
import ReelText

/// How a text generator learns of the condition: the label, the vector, or both.
public enum TextConditioning: String, Codable, Sendable, CaseIterable {
  /// Not at all: the model of all texts together, to compare with.
  case none
  /// The initial state of every layer is a function of the condition.
  case initialState = "initial-state"
  /// The condition stands beside the token in the input of every step.
  case everyStep = "every-step"
  /// Both.
  case both

  var usesInitialState: Bool { self == .initialState || self == .both }
  var usesEveryStep: Bool { self == .everyStep || self == .both }
}

/// Every hyper-parameter of a text generator, with its labels: what `config.json` holds.
public struct TextGeneratorConfiguration: Codable, Sendable, Equatable {
  /// What a token is.
  public var tokens: TokenizerKind
  /// Size of the learned vector of each token.
  public var embeddingSize: Int
  /// Size of the learned vector of each label.
  public var labelEmbeddingSize: Int
  /// Features of the vector that every text comes with; 0: none.
  public var vectorSize: Int
  public var conditioning: TextConditioning
  /// The network that writes; it reads forward.
  public var decoder: EncoderConfiguration
  /// Dropout of what the network reads and of its output.
  public var dropout: Float
  /// The labels in the order of their numbers. Taken from the training texts.
  public var labels: [String] = []
  /// Training texts of each label: p(label) before a text is seen.
  public var labelCounts: [Int] = []

  public init(
    tokens: TokenizerKind = .characters, embeddingSize: Int = 32, labelEmbeddingSize: Int = 16,
    vectorSize: Int = 0, conditioning: TextConditioning = .both,
    decoder: EncoderConfiguration = EncoderConfiguration(hiddenSize: 128, directions: .forward),
    dropout: Float = 0
  ) {
    self.tokens = tokens
    self.embeddingSize = embeddingSize
    self.labelEmbeddingSize = labelEmbeddingSize
    self.vectorSize = vectorSize
    self.conditioning = conditioning
    self.decoder = decoder
    self.dropout = dropout
  }

  /// - Throws: `ConfigurationError` that quotes the first setting out of range.
  public func validate() throws {
    try ConfigurationError.check("embedding size", embeddingSize, in: 1...65_536)
    try ConfigurationError.check("label embedding size", labelEmbeddingSize, in: 1...65_536)
    try ConfigurationError.check("vector size", vectorSize, in: 0...65_536)
    try ConfigurationError.checkDropout("dropout", dropout)
    try decoder.validate()
    guard decoder.directions == .forward else {
      throw ConfigurationError(
        "directions \(decoder.directions.rawValue): a generator writes forward")
    }
    guard decoder.cell != .tcn || !conditioning.usesInitialState else {
      throw ConfigurationError(
        "conditioning \(conditioning.rawValue) for the cell 'tcn', which has no initial state to "
          + "set; every-step or none is expected")
    }
    guard labels.count == labelCounts.count else {
      throw ConfigurationError(
        "counts of \(labelCounts.count) labels for \(labels.count) labels: one each is expected")
    }
    for (label, count) in zip(labels, labelCounts) {
      try ConfigurationError.check("texts of the label '\(label)'", count, in: 0...Int.max)
    }
    guard (try? Labels(labels)) != nil else {
      throw ConfigurationError("an empty label, or one that comes twice, among \(labels)")
    }
  }

  /// Features of the condition: of the label's vector and of the given one.
  var conditionSize: Int { (labels.isEmpty ? 0 : labelEmbeddingSize) + vectorSize }
}
