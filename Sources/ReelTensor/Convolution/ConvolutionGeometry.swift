/// The sizes of a convolution on one to three axes (outermost first), checked to fit each other.
public struct ConvolutionGeometry: Sendable, Hashable {
  public let input: [Int]
  public let kernel: [Int]
  public let stride: [Int]
  public let dilation: [Int]
  public let padding: [AxisPadding]
  public let output: [Int]

  /// - Parameters:
  ///   - stride, dilation: 1 on every axis where nil.
  ///   - exact: the last window of each axis must end where the padded input ends.
  public init(
    input: [Int], kernel: [Int], stride: [Int]? = nil, dilation: [Int]? = nil,
    padding: ConvolutionPadding = .valid, exact: Bool = false
  ) throws(ConvolutionError) {
    let sizes = try Self.sizes("input", input, kernel, stride, dilation)
    let explicit = try padding.axes(input.count)
    var axes: [ConvolutionAxis] = []
    for axis in input.indices {
      do throws(ConvolutionError) {
        axes.append(
          try ConvolutionAxis(
            input: input[axis], kernel: kernel[axis], stride: sizes.stride[axis],
            dilation: sizes.dilation[axis], padding: padding, explicit: explicit?[axis],
            exact: exact))
      } catch {
        throw error.onAxis(axis, input: input, kernel: kernel)
      }
    }
    (self.input, self.kernel, self.stride, self.dilation) = (
      input, kernel, sizes.stride, sizes.dilation
    )
    self.padding = axes.map(\.padding)
    output = axes.map(\.output)
  }

  /// The convolution whose transpose turns `output` positions into the `input` positions of the
  /// result; see `Convolution.transposedOutputSize`.
  public init(
    transposing output: [Int], kernel: [Int], stride: [Int]? = nil, dilation: [Int]? = nil,
    padding: ConvolutionPadding = .valid, outputPadding: [Int]? = nil
  ) throws(ConvolutionError) {
    let sizes = try Self.sizes("input", output, kernel, stride, dilation)
    let explicit = try padding.axes(output.count)
    let more = outputPadding ?? Array(repeating: 0, count: output.count)
    guard more.count == output.count else {
      throw ConvolutionError(
        "output padding \(more) for a transposed convolution of \(output.count) axes")
    }
    var input: [Int] = []
    var paddings: [AxisPadding] = []
    for axis in output.indices {
      do throws(ConvolutionError) {
        let result = try Self.transposedAxis(
          output[axis], kernel: kernel[axis], stride: sizes.stride[axis],
          dilation: sizes.dilation[axis], padding: padding, explicit: explicit?[axis],
          outputPadding: more[axis])
        input.append(result.input)
        paddings.append(result.padding)
      } catch {
        throw error.onAxis(axis, input: output, kernel: kernel)
      }
    }
    (self.input, self.kernel, self.stride, self.dilation) = (
      input, kernel, sizes.stride, sizes.dilation
    )
    self.padding = paddings
    self.output = output
  }

  private static func sizes(
    _ name: String, _ input: [Int], _ kernel: [Int], _ stride: [Int]?, _ dilation: [Int]?
  ) throws(ConvolutionError) -> (stride: [Int], dilation: [Int]) {
    guard (1...3).contains(input.count) else {
      throw ConvolutionError("\(name) \(input) of \(input.count) axes: 1 to 3 expected")
    }
    let ones = Array(repeating: 1, count: input.count)
    let (stride, dilation) = (stride ?? ones, dilation ?? ones)
    for (what, sizes) in [("kernel", kernel), ("stride", stride), ("dilation", dilation)]
    where sizes.count != input.count {
      throw ConvolutionError(
        "\(what) \(sizes) for \(name) \(input): one size for each axis expected")
    }
    return (stride, dilation)
  }

  private static func transposedAxis(
    _ output: Int, kernel: Int, stride: Int, dilation: Int, padding: ConvolutionPadding,
    explicit: AxisPadding?, outputPadding: Int
  ) throws(ConvolutionError) -> (input: Int, padding: AxisPadding) {
    let span = try ConvolutionAxis.span(
      kernel: kernel, stride: stride, dilation: dilation, padding: explicit)
    guard output >= 0 && output <= Int(Int32.max) else {
      throw ConvolutionError("input \(output) of a transposed convolution: 0 or more expected")
    }
    let limit = padding == .same ? 1 : max(stride, dilation)
    guard (0..<limit).contains(outputPadding) else {
      throw ConvolutionError(
        padding == .same
          ? "output padding \(outputPadding) with padding same: 0 expected"
          : "output padding \(outputPadding) of a transposed convolution with stride \(stride) and "
            + "dilation \(dilation): 0 to \(limit - 1) expected")
    }
    let axis: AxisPadding
    switch padding {
    case .valid: axis = AxisPadding()
    case .causal: axis = AxisPadding(before: span - 1)
    case .explicit: axis = explicit ?? AxisPadding()
    case .same:
      let total = max(span - stride, 0)
      return (output * stride, AxisPadding(before: total / 2, after: total - total / 2))
    }
    guard output > 0 else { return (0, axis) }
    let input = (output - 1) * stride + span - axis.before - axis.after + outputPadding
    guard input >= 1 else {
      throw ConvolutionError(
        "padding \(axis) leaves \(input) positions of the \((output - 1) * stride + span) "
          + "that a transposed convolution makes of input \(output) with kernel \(kernel)")
    }
    return (input, axis)
  }
}

extension ConvolutionError {
  /// With several axes, the line names the axis and both shapes.
  fileprivate func onAxis(_ axis: Int, input: [Int], kernel: [Int]) -> ConvolutionError {
    input.count == 1
      ? self : ConvolutionError("axis \(axis) of input \(input), kernel \(kernel): \(description)")
  }
}
