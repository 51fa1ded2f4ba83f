import ReelTensor

/// A convolution over one axis, with its weight and bias; it takes `Sequences` as well.
public typealias Convolution1D = ConvolutionLayer<OneAxis>
/// A convolution over height and width.
public typealias Convolution2D = ConvolutionLayer<TwoAxes>
/// A convolution over depth, height and width.
public typealias Convolution3D = ConvolutionLayer<ThreeAxes>

/// A convolution as a layer (LeCun et al. 1989; computed as a cross-correlation, as everywhere in
/// the field):
///
///     y[b, o, p] = bias[o] + Σ_c Σ_j weight[o, c, j] · x[b, c, p·stride + j·dilation − before]
///
/// Letters: b item of the batch, o output channel, c input channel of the group of o, p position of
/// the output and j of the kernel on each axis, `before` the zeros put in front of that axis.
///
/// Shapes: x [batch, in, size…], y [batch, out, size…] as ``FeatureMaps`` or as a tensor; weight
/// [out, in/groups, kernel…], `bias` [out] or none: PyTorch's. The output's size is that of
/// `Convolution.outputSize` on each axis.
///
/// With a normalized weight (Salimans and Kingma 2016) the parameters are `weight_g` [out, 1, …]
/// and `weight_v` [out, in/groups, kernel…] in its place, and weight = g·v/‖v‖ for each output
/// channel.
public struct ConvolutionLayer<Axes: ConvolutionAxes>: Module {
  var filters: ConvolutionWeight
  public var bias: Tensor?
  let settings: ConvolutionSettings<Axes>
  /// The weight as products read it; nil until ``prepared()``, and after a visitor came by, who may
  /// have changed it.
  private var packed: PackedConvolution?

  /// Weights by `initialization`, bias 0. One number for each axis; 1 everywhere without `stride`
  /// or `dilation`.
  ///
  /// - Parameters:
  ///   - groups: output channels are cut into this many groups, and each sees only the input
  ///     channels of its own; as many groups as channels make a depthwise convolution.
  ///   - normalizesWeight: the weight is a direction and a length, `weight_v` and `weight_g`.
  /// - Throws: `ConvolutionError` for sizes that make no convolution.
  public init(
    _ input: Int, _ output: Int, kernel: [Int], stride: [Int]? = nil, dilation: [Int]? = nil,
    padding: ConvolutionPadding = .valid, groups: Int = 1, bias: Bool = true,
    normalizesWeight: Bool = false, initialization: Initialization = .glorotUniform,
    using generator: inout RandomGenerator
  ) throws(ConvolutionError) {
    settings = try ConvolutionSettings(
      kernel: kernel, stride: stride, dilation: dilation, padding: padding, groups: groups,
      inputChannels: input, outputChannels: output)
    let weight = initialization.tensor(
      shape: [output, input / groups] + kernel, fanIn: input / groups * settings.taps,
      fanOut: output / groups * settings.taps, using: &generator)
    filters = ConvolutionWeight(weight, normalized: normalizesWeight)
    self.bias = bias ? Tensor(zeros: [output]) : nil
  }

  /// The same with one number for all axes.
  public init(
    _ input: Int, _ output: Int, kernel: Int, stride: Int = 1, dilation: Int = 1,
    padding: ConvolutionPadding = .valid, groups: Int = 1, bias: Bool = true,
    normalizesWeight: Bool = false, initialization: Initialization = .glorotUniform,
    using generator: inout RandomGenerator
  ) throws(ConvolutionError) {
    func all(_ value: Int) -> [Int] { [Int](repeating: value, count: Axes.count) }
    try self.init(
      input, output, kernel: all(kernel), stride: all(stride), dilation: all(dilation),
      padding: padding, groups: groups, bias: bias, normalizesWeight: normalizesWeight,
      initialization: initialization, using: &generator)
  }

  /// A convolution with a given weight [out, in/groups, kernel…] and a bias [out] or none.
  ///
  /// - Throws: `ConvolutionError` that gives both shapes where they do not fit.
  public init(
    weight: Tensor, bias: Tensor?, stride: [Int]? = nil, dilation: [Int]? = nil,
    padding: ConvolutionPadding = .valid, groups: Int = 1, normalizesWeight: Bool = false
  ) throws(ConvolutionError) {
    try Self.check(weight, bias, outputs: weight.shape.first ?? 0, expected: "[out, in/groups")
    settings = try ConvolutionSettings(
      kernel: Array(weight.shape[2...]), stride: stride, dilation: dilation, padding: padding,
      groups: groups, inputChannels: weight.shape[1] * groups, outputChannels: weight.shape[0])
    filters = ConvolutionWeight(weight, normalized: normalizesWeight)
    self.bias = bias
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    packed = nil
    filters.visit(&visitor)
    visitor.visit("bias", &bias)
  }

  /// The same layer for many predictions: its weight is packed for the products once, when the first
  /// one needs it, and no longer at every call. That takes the memory of the weight once more, and
  /// with 3×3 or 5×5 taps up to four times. Anything that changes the parameters undoes it.
  public func prepared() -> Self {
    var copy = self
    copy.packed = PackedConvolution(weight, groups: groups)
    return copy
  }

  /// What the input is multiplied with, [out, in/groups, kernel…].
  public var weight: Tensor { filters.value }
  public var inputChannels: Int { filters.shape[1] * settings.groups }
  public var outputChannels: Int { filters.shape[0] }
  public var kernel: [Int] { settings.kernel }
  public var stride: [Int] { settings.stride }
  public var dilation: [Int] { settings.dilation }
  public var padding: ConvolutionPadding { settings.padding }
  public var groups: Int { settings.groups }

  /// The size that comes out for maps of `size`.
  ///
  /// - Throws: `ConvolutionError` where the kernel is larger than the padded input.
  public func outputSize(_ size: [Int]) throws(ConvolutionError) -> [Int] {
    try settings.geometry(size).output
  }

  /// The shape that comes out for a batch of shape [batch, channel, size…]. A call ends the program
  /// where shapes do not meet; ask here first where they come from outside.
  ///
  /// - Throws: `ConvolutionError` that gives both shapes.
  public func outputShape(_ shape: [Int]) throws(ConvolutionError) -> [Int] {
    [shape.first ?? 0, outputChannels] + (try geometry(of: shape).output)
  }

  private func geometry(of shape: [Int]) throws(ConvolutionError) -> ConvolutionGeometry {
    try settings.check(shape, channels: inputChannels, weight: filters.shape)
    do throws(ConvolutionError) {
      return try settings.geometry(Array(shape[2...]))
    } catch {
      throw ConvolutionError("input \(shape) and weight \(filters.shape): \(error)")
    }
  }

  /// The convolution of every item; see ``outputShape(_:)`` for shapes that do not meet.
  public func callAsFunction(_ x: FeatureMaps) -> FeatureMaps { self(x, RowEpilogue()) }

  /// The same with more done to the rows in the same pass.
  package func callAsFunction(_ x: FeatureMaps, _ epilogue: RowEpilogue) -> FeatureMaps {
    let geometry: ConvolutionGeometry
    do {
      geometry = try self.geometry(of: x.shape)
    } catch {
      preconditionFailure("Convolution\(Axes.count)D: \(error)")
    }
    return FeatureMaps(
      values: x.values.convolvedRows(
        packed?.table(geometry) ?? TapTable(geometry), weight: packed?.weight ?? weight, bias: bias,
        groups: groups,
        epilogue: epilogue, packed: packed),
      batch: x.batch, size: geometry.output)
  }

  /// The same of a tensor [batch, in, size…].
  public func callAsFunction(_ x: Tensor) -> Tensor { self(FeatureMaps(x)).tensor }
}

extension ConvolutionLayer where Axes == OneAxis {
  /// The convolution over time of each sequence by itself: what lies before its first step and after
  /// its last is zeros by `padding`, and no other sequence. Lengths change as sizes do. A sequence
  /// that with its padding is shorter than the window spans comes out empty, and so does an empty
  /// one.
  public func callAsFunction(_ x: Sequences) -> Sequences {
    precondition(
      x.featureCount == inputChannels,
      "Convolution1D: sequences of \(x.featureCount) features and weight \(filters.shape): "
        + "\(inputChannels) features expected")
    let window = settings.window
    return Sequences(
      values: x.values.convolvedRows(
        x.layout.tapTable(window), weight: weight, bias: bias, groups: groups),
      layout: x.layout.slid(by: window))
  }
}

extension ConvolutionLayer {
  /// Checks shapes of a given weight [a, b, kernel…] and bias.
  static func check(
    _ weight: Tensor, _ bias: Tensor?, outputs: Int, expected: String
  ) throws(ConvolutionError) {
    guard weight.rank == Axes.count + 2 else {
      throw ConvolutionError(
        "weight \(weight.shape) of a convolution over \(Axes.count) "
          + "\(Axes.count == 1 ? "axis" : "axes"): \(expected), kernel…] with "
          + "\(Axes.count + 2) axes expected")
    }
    guard bias.map({ $0.shape == [outputs] }) ?? true else {
      throw ConvolutionError(
        "bias \(bias?.shape ?? []) and weight \(weight.shape): a bias of shape [\(outputs)] "
          + "expected")
    }
  }
}
