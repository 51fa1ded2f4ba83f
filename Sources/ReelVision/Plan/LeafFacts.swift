import ReelLayers
import ReelTensor

/// What follows from the shape that comes into a layer that is not made of others.
struct LeafFacts {
  var output: MapShape
  var field: ReceptiveField
  var parameters: [[Int]] = []
  var multiplyAdds = 0
}

extension LayerDescription {
  /// - Throws: `NetworkError` where the layer cannot take what comes in.
  func leafFacts(
    _ input: MapShape, _ field: ReceptiveField, classes: Int
  ) throws(NetworkError) -> LeafFacts {
    switch self {
    case .convolution, .transposedConvolution, .tableConvolution:
      return try convolutionFacts(input, field, classes: classes)

    case .linear(let width, let bias):
      try Self.expectVector(input, "linear map")
      let outputs = width.count(classes: classes)
      return LeafFacts(
        output: MapShape(channels: outputs), field: field,
        parameters: [[outputs, input.channels]] + (bias ? [[outputs]] : []),
        multiplyAdds: [outputs, input.channels].saturatedProduct)

    case .radialBasis(let width):
      try Self.expectVector(input, "radial basis")
      let outputs = width.count(classes: classes)
      return LeafFacts(
        output: MapShape(channels: outputs), field: field,
        multiplyAdds: [outputs, input.channels].saturatedProduct)

    case .batchNorm:
      return LeafFacts(
        output: input, field: field, parameters: [[input.channels], [input.channels]])

    case .parametricReLU(let perChannel):
      return LeafFacts(
        output: input, field: field, parameters: [[perChannel ? input.channels : 1]])

    case .localResponseNorm, .spatialDropout:
      try Self.expectMaps(input, "layer over maps")
      return LeafFacts(output: input, field: field)

    case .activation, .dropout:
      return LeafFacts(output: input, field: field)

    case .subsampling, .maxPooling, .averagePooling, .adaptiveAveragePooling,
      .globalAveragePooling, .upsampling, .padding, .widening:
      return try resizedFacts(input, field, classes: classes)

    case .flatten:
      return LeafFacts(
        output: MapShape(channels: input.channels * input.positions),
        field: field.overAll(input.size))

    case .sequence, .residual, .branches, .save, .join, .crop, .auxiliary, .recurrent:
      preconditionFailure("a layer made of layers has no facts of its own")
    }
  }

  private func convolutionFacts(
    _ input: MapShape, _ field: ReceptiveField, classes: Int
  ) throws(NetworkError) -> LeafFacts {
    try Self.expectMaps(input, "convolution")
    do throws(ConvolutionError) {
      switch self {
      case .convolution(
        let width, let kernel, let stride, let padding, let dilation, let groups, let bias):
        let outputs = width.count(classes: classes)
        let geometry = try ConvolutionGeometry(
          input: input.size, kernel: kernel.sizes, stride: stride.sizes, dilation: dilation.sizes,
          padding: .both(padding.sizes))
        try Convolution.checkGroups(
          groups, inputChannels: input.channels, outputChannels: outputs)
        let weight = [outputs, input.channels / groups] + kernel.sizes
        let output = MapShape(channels: outputs, size: geometry.output)
        return LeafFacts(
          output: output,
          field: field.under(
            kernel: kernel.sizes, stride: stride.sizes, dilation: dilation.sizes),
          parameters: [weight] + (bias ? [[outputs]] : []),
          multiplyAdds: (weight + output.size).saturatedProduct)

      case .transposedConvolution(
        let width, let kernel, let stride, let padding, let outputPadding, let bias, _):
        let outputs = width.count(classes: classes)
        let geometry = try ConvolutionGeometry(
          transposing: input.size, kernel: kernel.sizes, stride: stride.sizes,
          padding: .both(padding.sizes), outputPadding: outputPadding.sizes)
        let weight = [input.channels, outputs] + kernel.sizes
        let reach = zip(kernel.sizes, stride.sizes).map { ($0 + $1 - 1) / $1 }
        return LeafFacts(
          output: MapShape(channels: outputs, size: geometry.input),
          field: field.spread(by: stride.sizes, reach: reach),
          parameters: [weight] + (bias ? [[outputs]] : []),
          multiplyAdds: (weight + input.size).saturatedProduct)

      case .tableConvolution(let table, let kernel):
        guard table.inputs == input.channels else {
          throw ConvolutionError(
            "a table of \(table.inputs) input channels for maps \(input): as many expected")
        }
        let geometry = try ConvolutionGeometry(input: input.size, kernel: kernel.sizes)
        let output = MapShape(channels: table.outputs, size: geometry.output)
        return LeafFacts(
          output: output, field: field.under(kernel: kernel.sizes, stride: [1, 1]),
          parameters: [[table.count] + kernel.sizes, [table.outputs]],
          multiplyAdds: ([table.count] + kernel.sizes + output.size).saturatedProduct)

      default: preconditionFailure("no convolution")
      }
    } catch {
      throw NetworkError(error.description)
    }
  }

  private func resizedFacts(
    _ input: MapShape, _ field: ReceptiveField, classes: Int
  ) throws(NetworkError) -> LeafFacts {
    try Self.expectMaps(input, "layer over maps")
    func facts(_ channels: Int, _ size: [Int], _ field: ReceptiveField) -> LeafFacts {
      LeafFacts(output: MapShape(channels: channels, size: size), field: field)
    }
    switch self {
    case .subsampling(let length):
      let window = Extent(length, length)
      let size = try Self.pooledSize(input.size, window, window, 0, roundsUp: false)
      var result = facts(
        input.channels, size, field.under(kernel: window.sizes, stride: window.sizes))
      result.parameters = [[input.channels], [input.channels]]
      return result

    case .maxPooling(let window, let stride, let padding, let roundsUp),
      .averagePooling(let window, let stride, let padding, let roundsUp, _):
      let stride = stride ?? window
      return facts(
        input.channels,
        try Self.pooledSize(input.size, window, stride, padding, roundsUp: roundsUp),
        field.under(kernel: window.sizes, stride: stride.sizes))

    case .adaptiveAveragePooling(let size):
      let windows = zip(input.size, size.sizes).map { ($0 + $1 - 1) / $1 }
      return facts(
        input.channels, size.sizes, field.under(kernel: windows, stride: windows))

    case .globalAveragePooling:
      return facts(input.channels, [], field.overAll(input.size))

    case .upsampling(let scale, let interpolation):
      let reach = [Interpolation.nearest: 1, .bilinear: 2, .bicubic: 4][interpolation] ?? 1
      return facts(
        input.channels, input.size.map { $0 * scale },
        field.spread(by: [scale, scale], reach: [reach, reach]))

    case .padding(let size):
      return facts(input.channels, zip(input.size, size.sizes).map { max($0, $1) }, field)

    case .widening(let width, let stride):
      let channels = width.count(classes: classes)
      guard channels >= input.channels else {
        throw NetworkError("\(input.channels) channels are widened to \(channels): more expected")
      }
      return facts(
        channels, zip(input.size, stride.sizes).map { ($0 + $1 - 1) / $1 },
        field.under(kernel: [1, 1], stride: stride.sizes))

    default: preconditionFailure("no layer that changes sizes")
    }
  }

  /// The size that the layer itself gives.
  private static func pooledSize(
    _ size: [Int], _ window: Extent, _ stride: Extent, _ padding: Extent, roundsUp: Bool
  ) throws(NetworkError) -> [Int] {
    do throws(ConvolutionError) {
      return try MaxPooling(
        window.sizes, stride: stride.sizes, padding: padding.aroundAxes, roundsUp: roundsUp
      ).outputSize(size)
    } catch {
      throw NetworkError(error.description)
    }
  }

  private static func expectMaps(_ shape: MapShape, _ what: String) throws(NetworkError) {
    guard shape.size.count == 2 else {
      throw NetworkError(
        "a vector of \(shape.channels) values comes into a \(what): maps expected")
    }
  }

  private static func expectVector(_ shape: MapShape, _ what: String) throws(NetworkError) {
    guard shape.isVector else {
      throw NetworkError("maps \(shape) come into a \(what): a vector expected (flatten, or pool)")
    }
  }
}
