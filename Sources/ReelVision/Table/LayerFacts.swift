import ReelLayers

/// What a table says about a layer apart from its shapes.
struct LayerFacts {
  var kind: String
  var kernel: Extent?
  var stride: Extent?
  var padding: Extent?
}

extension LayerDescription {
  /// nil for a layer that only holds or keeps others: it has no row.
  var facts: LayerFacts? {
    switch self {
    case .convolution(_, let kernel, let stride, let padding, let dilation, let groups, _):
      let kind =
        "convolution" + (groups > 1 ? ", \(groups) groups" : "")
        + (dilation != 1 ? ", dilation \(dilation)" : "")
      return LayerFacts(kind: kind, kernel: kernel, stride: stride, padding: padding)
    case .transposedConvolution(_, let kernel, let stride, let padding, _, _, _):
      return LayerFacts(
        kind: "transposed convolution", kernel: kernel, stride: stride, padding: padding)
    case .tableConvolution(_, let kernel):
      return LayerFacts(
        kind: "convolution by table", kernel: kernel, stride: 1, padding: 0)
    case .linear: return LayerFacts(kind: "linear")
    case .radialBasis: return LayerFacts(kind: "radial basis")
    case .batchNorm: return LayerFacts(kind: "batch normalization")
    case .subsampling(let window):
      let window = Extent(window, window)
      return LayerFacts(kind: "subsampling", kernel: window, stride: window, padding: 0)
    case .parametricReLU: return LayerFacts(kind: "parametric ReLU")
    case .localResponseNorm: return LayerFacts(kind: "local response normalization")
    case .activation(let activation): return LayerFacts(kind: activation.words)
    case .maxPooling(let window, let stride, let padding, _):
      return LayerFacts(
        kind: "max pooling", kernel: window, stride: stride ?? window, padding: padding)
    case .averagePooling(let window, let stride, let padding, _, _):
      return LayerFacts(
        kind: "average pooling", kernel: window, stride: stride ?? window, padding: padding)
    case .adaptiveAveragePooling: return LayerFacts(kind: "adaptive average pooling")
    case .globalAveragePooling: return LayerFacts(kind: "global average pooling")
    case .upsampling(let scale, let interpolation):
      return LayerFacts(kind: "up-sampling \(scale) times, \(interpolation.rawValue)")
    case .padding: return LayerFacts(kind: "zeros around")
    case .flatten: return LayerFacts(kind: "flatten")
    case .dropout(let probability): return LayerFacts(kind: "dropout \(probability)")
    case .spatialDropout(let probability):
      return LayerFacts(kind: "spatial dropout \(probability)")
    case .widening(_, let stride):
      return LayerFacts(kind: "zero channels beside", kernel: 1, stride: stride, padding: 0)
    case .residual(_, _, let scale, let then):
      let sum = scale == 1 ? "residual sum" : "residual sum, scale \(scale)"
      return LayerFacts(kind: sum + (then.map { ", \($0.words)" } ?? ""))
    case .branches: return LayerFacts(kind: "concatenation")
    case .join(let name, _, _, let join):
      return LayerFacts(kind: "\(join.rawValue) with \(name)")
    case .crop(let name, _): return LayerFacts(kind: "crop to the size of \(name)")
    case .recurrent(_, let steps): return LayerFacts(kind: "\(steps) times the above")
    case .sequence, .save, .auxiliary: return nil
    }
  }
}

extension Activation {
  var words: String {
    switch self {
    case .relu: "ReLU"
    case .leakyReLU(let slope): "leaky ReLU \(slope)"
    case .tanh: "tanh"
    case .scaledTanh: "scaled tanh"
    case .sigmoid: "sigmoid"
    case .elu(let alpha): "ELU \(alpha)"
    case .gelu: "GELU"
    case .geluTanh: "GELU by tanh"
    case .silu: "SiLU"
    case .softplus: "softplus"
    case .identity: "identity"
    }
  }
}
