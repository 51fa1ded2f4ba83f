/// The names under which the values of a layer are stored, where its case has none for them.
extension LayerDescription {
  enum ConvolutionCodingKeys: String, CodingKey {
    case _0 = "channels"
    case kernel, stride, padding, dilation, groups, bias
  }
  enum TransposedConvolutionCodingKeys: String, CodingKey {
    case _0 = "channels"
    case kernel, stride, padding, outputPadding, bias, bilinear
  }
  enum TableConvolutionCodingKeys: String, CodingKey {
    case _0 = "connections"
    case kernel
  }
  enum LinearCodingKeys: String, CodingKey {
    case _0 = "width"
    case bias
  }
  enum RadialBasisCodingKeys: String, CodingKey { case _0 = "width" }
  enum SubsamplingCodingKeys: String, CodingKey { case _0 = "window" }
  enum ActivationCodingKeys: String, CodingKey { case _0 = "function" }
  enum MaxPoolingCodingKeys: String, CodingKey {
    case _0 = "window"
    case stride, padding, roundsUp
  }
  enum AveragePoolingCodingKeys: String, CodingKey {
    case _0 = "window"
    case stride, padding, roundsUp, countsPadding
  }
  enum AdaptiveAveragePoolingCodingKeys: String, CodingKey { case _0 = "size" }
  enum DropoutCodingKeys: String, CodingKey { case _0 = "probability" }
  enum SpatialDropoutCodingKeys: String, CodingKey { case _0 = "probability" }
  enum WideningCodingKeys: String, CodingKey {
    case _0 = "channels"
    case stride
  }
  enum SequenceCodingKeys: String, CodingKey { case _0 = "layers" }
  enum ResidualCodingKeys: String, CodingKey {
    case _0 = "layers"
    case shortcut, scale, then
  }
  enum BranchesCodingKeys: String, CodingKey { case _0 = "branches" }
  enum SaveCodingKeys: String, CodingKey { case _0 = "name" }
  enum JoinCodingKeys: String, CodingKey {
    case _0 = "name"
    case through, crop, by
  }
  enum AuxiliaryCodingKeys: String, CodingKey { case _0 = "layers" }
  enum RecurrentCodingKeys: String, CodingKey {
    case _0 = "layers"
    case steps
  }
}

extension Crop {
  enum OffsetCodingKeys: String, CodingKey { case _0 = "position" }
}
