import ReelLayers
import ReelTensor

extension EncoderConfiguration {
  /// The same network with as many units a layer as come closest to a number of parameters: for
  /// comparing kinds of networks of equal size.
  ///
  /// - Parameter inputSize: features of the input, which count too.
  public func sized(parameters: Int, inputSize: Int) -> EncoderConfiguration {
    precondition(
      parameters > 0 && inputSize > 0,
      "EncoderConfiguration.sized: \(parameters) parameters, \(inputSize) features; both must be "
        + "positive")
    func with(_ hiddenSize: Int) -> EncoderConfiguration {
      var copy = self
      copy.hiddenSize = hiddenSize
      return copy
    }
    func count(_ hiddenSize: Int) -> Int {
      var generator = RandomGenerator(seed: 0)
      return with(hiddenSize).network(inputSize: inputSize, using: &generator).parameterCount
    }
    // The count grows with the units: doubled until it is enough, then halved in between.
    var (low, high) = (0, 1)
    while count(high) < parameters { (low, high) = (high, 2 * high) }
    while high - low > 1 {
      let middle = (low + high) / 2
      if count(middle) < parameters { low = middle } else { high = middle }
    }
    guard low > 0, parameters - count(low) <= count(high) - parameters else { return with(high) }
    return with(low)
  }
}
