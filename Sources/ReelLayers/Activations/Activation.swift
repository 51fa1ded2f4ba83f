import CReelKernels
import ReelTensor

/// A function of each value by itself, between layers.
public enum Activation: Sendable, Codable, Hashable {
  /// x itself.
  case identity
  /// max(x, 0) (Nair and Hinton 2010).
  case relu
  /// x for x > 0, slope·x elsewhere (Maas, Hannun and Ng 2013).
  case leakyReLU(slope: Float)
  /// Hyperbolic tangent.
  case tanh
  /// 1.7159·tanh(2x/3) (LeCun et al. 1998, appendix A): f(1) = 1 and f(−1) = −1.
  case scaledTanh
  /// 1 / (1 + e⁻ˣ).
  case sigmoid
  /// x for x > 0, alpha·(eˣ − 1) elsewhere (Clevert, Unterthiner and Hochreiter 2016).
  case elu(alpha: Float)
  /// x·Φ(x), Φ the distribution of a standard normal number (Hendrycks and Gimpel 2016).
  case gelu
  /// ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), close to `gelu`.
  case geluTanh
  /// x / (1 + e⁻ˣ) (Elfwing, Uchibe and Doya 2018).
  case silu
  /// log(1 + eˣ).
  case softplus

  public func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .identity: x
    case .relu: x.relu()
    case .leakyReLU(let slope): x.activated(Int32(REEL_LEAKY_RELU), slope)
    case .tanh: x.tanh()
    case .scaledTanh: x.activated(Int32(REEL_SCALED_TANH), 1.7159, 2.0 / 3)
    case .sigmoid: x.sigmoid()
    case .elu(let alpha): x.activated(Int32(REEL_ELU), alpha)
    case .gelu: x.activated(Int32(REEL_GELU))
    case .geluTanh: x.activated(Int32(REEL_GELU_TANH))
    case .silu: x.activated(Int32(REEL_SILU))
    case .softplus: x.activated(Int32(REEL_SOFTPLUS))
    }
  }

  public func callAsFunction(_ x: FeatureMaps) -> FeatureMaps {
    self == .identity ? x : x.mapPositions { self($0) }
  }
}
