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
    try ConfigurationError.checkDropout("dropout", dropout)
    try ConfigurationError.checkDropout("recurrent dropout", recurrentDropout)
  }
}
