extension Tensor {
  /// The convolution (cross-correlation, as the field has it) of each input of a batch:
  ///
  ///     y[b, o, p] = bias[o] + Σ_c Σ_j weight[o, c, j] · x[b, c, p·stride + j·dilation − before]
  ///
  /// with positions p and j on one to three axes, c over the channels of o's group, and zeros
  /// outside of the input. self [batch, channel, (depth, height,) width], `weight`
  /// [out, in/groups, kernel…], `bias` [out] → [batch, out, positions…].
  ///
  /// - Parameters:
  ///   - stride, dilation: one number for each axis; 1 where nil.
  ///   - groups: output channels are cut into this many groups, and each sees only the input
  ///     channels of its group; as many groups as channels make a depthwise convolution.
  /// - Throws: `ConvolutionError` where shapes do not meet.
  public func convolved(
    weight: Tensor, bias: Tensor? = nil, stride: [Int]? = nil, dilation: [Int]? = nil,
    padding: ConvolutionPadding = .valid, groups: Int = 1
  ) throws(ConvolutionError) -> Tensor {
    try checkConvolution(weight, bias, outputs: weight.shape.first ?? 0)
    try Convolution.checkGroups(
      groups, inputChannels: shape[1], outputChannels: weight.shape[0])
    guard weight.shape[1] * groups == shape[1] else {
      throw ConvolutionError(
        "input \(shape) and weight \(weight.shape) with \(groups) \(groups == 1 ? "group" : "groups")"
          + ": \(weight.shape[1] * groups) input channels expected, \(shape[1]) came")
    }
    let geometry = try ConvolutionGeometry(
      input: Array(shape[2...]), kernel: Array(weight.shape[2...]), stride: stride,
      dilation: dilation, padding: padding)
    return channelsLast().convolvedRows(
      TapTable(geometry), repeats: shape[0], weight: weight, bias: bias, groups: groups
    ).channelsFirst(batch: shape[0], size: geometry.output)
  }

  /// The transposed convolution: the map back of `convolved` with the same settings, from the size
  /// of its output to that of its input (Cᵀ where the convolution is a product with C).
  /// self [batch, in, positions…], `weight` [in, out/groups, kernel…], `bias` [out].
  ///
  /// - Parameter outputPadding: positions more at the end of each axis; see
  ///   `Convolution.transposedOutputSize`.
  /// - Throws: `ConvolutionError` where shapes do not meet.
  public func transposedConvolved(
    weight: Tensor, bias: Tensor? = nil, stride: [Int]? = nil, dilation: [Int]? = nil,
    padding: ConvolutionPadding = .valid, outputPadding: [Int]? = nil, groups: Int = 1
  ) throws(ConvolutionError) -> Tensor {
    try checkConvolution(weight, bias, outputs: weight.rank > 1 ? weight.shape[1] * groups : 0)
    try Convolution.checkGroups(
      groups, inputChannels: weight.shape[0], outputChannels: weight.shape[1] * groups)
    guard weight.shape[0] == shape[1] else {
      throw ConvolutionError(
        "input \(shape) and weight \(weight.shape) of a transposed convolution: "
          + "\(weight.shape[0]) input channels expected, \(shape[1]) came")
    }
    let geometry = try ConvolutionGeometry(
      transposing: Array(shape[2...]), kernel: Array(weight.shape[2...]), stride: stride,
      dilation: dilation, padding: padding, outputPadding: outputPadding)
    return channelsLast().transposedConvolvedRows(
      TapTable(geometry), repeats: shape[0], weight: weight, bias: bias, groups: groups
    ).channelsFirst(batch: shape[0], size: geometry.input)
  }

  private func checkConvolution(
    _ weight: Tensor, _ bias: Tensor?, outputs: Int
  ) throws(ConvolutionError) {
    guard (3...5).contains(rank), weight.rank == rank else {
      throw ConvolutionError(
        "input \(shape) and weight \(weight.shape): "
          + "[batch, channel, 1 to 3 axes] and a weight of as many axes expected")
    }
    guard bias.map({ $0.shape == [outputs] }) ?? true else {
      throw ConvolutionError(
        "bias \(bias?.shape ?? []) and weight \(weight.shape): a bias of shape [\(outputs)] expected"
      )
    }
  }
}
