import ReelLayers

/// Settings that make no layer whatever comes in; a description may come from a file.
extension LayerDescription {
  /// - Throws: `NetworkError` that quotes the setting and what was expected.
  func checkSettings(classes: Int) throws(NetworkError) {
    func check(_ width: Width) throws(NetworkError) {
      try Self.check("width", width.count(classes: classes), in: 1...1 << 24)
    }
    func check(_ what: String, _ extent: Extent, least: Int) throws(NetworkError) {
      for length in extent.sizes { try Self.check(what, length, in: least...1 << 15) }
    }
    func check(_ probability: Float) throws(NetworkError) {
      guard probability >= 0 && probability < 1 else {
        throw NetworkError(
          "dropout with probability \(probability): at least 0 and below 1 expected")
      }
    }
    switch self {
    case .convolution(let width, let kernel, let stride, let padding, let dilation, _, _):
      try check(width)
      try check("kernel", kernel, least: 1)
      try check("stride", stride, least: 1)
      try check("padding", padding, least: 0)
      try check("dilation", dilation, least: 1)
    case .transposedConvolution(let width, let kernel, let stride, let padding, let more, _, _):
      try check(width)
      try check("kernel", kernel, least: 1)
      try check("stride", stride, least: 1)
      try check("padding", padding, least: 0)
      try check("output padding", more, least: 0)
    case .tableConvolution(_, let kernel): try check("kernel", kernel, least: 1)
    case .linear(let width, _), .radialBasis(let width): try check(width)
    case .batchNorm(let epsilon):
      guard epsilon >= 0 && epsilon.isFinite else {
        throw NetworkError("epsilon \(epsilon): at least 0 expected")
      }
    case .subsampling(let window): try Self.check("window", window, in: 1...1 << 15)
    case .localResponseNorm(let size, let alpha, let beta, let k):
      try Self.check("size", size, in: 1...1 << 15)
      guard alpha >= 0, beta > 0, k > 0, (alpha + beta + k).isFinite else {
        throw NetworkError(
          "local response normalization with alpha \(alpha), beta \(beta) and k \(k): alpha of at "
            + "least 0, beta and k above 0 expected")
      }
    case .maxPooling(let window, let stride, let padding, _),
      .averagePooling(let window, let stride, let padding, _, _):
      try check("window", window, least: 1)
      try check("stride", stride ?? window, least: 1)
      try check("padding", padding, least: 0)
    case .adaptiveAveragePooling(let size), .padding(let size): try check("size", size, least: 1)
    case .upsampling(let scale, _): try Self.check("scale", scale, in: 1...1 << 10)
    case .dropout(let probability), .spatialDropout(let probability): try check(probability)
    case .widening(let width, let stride):
      try check(width)
      try check("stride", stride, least: 1)
    case .residual(_, _, let scale, _):
      guard scale.isFinite else { throw NetworkError("scale \(scale): a finite number expected") }
    case .crop(_, let offset): try Self.check("offset", offset ?? 0, in: 0...1 << 20)
    case .join(_, _, .offset(let offset), _): try Self.check("offset", offset, in: 0...1 << 20)
    case .recurrent(_, let steps): try Self.check("steps", steps, in: 1...1 << 15)
    case .parametricReLU, .activation, .globalAveragePooling, .flatten, .sequence, .branches,
      .save, .join, .auxiliary:
      break
    }
  }

  private static func check(
    _ what: String, _ value: Int, in range: ClosedRange<Int>
  ) throws(NetworkError) {
    guard range.contains(value) else {
      throw NetworkError(
        "\(what) \(value): \(range.lowerBound) to \(range.upperBound) expected")
    }
  }
}

extension [Int] {
  /// The product; `Int.max` where it is larger than that.
  var saturatedProduct: Int {
    var result = 1
    for factor in self {
      let (product, overflow) = result.multipliedReportingOverflow(by: factor)
      if overflow { return Int.max }
      result = product
    }
    return result
  }
}

extension LeafFacts {
  /// - Throws: `NetworkError` for maps or weights that no memory holds.
  func checkSizes() throws(NetworkError) {
    for shape in parameters + [output.shape] where shape.saturatedProduct > 1 << 44 {
      throw NetworkError("\(shape) values: at most 2^44 expected")
    }
  }
}
