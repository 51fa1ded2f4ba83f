import ReelSequence
import ReelText

extension LanguageModelConfiguration {
  private enum CodingKeys: CodingKey {
    case tokens, cell, hiddenSize, layers, embeddingSize, dropout, recurrentDropout, zoneout
    case zoneoutCell, projectionSize, learnsInitialState, tiesWeights, kernelSize, dilationBase
  }

  /// Files from before zoneout, projection, learned states, tied weights and TCNs lack these; then
  /// they are off.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func value<Value: Decodable>(_ key: CodingKeys, or missing: Value) throws -> Value {
      try values.decodeIfPresent(Value.self, forKey: key) ?? missing
    }
    self.init(
      tokens: try values.decode(TokenizerKind.self, forKey: .tokens),
      cell: try values.decode(EncoderKind.self, forKey: .cell),
      hiddenSize: try values.decode(Int.self, forKey: .hiddenSize),
      layers: try values.decode(Int.self, forKey: .layers),
      embeddingSize: try values.decode(Int.self, forKey: .embeddingSize),
      dropout: try values.decode(Float.self, forKey: .dropout),
      recurrentDropout: try values.decode(Float.self, forKey: .recurrentDropout),
      zoneout: try value(.zoneout, or: 0), zoneoutCell: try value(.zoneoutCell, or: 0),
      projectionSize: try values.decodeIfPresent(Int.self, forKey: .projectionSize),
      learnsInitialState: try value(.learnsInitialState, or: false),
      tiesWeights: try value(.tiesWeights, or: false),
      kernelSize: try value(.kernelSize, or: EncoderConfiguration.standardKernelSize),
      dilationBase: try value(.dilationBase, or: EncoderConfiguration.standardDilationBase))
  }

  /// A recurrent network's file says nothing of convolutions.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(tokens, forKey: .tokens)
    try values.encode(cell, forKey: .cell)
    try values.encode(hiddenSize, forKey: .hiddenSize)
    try values.encode(layers, forKey: .layers)
    try values.encode(embeddingSize, forKey: .embeddingSize)
    try values.encode(dropout, forKey: .dropout)
    try values.encode(recurrentDropout, forKey: .recurrentDropout)
    try values.encode(zoneout, forKey: .zoneout)
    try values.encode(zoneoutCell, forKey: .zoneoutCell)
    try values.encodeIfPresent(projectionSize, forKey: .projectionSize)
    try values.encode(learnsInitialState, forKey: .learnsInitialState)
    try values.encode(tiesWeights, forKey: .tiesWeights)
    guard cell == .tcn else { return }
    try values.encode(kernelSize, forKey: .kernelSize)
    try values.encode(dilationBase, forKey: .dilationBase)
  }
}
