import ReelSequence
import ReelText

/// Every hyper-parameter of a recurrent language model: what `config.json` holds.
public struct LanguageModelConfiguration: Codable, Sendable, Equatable {
  /// What a token is.
  public var tokens = TokenizerKind.characters
  public var cell = RecurrentCellKind.lstm
  /// Units of each layer.
  public var hiddenSize = 256
  public var layers = 1
  /// Size of the learned vector of each token; 0 feeds one-hot rows instead.
  public var embeddingSize = 128
  /// Dropout between the layers and before the output (Zaremba et al. 2014).
  public var dropout: Float = 0
  /// Variational dropout of the hidden state (Gal and Ghahramani 2016).
  public var recurrentDropout: Float = 0

  public init(
    tokens: TokenizerKind = .characters, cell: RecurrentCellKind = .lstm, hiddenSize: Int = 256,
    layers: Int = 1, embeddingSize: Int = 128, dropout: Float = 0, recurrentDropout: Float = 0
  ) {
    self.tokens = tokens
    self.cell = cell
    self.hiddenSize = hiddenSize
    self.layers = layers
    self.embeddingSize = embeddingSize
    self.dropout = dropout
    self.recurrentDropout = recurrentDropout
  }

  /// - Throws: `ConfigurationError` that quotes the first setting out of range.
  public func validate() throws {
    try ConfigurationError.check("hidden size", hiddenSize, in: 1...65_536)
    try ConfigurationError.check("layers", layers, in: 1...64)
    try ConfigurationError.check("embedding size", embeddingSize, in: 0...65_536)
    try ConfigurationError.check(
      "dropout", dropout, "a number of at least 0 and below 1"
    ) { $0 >= 0 && $0 < 1 }
    try ConfigurationError.check(
      "recurrent dropout", recurrentDropout, "a number of at least 0 and below 1"
    ) { $0 >= 0 && $0 < 1 }
  }
}

/// A setting out of range. The description is one line that quotes what came and what was expected.
public struct ConfigurationError: Error, CustomStringConvertible, Sendable, Equatable {
  public let description: String
  public init(_ description: String) { self.description = description }

  static func check(_ name: String, _ value: Int, in range: ClosedRange<Int>) throws {
    guard !range.contains(value) else { return }
    let expected =
      range.upperBound == .max
      ? "a number of at least \(range.lowerBound)"
      : "a number from \(range.lowerBound) to \(range.upperBound)"
    throw ConfigurationError("\(name) \(value): \(expected) is expected")
  }

  /// `isGood` is not asked about NaN and infinity, which no setting may be.
  static func check<Value: BinaryFloatingPoint>(
    _ name: String, _ value: Value, _ expected: String, _ isGood: (Value) -> Bool
  ) throws {
    guard !(value.isFinite && isGood(value)) else { return }
    throw ConfigurationError("\(name) \(value): \(expected) is expected")
  }
}
