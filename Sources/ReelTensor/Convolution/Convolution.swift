/// Sizes and costs of convolutions.
public enum Convolution {
  /// The length that comes out on one axis: with p zeros of padding in all, the window's span
  /// (k − 1)·d + 1 and stride s, ⌊(n + p − span)/s⌋ + 1.
  ///
  /// - Parameter exact: the last window must end where the padded input ends; otherwise what is
  ///   left over is not seen.
  /// - Throws: `ConvolutionError` where the window is larger than the padded input, where it does
  ///   not fit exactly, or where a size makes no sense.
  public static func outputSize(
    input: Int, kernel: Int, stride: Int = 1, dilation: Int = 1,
    padding: ConvolutionPadding = .valid, exact: Bool = false
  ) throws(ConvolutionError) -> Int {
    try ConvolutionAxis(
      input: input, kernel: kernel, stride: stride, dilation: dilation, padding: padding,
      explicit: padding.axes(1)?[0], exact: exact
    ).output
  }

  /// The length that comes out of the transposed convolution on one axis,
  /// (n − 1)·s + (k − 1)·d + 1 − p + outputPadding. The padding is that of the convolution it
  /// transposes, which turns this length back into n; with `same` it is n·s.
  ///
  /// - Parameter outputPadding: positions more at the end, of those that the convolution would not
  ///   see: less than the stride or the dilation; 0 with `same`.
  public static func transposedOutputSize(
    input: Int, kernel: Int, stride: Int = 1, dilation: Int = 1,
    padding: ConvolutionPadding = .valid, outputPadding: Int = 0
  ) throws(ConvolutionError) -> Int {
    try ConvolutionGeometry(
      transposing: [input], kernel: [kernel], stride: [stride], dilation: [dilation],
      padding: padding, outputPadding: [outputPadding]
    ).input[0]
  }

  /// Multiplications and additions of a convolution of one input: each of the outputs takes K
  /// products and K − 1 sums, K the kernel's positions times the channels of a group (and one sum
  /// more with a bias). Zeros of the padding count as any value.
  public static func operationCount(
    input: [Int], kernel: [Int], stride: [Int]? = nil, dilation: [Int]? = nil,
    padding: ConvolutionPadding = .valid, inputChannels: Int = 1, outputChannels: Int = 1,
    groups: Int = 1, bias: Bool = false
  ) throws(ConvolutionError) -> Int {
    let geometry = try ConvolutionGeometry(
      input: input, kernel: kernel, stride: stride, dilation: dilation, padding: padding)
    try checkGroups(groups, inputChannels: inputChannels, outputChannels: outputChannels)
    return try operations(
      outputs: geometry.output + [outputChannels], terms: kernel + [inputChannels / groups],
      bias: bias)
  }

  /// Multiplications and additions of the same map as a product with a dense matrix, from all
  /// values of the input to all of the output.
  public static func denseOperationCount(
    input: [Int], kernel: [Int], stride: [Int]? = nil, dilation: [Int]? = nil,
    padding: ConvolutionPadding = .valid, inputChannels: Int = 1, outputChannels: Int = 1
  ) throws(ConvolutionError) -> Int {
    let geometry = try ConvolutionGeometry(
      input: input, kernel: kernel, stride: stride, dilation: dilation, padding: padding)
    return try operations(
      outputs: geometry.output + [outputChannels], terms: input + [inputChannels], bias: false)
  }

  /// Operations of outputs that are sums of so many products.
  private static func operations(
    outputs: [Int], terms: [Int], bias: Bool
  ) throws(ConvolutionError) -> Int {
    let estimate = (outputs + terms).reduce(2.0) { $0 * Double($1) }
    guard estimate < 0x1p62, terms.reduce(1.0, { $0 * Double($1) }) < 0x1p61 else {
      throw ConvolutionError(
        "about \(estimate) operations for \(outputs) outputs of \(terms) terms: too many to count")
    }
    let count = terms.elementCount
    return outputs.elementCount * (count == 0 ? 0 : 2 * count - (bias ? 0 : 1))
  }

  /// Groups must divide both numbers of channels.
  public static func checkGroups(
    _ groups: Int, inputChannels: Int, outputChannels: Int
  ) throws(ConvolutionError) {
    guard groups >= 1, inputChannels % groups == 0, outputChannels % groups == 0 else {
      throw ConvolutionError(
        "\(groups) groups do not divide \(inputChannels) input and \(outputChannels) output channels"
      )
    }
  }
}

extension ConvolutionPadding {
  /// The explicit padding of `count` axes; nil where it follows from the other sizes.
  func axes(_ count: Int) throws(ConvolutionError) -> [AxisPadding]? {
    guard case .explicit(let axes) = self else { return nil }
    guard axes.count == count else {
      throw ConvolutionError(
        "padding \(self) of \(axes.count) axes for a convolution of \(count) axes")
    }
    return axes
  }
}
