import ReelSequence

extension EncoderConfiguration {
  private static let longestField = 1 << 20

  /// - Throws: `ConfigurationError` that quotes the first setting out of range.
  public func validate() throws {
    try ConfigurationError.check("hidden size", hiddenSize, in: 1...65_536)
    try ConfigurationError.check("layers", layers, in: 1...64)
    try ConfigurationError.checkDropout("dropout", dropout)
    try ConfigurationError.checkDropout("recurrent dropout", recurrentDropout)
    try ConfigurationError.checkDropout("zoneout", zoneout)
    try ConfigurationError.checkDropout("zoneout of the cell state", zoneoutCell)
    try ConfigurationError.check("kernel size", kernelSize, in: 1...1024)
    try ConfigurationError.check("dilation base", dilationBase, in: 1...1024)
    if let problem { throw ConfigurationError(problem) }
    // A state holds that many time steps.
    if let receptiveField {
      try ConfigurationError.check("receptive field", receptiveField, in: 1...Self.longestField)
    }
  }
}
