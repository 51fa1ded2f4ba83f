extension EncoderConfiguration {
  private enum CodingKeys: CodingKey {
    case cell, hiddenSize, layers, directions, dropout, recurrentDropout, zoneout, zoneoutCell
    case projectionSize, learnsInitialState, kernelSize, dilationBase
  }

  /// Files from before TCNs lack their settings.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      cell: try values.decode(EncoderKind.self, forKey: .cell),
      hiddenSize: try values.decode(Int.self, forKey: .hiddenSize),
      layers: try values.decode(Int.self, forKey: .layers),
      directions: try values.decode(RecurrentDirections.self, forKey: .directions),
      dropout: try values.decode(Float.self, forKey: .dropout),
      recurrentDropout: try values.decode(Float.self, forKey: .recurrentDropout),
      kernelSize: try values.decodeIfPresent(Int.self, forKey: .kernelSize)
        ?? Self.standardKernelSize,
      dilationBase: try values.decodeIfPresent(Int.self, forKey: .dilationBase)
        ?? Self.standardDilationBase)
    zoneout = try values.decode(Float.self, forKey: .zoneout)
    zoneoutCell = try values.decode(Float.self, forKey: .zoneoutCell)
    projectionSize = try values.decodeIfPresent(Int.self, forKey: .projectionSize)
    learnsInitialState = try values.decode(Bool.self, forKey: .learnsInitialState)
  }

  /// A recurrent network's file says nothing of convolutions.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(cell, forKey: .cell)
    try values.encode(hiddenSize, forKey: .hiddenSize)
    try values.encode(layers, forKey: .layers)
    try values.encode(directions, forKey: .directions)
    try values.encode(dropout, forKey: .dropout)
    try values.encode(recurrentDropout, forKey: .recurrentDropout)
    try values.encode(zoneout, forKey: .zoneout)
    try values.encode(zoneoutCell, forKey: .zoneoutCell)
    try values.encodeIfPresent(projectionSize, forKey: .projectionSize)
    try values.encode(learnsInitialState, forKey: .learnsInitialState)
    guard cell == .tcn else { return }
    try values.encode(kernelSize, forKey: .kernelSize)
    try values.encode(dilationBase, forKey: .dilationBase)
  }
}
