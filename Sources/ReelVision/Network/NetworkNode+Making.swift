import ReelLayers
import ReelTensor

/// How weights begin.
struct WeightSettings {
  let classes: Int
  let initialization: Initialization

  /// Layers that score classes are no hidden layers.
  func initialization(for width: Width) -> Initialization {
    width == .classes ? .glorotUniform : initialization
  }
}

extension NetworkNode {
  init(
    _ planned: PlannedLayer, _ settings: WeightSettings,
    using generator: inout RandomGenerator
  ) throws(NetworkError) {
    (name, path) = (planned.name, planned.path)
    do throws(ConvolutionError) {
      kind = try Self.leaf(planned, settings, using: &generator) ?? .fixed(planned.layer)
    } catch {
      throw NetworkError(error.description).at(planned.path)
    }
    guard !planned.parts.isEmpty else { return }
    var parts: [[NetworkNode]] = []
    for part in planned.parts {
      parts.append(try Self.nodes(part, settings, using: &generator))
    }
    switch planned.layer {
    case .sequence: kind = .sequence(parts[0])
    case .residual(_, _, let scale, let then):
      kind = .residual(body: parts[0], shortcut: parts[1], scale: scale, then: then)
    case .branches: kind = .branches(parts)
    case .join(let name, _, let crop, let join):
      kind = .join(name, through: parts[0], crop: crop, by: join)
    case .auxiliary: kind = .auxiliary(parts[0])
    case .recurrent(_, let steps): kind = .recurrent(parts[0], steps: steps)
    default: break
    }
  }

  static func nodes(
    _ layers: [PlannedLayer], _ settings: WeightSettings,
    using generator: inout RandomGenerator
  ) throws(NetworkError) -> [NetworkNode] {
    var nodes: [NetworkNode] = []
    for layer in layers { nodes.append(try NetworkNode(layer, settings, using: &generator)) }
    return nodes
  }

  /// nil for a layer without parameters.
  private static func leaf(
    _ planned: PlannedLayer, _ settings: WeightSettings,
    using generator: inout RandomGenerator
  ) throws(ConvolutionError) -> Kind? {
    let (input, output) = (planned.input.channels, planned.output.channels)
    switch planned.layer {
    case .convolution(
      let width, let kernel, let stride, let padding, let dilation, let groups, let bias):
      return .convolution(
        try Convolution2D(
          input, output, kernel: kernel.sizes, stride: stride.sizes, dilation: dilation.sizes,
          padding: .both(padding.sizes), groups: groups, bias: bias,
          initialization: settings.initialization(for: width), using: &generator))

    case .transposedConvolution(
      let width, let kernel, let stride, let padding, let outputPadding, let bias, let bilinear):
      let weight =
        bilinear
        ? bilinearWeight(input, output, kernel)
        : settings.initialization(for: width).tensor(
          shape: [input, output] + kernel.sizes,
          fanIn: input * kernel.height * kernel.width,
          fanOut: output * kernel.height * kernel.width, using: &generator)
      return .transposedConvolution(
        try TransposedConvolution2D(
          weight: weight, bias: bias ? Tensor(zeros: [output]) : nil, stride: stride.sizes,
          padding: .both(padding.sizes), outputPadding: outputPadding.sizes))

    case .tableConvolution(let table, let kernel):
      return .tableConvolution(
        try TableConvolution2D(
          table, kernel: kernel.sizes,
          initialization: settings.initialization, using: &generator))

    case .linear(let width, let bias):
      return .linear(
        Linear(
          input, output, bias: bias, initialization: settings.initialization(for: width),
          using: &generator))

    case .radialBasis: return .radialBasis(RadialBasis(input, output, using: &generator))
    case .batchNorm(let epsilon): return .batchNorm(BatchNorm(input, epsilon: epsilon))
    case .subsampling(let window):
      return .subsampling(SubsamplingLayer(input, window: window))
    case .parametricReLU(let perChannel):
      return .parametricReLU(PReLU(channels: perChannel ? input : 1))
    default: return nil
    }
  }

  /// Weights [in, out, height, width] that enlarge each channel by itself by bilinear interpolation:
  /// w[i, i, y, x] = (1 − |y/f − c|)·(1 − |x/f − c|) with f = ⌈k/2⌉, c = (2f − 1 − f mod 2)/(2f)
  /// on each axis.
  private static func bilinearWeight(_ input: Int, _ output: Int, _ kernel: Extent) -> Tensor {
    func factors(_ length: Int) -> [Float] {
      let half = Float((length + 1) / 2)
      let center = length % 2 == 1 ? half - 1 : half - 0.5
      return (0..<length).map { 1 - abs(Float($0) - center) / half }
    }
    let (rows, columns) = (factors(kernel.height), factors(kernel.width))
    var values = [Float](
      repeating: 0, count: input * output * kernel.height * kernel.width)
    for channel in 0..<min(input, output) {
      let start = (channel * output + channel) * kernel.height * kernel.width
      for row in 0..<kernel.height {
        for column in 0..<kernel.width {
          values[start + row * kernel.width + column] = rows[row] * columns[column]
        }
      }
    }
    return Tensor(shape: [input, output] + kernel.sizes, values: values)
  }
}
