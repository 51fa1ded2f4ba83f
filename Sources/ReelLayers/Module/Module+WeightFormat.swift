import ReelTensor

extension Module {
  /// Holds the matrices of embeddings, recurrent and linear layers in a format, rounded once: for
  /// serving. Biases, normalizations, convolutions and what else has no matrix of weights stay as they
  /// are.
  ///
  /// - Throws: `WeightFormatError` where a weight is infinite or not a number; nothing changes then.
  public mutating func convertWeights(to format: WeightFormat) throws {
    var converted = self
    try converted.updateParameters { path, parameter in
      if format.applies(to: path, parameter) { parameter = try parameter.held(in: format) }
    }
    self = converted
  }

  /// The narrow format that the first such parameter is held in; `float32` where there is none.
  public var weightFormat: WeightFormat {
    parameters.lazy.map(\.tensor.weightFormat).first { $0 != .float32 } ?? .float32
  }
}

extension WeightFormat {
  /// Whether a parameter is one of those that `convertWeights` changes: a matrix [out, in] or
  /// [vocabulary, dimension] whose name says that it holds weights, as `weight` or `weight_hh_l0`.
  package func applies(to path: String, _ parameter: Tensor) -> Bool {
    let name = path.split(separator: ".").last ?? ""
    return parameter.rank == 2 && name.hasPrefix("weight")
  }
}
