import ReelTensor

/// A locally connected layer over one axis.
public typealias LocallyConnected1D = LocallyConnectedLayer<OneAxis>
/// A locally connected layer over height and width.
public typealias LocallyConnected2D = LocallyConnectedLayer<TwoAxes>

/// Like a convolution, but every position has weights of its own (LeCun 1989; Taigman et al. 2014):
///
///     y[b, o, p] = bias[p, o] + Σ_c Σ_j weight[p, o, c, j] · x[b, c, s(p, j)],
///     s(p, j) = p·stride + j·dilation − before
///
/// Letters: b item of the batch, o output channel, c input channel, p position of the output and j
/// of the kernel on each axis.
///
/// Shapes: x [batch, in, input size…], y [batch, out, output size…] as ``FeatureMaps`` or as a
/// tensor; `weight` [output size…, out, in, kernel…], `bias` [output size…, out] or none. The
/// input's size is fixed when the layer is made.
public struct LocallyConnectedLayer<Axes: ConvolutionAxes>: Module {
  public var weight: Tensor
  public var bias: Tensor?
  public let inputSize: [Int]
  public let outputSize: [Int]
  let settings: ConvolutionSettings<Axes>

  /// Weights by `initialization`, bias 0.
  ///
  /// - Parameter inputSize: the size of the maps that will come.
  /// - Throws: `ConvolutionError` for sizes that make no convolution.
  public init(
    _ input: Int, _ output: Int, inputSize: [Int], kernel: [Int], stride: [Int]? = nil,
    dilation: [Int]? = nil, padding: ConvolutionPadding = .valid, bias: Bool = true,
    initialization: Initialization = .glorotUniform, using generator: inout RandomGenerator
  ) throws(ConvolutionError) {
    settings = try ConvolutionSettings(
      kernel: kernel, stride: stride, dilation: dilation, padding: padding, groups: 1,
      inputChannels: input, outputChannels: output)
    self.inputSize = inputSize
    outputSize = try settings.geometry(inputSize).output
    weight = initialization.tensor(
      shape: outputSize + [output, input] + kernel, fanIn: input * settings.taps,
      fanOut: output * settings.taps, using: &generator)
    self.bias = bias ? Tensor(zeros: outputSize + [output]) : nil
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("weight", &weight)
    visitor.visit("bias", &bias)
  }

  public var outputChannels: Int { weight.shape[Axes.count] }
  public var inputChannels: Int { weight.shape[Axes.count + 1] }

  public func callAsFunction(_ x: FeatureMaps) -> FeatureMaps {
    precondition(
      x.channelCount == inputChannels && x.size == inputSize,
      "LocallyConnected\(Axes.count)D: maps of shape \(x.shape) came, [batch, \(inputChannels)] "
        + "and size \(inputSize) are expected")
    let positions = outputSize.reduce(1, *)
    return x.locallyConvolved(
      settings, weight: weight, bias: bias, kernels: positions, numbers: Array(0..<positions))
  }

  /// The same of a tensor [batch, in, size…].
  public func callAsFunction(_ x: Tensor) -> Tensor { self(FeatureMaps(x)).tensor }
}

extension FeatureMaps {
  /// A convolution with `kernels` kernels; that of output position p is number numbers[p].
  func locallyConvolved<Axes: ConvolutionAxes>(
    _ settings: ConvolutionSettings<Axes>, weight: Tensor, bias: Tensor?, kernels: Int,
    numbers: [Int]
  ) -> FeatureMaps {
    let geometry: ConvolutionGeometry
    do {
      geometry = try settings.geometry(size)
    } catch {
      preconditionFailure("local convolution of maps of shape \(shape): \(error)")
    }
    let outputs = weight.count / max(1, kernels * channelCount * settings.taps)
    return FeatureMaps(
      values: values.locallyConvolvedRows(
        TapTable(geometry), batch: batch,
        weight: weight.reshaped([kernels, outputs, channelCount, settings.taps]),
        bias: bias.map { $0.reshaped([kernels, outputs]) }, numbers: numbers),
      batch: batch, size: geometry.output)
  }
}
