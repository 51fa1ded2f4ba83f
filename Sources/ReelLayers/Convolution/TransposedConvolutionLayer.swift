import ReelTensor

/// A transposed convolution over one axis; it takes `Sequences` as well.
public typealias TransposedConvolution1D = TransposedConvolutionLayer<OneAxis>
/// A transposed convolution over height and width.
public typealias TransposedConvolution2D = TransposedConvolutionLayer<TwoAxes>
/// A transposed convolution over depth, height and width.
public typealias TransposedConvolution3D = TransposedConvolutionLayer<ThreeAxes>

/// A transposed convolution as a layer (Zeiler et al. 2010; Dumoulin and Visin 2016): the map back
/// of a convolution with the same kernel, stride, dilation and padding, from the size of its output
/// to the size of its input. With x on the side of that output,
///
///     y[b, o, p·stride + j·dilation − before] += weight[c, o, j] · x[b, c, p]
///
/// for each input channel c of the group of o, position p and kernel position j, and y starts from
/// bias[o].
///
/// Shapes: x [batch, in, size…], y [batch, out, size…] as ``FeatureMaps`` or as a tensor; weight
/// [in, out/groups, kernel…], `bias` [out] or none: PyTorch's. The size is that of
/// `Convolution.transposedOutputSize` on each axis.
///
/// With a normalized weight the parameters are `weight_g` [in, 1, …] and `weight_v`
/// [in, out/groups, kernel…] in its place, normalized for each position of the first axis, as
/// PyTorch's `weight_norm` does it here too.
public struct TransposedConvolutionLayer<Axes: ConvolutionAxes>: Module {
  var filters: ConvolutionWeight
  public var bias: Tensor?
  let settings: ConvolutionSettings<Axes>
  /// Positions more at the end of each axis: of the sizes that the convolution brings to one size,
  /// which one comes back.
  public let outputPadding: [Int]

  /// Weights by `initialization`, bias 0. One number for each axis; 1 everywhere without `stride`
  /// or `dilation`, 0 without `outputPadding`. The other settings are those of
  /// ``ConvolutionLayer``.
  ///
  /// - Throws: `ConvolutionError` for sizes that make no convolution.
  public init(
    _ input: Int, _ output: Int, kernel: [Int], stride: [Int]? = nil, dilation: [Int]? = nil,
    padding: ConvolutionPadding = .valid, outputPadding: [Int]? = nil, groups: Int = 1,
    bias: Bool = true, normalizesWeight: Bool = false,
    initialization: Initialization = .glorotUniform, using generator: inout RandomGenerator
  ) throws(ConvolutionError) {
    settings = try ConvolutionSettings(
      kernel: kernel, stride: stride, dilation: dilation, padding: padding, groups: groups,
      inputChannels: input, outputChannels: output)
    self.outputPadding = try Self.checked(outputPadding, settings)
    let weight = initialization.tensor(
      shape: [input, output / groups] + kernel, fanIn: input / groups * settings.taps,
      fanOut: output / groups * settings.taps, using: &generator)
    filters = ConvolutionWeight(weight, normalized: normalizesWeight)
    self.bias = bias ? Tensor(zeros: [output]) : nil
  }

  /// The same with one number for all axes.
  public init(
    _ input: Int, _ output: Int, kernel: Int, stride: Int = 1, dilation: Int = 1,
    padding: ConvolutionPadding = .valid, outputPadding: Int = 0, groups: Int = 1,
    bias: Bool = true, normalizesWeight: Bool = false,
    initialization: Initialization = .glorotUniform, using generator: inout RandomGenerator
  ) throws(ConvolutionError) {
    func all(_ value: Int) -> [Int] { [Int](repeating: value, count: Axes.count) }
    try self.init(
      input, output, kernel: all(kernel), stride: all(stride), dilation: all(dilation),
      padding: padding, outputPadding: all(outputPadding), groups: groups, bias: bias,
      normalizesWeight: normalizesWeight, initialization: initialization, using: &generator)
  }

  /// A transposed convolution with a given weight [in, out/groups, kernel…] and a bias [out] or
  /// none.
  ///
  /// - Throws: `ConvolutionError` that gives both shapes where they do not fit.
  public init(
    weight: Tensor, bias: Tensor?, stride: [Int]? = nil, dilation: [Int]? = nil,
    padding: ConvolutionPadding = .valid, outputPadding: [Int]? = nil, groups: Int = 1,
    normalizesWeight: Bool = false
  ) throws(ConvolutionError) {
    try ConvolutionLayer<Axes>.check(
      weight, bias, outputs: weight.rank > 1 ? weight.shape[1] * groups : 0,
      expected: "[in, out/groups")
    settings = try ConvolutionSettings(
      kernel: Array(weight.shape[2...]), stride: stride, dilation: dilation, padding: padding,
      groups: groups, inputChannels: weight.shape[0], outputChannels: weight.shape[1] * groups)
    self.outputPadding = try Self.checked(outputPadding, settings)
    filters = ConvolutionWeight(weight, normalized: normalizesWeight)
    self.bias = bias
  }

  private static func checked(
    _ outputPadding: [Int]?, _ settings: ConvolutionSettings<Axes>
  ) throws(ConvolutionError) -> [Int] {
    let padding = outputPadding ?? [Int](repeating: 0, count: Axes.count)
    guard padding.count == Axes.count else {
      throw ConvolutionError("output padding \(padding): \(Axes.count) expected, one for each axis")
    }
    for axis in 0..<Axes.count {
      // Without the padding of the input, which an input of one position may not have room for.
      _ = try Convolution.transposedOutputSize(
        input: 1, kernel: settings.kernel[axis], stride: settings.stride[axis],
        dilation: settings.dilation[axis], padding: settings.padding == .same ? .same : .valid,
        outputPadding: padding[axis])
    }
    return padding
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    filters.visit(&visitor)
    visitor.visit("bias", &bias)
  }

  /// What the input is multiplied with, [in, out/groups, kernel…].
  public var weight: Tensor { filters.value }
  public var inputChannels: Int { filters.shape[0] }
  public var outputChannels: Int { filters.shape[1] * settings.groups }
  public var kernel: [Int] { settings.kernel }
  public var stride: [Int] { settings.stride }
  public var dilation: [Int] { settings.dilation }
  public var padding: ConvolutionPadding { settings.padding }
  public var groups: Int { settings.groups }

  /// The size that comes out for maps of `size`.
  ///
  /// - Throws: `ConvolutionError` where the padding takes away all that would come out.
  public func outputSize(_ size: [Int]) throws(ConvolutionError) -> [Int] {
    try geometry(size).input
  }

  /// The shape that comes out for a batch of shape [batch, channel, size…]. A call ends the program
  /// where shapes do not meet; ask here first where they come from outside.
  ///
  /// - Throws: `ConvolutionError` that gives both shapes.
  public func outputShape(_ shape: [Int]) throws(ConvolutionError) -> [Int] {
    [shape.first ?? 0, outputChannels] + (try geometry(of: shape).input)
  }

  /// The convolution whose transpose this is: its output has `size`.
  private func geometry(_ size: [Int]) throws(ConvolutionError) -> ConvolutionGeometry {
    try ConvolutionGeometry(
      transposing: size, kernel: kernel, stride: stride, dilation: dilation, padding: padding,
      outputPadding: outputPadding)
  }

  private func geometry(of shape: [Int]) throws(ConvolutionError) -> ConvolutionGeometry {
    try settings.check(shape, channels: inputChannels, weight: filters.shape)
    do throws(ConvolutionError) {
      return try geometry(Array(shape[2...]))
    } catch {
      throw ConvolutionError("input \(shape) and weight \(filters.shape): \(error)")
    }
  }

  /// The transposed convolution of every item; see ``outputShape(_:)`` for shapes that do not meet.
  public func callAsFunction(_ x: FeatureMaps) -> FeatureMaps {
    let geometry: ConvolutionGeometry
    do {
      geometry = try self.geometry(of: x.shape)
    } catch {
      preconditionFailure("TransposedConvolution\(Axes.count)D: \(error)")
    }
    return FeatureMaps(
      values: x.values.transposedConvolvedRows(
        TapTable(geometry), weight: weight, bias: bias, groups: groups),
      batch: x.batch, size: geometry.input)
  }

  /// The same of a tensor [batch, in, size…].
  public func callAsFunction(_ x: Tensor) -> Tensor { self(FeatureMaps(x)).tensor }
}

extension TransposedConvolutionLayer where Axes == OneAxis {
  /// The transposed convolution over time of each sequence by itself. Lengths change as sizes do; an
  /// empty sequence, and one of which the padding leaves nothing, comes out empty.
  public func callAsFunction(_ x: Sequences) -> Sequences {
    precondition(
      x.featureCount == inputChannels,
      "TransposedConvolution1D: sequences of \(x.featureCount) features and weight "
        + "\(filters.shape): \(inputChannels) features expected")
    let fits = x.lengths.map { length in
      let geometry = length > 0 ? try? geometry([length]) : nil
      return (outputs: geometry?.input[0] ?? 0, before: geometry?.padding[0].before ?? 0)
    }
    let layout = SequenceLayout(lengths: fits.map(\.outputs))
    let table = layout.tapTable(settings.window, to: x.layout, before: fits.map(\.before))
    return Sequences(
      values: x.values.transposedConvolvedRows(
        table, weight: weight, bias: bias, groups: groups),
      layout: layout)
  }
}
