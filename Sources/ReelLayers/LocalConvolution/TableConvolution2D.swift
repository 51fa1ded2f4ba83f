import ReelTensor

/// A convolution over height and width in which each output channel sees only some of the input
/// channels, as layer C3 of LeNet-5 does (LeCun, Bottou, Bengio and Haffner 1998):
///
///     y[b, o, p] = bias[o] + Σ_{c seen by o} Σ_j weight[n(o, c), j] · x[b, c, s(p, j)],
///     s(p, j) = p·stride + j·dilation − before
///
/// n(o, c) counts the connected pairs, outputs first. Only weights that exist are parameters: C3
/// has 60·25 + 16 = 1,516.
///
/// Shapes: x [batch, in, height, width], y [batch, out, height, width] as ``FeatureMaps`` or as a
/// tensor; `weight` [connections, kernel height, kernel width], `bias` [out] or none.
public struct TableConvolution2D: Module {
  public var weight: Tensor
  public var bias: Tensor?
  public let table: ConnectionTable
  let settings: ConvolutionSettings<TwoAxes>

  /// Weights by `initialization`, each output channel's by what it sees; bias 0.
  ///
  /// - Throws: `ConvolutionError` for sizes that make no convolution.
  public init(
    _ table: ConnectionTable, kernel: [Int], stride: [Int]? = nil, dilation: [Int]? = nil,
    padding: ConvolutionPadding = .valid, bias: Bool = true,
    initialization: Initialization = .glorotUniform, using generator: inout RandomGenerator
  ) throws(ConvolutionError) {
    settings = try ConvolutionSettings(
      kernel: kernel, stride: stride, dilation: dilation, padding: padding, groups: 1,
      inputChannels: table.inputs, outputChannels: table.outputs)
    self.table = table
    // An input reaches, on average, so many outputs.
    let fanOut = table.count * settings.taps / table.inputs
    var parts: [Tensor] = []
    for seen in table.inputsOfOutputs {
      parts.append(
        initialization.tensor(
          shape: [seen.count] + kernel, fanIn: seen.count * settings.taps, fanOut: fanOut,
          using: &generator))
    }
    weight = .concatenated(parts)
    self.bias = bias ? Tensor(zeros: [table.outputs]) : nil
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("weight", &weight)
    visitor.visit("bias", &bias)
  }

  /// The weight as a convolution has it, [out, in, kernel…], with zeros where nothing is connected.
  public var denseWeight: Tensor {
    let rows = table.inputsOfOutputs.enumerated().flatMap { output, seen in
      seen.map { Int32(truncatingIfNeeded: output * table.inputs + $0) }
    }
    return weight.reshaped([table.count, settings.taps])
      .scatteredRows(to: rows, rows: table.outputs * table.inputs)
      .reshaped([table.outputs, table.inputs] + settings.kernel)
  }

  /// The size that comes out for maps of `size`.
  ///
  /// - Throws: `ConvolutionError` where the kernel is larger than the padded input.
  public func outputSize(_ size: [Int]) throws(ConvolutionError) -> [Int] {
    try settings.geometry(size).output
  }

  public func callAsFunction(_ x: FeatureMaps) -> FeatureMaps {
    let geometry: ConvolutionGeometry
    do {
      try settings.check(
        x.shape, channels: table.inputs, weight: [table.outputs, table.inputs] + settings.kernel)
      geometry = try settings.geometry(x.size)
    } catch {
      preconditionFailure("TableConvolution2D of maps of shape \(x.shape): \(error)")
    }
    // A dense product with zeros is faster than many small ones.
    return FeatureMaps(
      values: x.values.convolvedRows(TapTable(geometry), weight: denseWeight, bias: bias),
      batch: x.batch, size: geometry.output)
  }

  /// The same of a tensor [batch, in, height, width].
  public func callAsFunction(_ x: Tensor) -> Tensor { self(FeatureMaps(x)).tensor }
}
