import ReelSequence

extension EncoderConfiguration {
  /// - Throws: `ConfigurationError` that quotes the first setting out of range.
  public func validate() throws {
    try ConfigurationError.check("hidden size", hiddenSize, in: 1...65_536)
    try ConfigurationError.check("layers", layers, in: 1...64)
    try ConfigurationError.checkDropout("dropout", dropout)
    try ConfigurationError.checkDropout("recurrent dropout", recurrentDropout)
    try ConfigurationError.checkDropout("zoneout", zoneout)
    try ConfigurationError.checkDropout("zoneout of the cell state", zoneoutCell)
    if let problem { throw ConfigurationError(problem) }
  }
}
