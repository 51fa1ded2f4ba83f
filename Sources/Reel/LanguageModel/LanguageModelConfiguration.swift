import ReelSequence
import ReelText

/// Every hyper-parameter of a language model: what `config.json` holds.
public struct LanguageModelConfiguration: Codable, Sendable, Equatable {
  /// What a token is.
  public var tokens = TokenizerKind.characters
  public var cell = EncoderKind.lstm
  /// Units of each layer, or channels of each block of a TCN.
  public var hiddenSize = 256
  /// Recurrent layers, or blocks of a TCN.
  public var layers = 1
  /// Time steps that each convolution of a TCN reads.
  public var kernelSize = EncoderConfiguration.standardKernelSize
  /// In block i (from 0) of a TCN these time steps are `dilationBase`ⁱ apart.
  public var dilationBase = EncoderConfiguration.standardDilationBase
  /// Size of the learned vector of each token; 0 feeds one-hot rows instead.
  public var embeddingSize = 128
  /// Dropout between the layers and before the output (Zaremba et al. 2014); of a TCN, of whole
  /// channels in its blocks.
  public var dropout: Float = 0
  /// Variational dropout of the hidden state (Gal and Ghahramani 2016).
  public var recurrentDropout: Float = 0

  /// Zoneout of the hidden state (Krueger et al. 2017).
  public var zoneout: Float = 0
  /// Zoneout of the cell state; for LSTMs.
  public var zoneoutCell: Float = 0
  /// Features to which each layer projects its hidden state (Sak et al. 2014), below `hiddenSize`;
  /// nil: no projection. For LSTMs.
  public var projectionSize: Int?
  /// Whether the state at the beginning of a text is learned instead of zeros.
  public var learnsInitialState = false
  /// Whether the output scores tokens with the vectors of the embedding (Press and Wolf 2017; Inan
  /// et al. 2017). Where the recurrent output has other features than these, a learned projection
  /// stands in between.
  public var tiesWeights = false

  public init(
    tokens: TokenizerKind = .characters, cell: EncoderKind = .lstm, hiddenSize: Int = 256,
    layers: Int = 1, embeddingSize: Int = 128, dropout: Float = 0, recurrentDropout: Float = 0,
    zoneout: Float = 0, zoneoutCell: Float = 0, projectionSize: Int? = nil,
    learnsInitialState: Bool = false, tiesWeights: Bool = false,
    kernelSize: Int = EncoderConfiguration.standardKernelSize,
    dilationBase: Int = EncoderConfiguration.standardDilationBase
  ) {
    self.tokens = tokens
    self.cell = cell
    self.hiddenSize = hiddenSize
    self.layers = layers
    self.embeddingSize = embeddingSize
    self.dropout = dropout
    self.recurrentDropout = recurrentDropout
    self.zoneout = zoneout
    self.zoneoutCell = zoneoutCell
    self.projectionSize = projectionSize
    self.learnsInitialState = learnsInitialState
    self.tiesWeights = tiesWeights
    self.kernelSize = kernelSize
    self.dilationBase = dilationBase
  }

  /// - Throws: `ConfigurationError` that quotes the first setting out of range.
  public func validate() throws {
    try ConfigurationError.check("embedding size", embeddingSize, in: 0...65_536)
    try encoder.validate()
    if tiesWeights && embeddingSize == 0 {
      throw ConfigurationError(
        "tied weights with embedding size 0 (one-hot rows): an embedding to share is expected")
    }
  }

  /// The network between the tokens and the scores.
  public var encoder: EncoderConfiguration {
    get {
      var encoder = EncoderConfiguration(
        cell: cell, hiddenSize: hiddenSize, layers: layers, directions: .forward,
        dropout: dropout, recurrentDropout: recurrentDropout, kernelSize: kernelSize,
        dilationBase: dilationBase)
      encoder.zoneout = zoneout
      encoder.zoneoutCell = zoneoutCell
      encoder.projectionSize = projectionSize
      encoder.learnsInitialState = learnsInitialState
      return encoder
    }
    set {
      cell = newValue.cell
      hiddenSize = newValue.hiddenSize
      layers = newValue.layers
      dropout = newValue.dropout
      recurrentDropout = newValue.recurrentDropout
      zoneout = newValue.zoneout
      zoneoutCell = newValue.zoneoutCell
      projectionSize = newValue.projectionSize
      learnsInitialState = newValue.learnsInitialState
      kernelSize = newValue.kernelSize
      dilationBase = newValue.dilationBase
    }
  }
}
