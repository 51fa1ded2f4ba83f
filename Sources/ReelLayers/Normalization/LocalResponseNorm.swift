import ReelTensor

/// Local response normalization (Krizhevsky, Sutskever and Hinton 2012, section 3.3): each value is
/// damped by those of the channels beside its own, at the same position:
///
///     y[b, c, p] = x[b, c, p] · (k + alpha/size · Σ_j x[b, j, p]²)^−beta
///
/// over the channels j from c − ⌊size/2⌋ to c + ⌊(size − 1)/2⌋ that exist. This is PyTorch's (and
/// Caffe's) formula. The paper does not divide alpha by the size: its k = 2, n = 5, α = 10⁻⁴,
/// β = 0.75 are ``alexNet``, with alpha = 5·10⁻⁴ here.
///
/// Shapes: x, y [batch, channel, …] as ``FeatureMaps`` or as a tensor. No parameters.
public struct LocalResponseNorm: Sendable, Codable, Hashable {
  /// Channels in a window.
  public var size: Int
  public var alpha: Float
  public var beta: Float
  public var k: Float

  public init(size: Int = 5, alpha: Float = 1e-4, beta: Float = 0.75, k: Float = 1) {
    (self.size, self.alpha, self.beta, self.k) = (size, alpha, beta, k)
  }

  /// The constants of AlexNet's paper.
  public static let alexNet = LocalResponseNorm(size: 5, alpha: 5e-4, beta: 0.75, k: 2)

  public func callAsFunction(_ x: FeatureMaps) -> FeatureMaps { x.mapPositions { rows($0) } }

  /// The same of a tensor [batch, channel] or [batch, channel, size…].
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.rank == 2 ? rows(x) : self(FeatureMaps(x)).tensor
  }

  private func rows(_ x: Tensor) -> Tensor {
    precondition(
      size > 0 && k > 0 && alpha >= 0,
      "LocalResponseNorm: size \(size), alpha \(alpha), k \(k): size and k above 0 and an alpha "
        + "of at least 0 expected")
    return x.locallyNormalized(
      LocalResponse(
        before: size / 2, after: (size - 1) / 2, alpha: alpha / Float(size), beta: beta, bias: k))
  }
}
