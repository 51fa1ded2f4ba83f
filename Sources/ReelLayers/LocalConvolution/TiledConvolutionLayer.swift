import ReelTensor

/// A tiled convolution over one axis.
public typealias TiledConvolution1D = TiledConvolutionLayer<OneAxis>
/// A tiled convolution over height and width.
public typealias TiledConvolution2D = TiledConvolutionLayer<TwoAxes>

/// A convolution whose kernels repeat like tiles (Gregor and LeCun 2010; Ngiam et al. 2010): output
/// position p is computed with the kernels of place p mod tile.
///
///     y[b, o, p] = bias[t, o] + Σ_c Σ_j weight[t, o, c, j] · x[b, c, s(p, j)],
///     t = p mod tile, s(p, j) = p·stride + j·dilation − before on each axis
///
/// A tile of 1 is a convolution, a tile as large as the output a locally connected layer.
///
/// Shapes: x [batch, in, size…], y [batch, out, size…] as ``FeatureMaps`` or as a tensor; `weight`
/// [tile…, out, in, kernel…], `bias` [tile…, out] or none.
public struct TiledConvolutionLayer<Axes: ConvolutionAxes>: Module {
  public var weight: Tensor
  public var bias: Tensor?
  public let tile: [Int]
  let settings: ConvolutionSettings<Axes>

  /// Weights by `initialization`, bias 0.
  ///
  /// - Throws: `ConvolutionError` for sizes that make no convolution.
  public init(
    _ input: Int, _ output: Int, tile: [Int], kernel: [Int], stride: [Int]? = nil,
    dilation: [Int]? = nil, padding: ConvolutionPadding = .valid, bias: Bool = true,
    initialization: Initialization = .glorotUniform, using generator: inout RandomGenerator
  ) throws(ConvolutionError) {
    settings = try ConvolutionSettings(
      kernel: kernel, stride: stride, dilation: dilation, padding: padding, groups: 1,
      inputChannels: input, outputChannels: output)
    guard tile.count == Axes.count, tile.allSatisfy({ $0 > 0 }) else {
      throw ConvolutionError(
        "tile \(tile): \(Axes.count) positive \(Axes.count == 1 ? "number" : "numbers") expected")
    }
    self.tile = tile
    weight = initialization.tensor(
      shape: tile + [output, input] + kernel, fanIn: input * settings.taps,
      fanOut: output * settings.taps, using: &generator)
    self.bias = bias ? Tensor(zeros: tile + [output]) : nil
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("weight", &weight)
    visitor.visit("bias", &bias)
  }

  public var outputChannels: Int { weight.shape[Axes.count] }
  public var inputChannels: Int { weight.shape[Axes.count + 1] }

  /// The size that comes out for maps of `size`.
  ///
  /// - Throws: `ConvolutionError` where the kernel is larger than the padded input.
  public func outputSize(_ size: [Int]) throws(ConvolutionError) -> [Int] {
    try settings.geometry(size).output
  }

  public func callAsFunction(_ x: FeatureMaps) -> FeatureMaps {
    precondition(
      x.channelCount == inputChannels && x.size.count == Axes.count,
      "TiledConvolution\(Axes.count)D: maps of shape \(x.shape) came, \(inputChannels) channels on "
        + "\(Axes.count) axes are expected")
    let output: [Int]
    do {
      output = try outputSize(x.size)
    } catch {
      preconditionFailure("TiledConvolution\(Axes.count)D: \(error)")
    }
    // The number of each position's kernel, row-major in the tile.
    let numbers = zip(output, tile).reduce([0]) { numbers, axis in
      numbers.flatMap { outer in (0..<axis.0).map { outer * axis.1 + $0 % axis.1 } }
    }
    return x.locallyConvolved(
      settings, weight: weight, bias: bias, kernels: tile.reduce(1, *), numbers: numbers)
  }

  /// The same of a tensor [batch, in, size…].
  public func callAsFunction(_ x: Tensor) -> Tensor { self(FeatureMaps(x)).tensor }
}
