import ReelTensor

/// How a weight gets its first values.
public enum Initialization: Sendable, Codable, Equatable {
  /// U(−b, b), b = √(6 / (fan in + fan out)) (Glorot and Bengio 2010, eq. 16).
  case glorotUniform
  /// N(0, 2 / fan in) (He et al. 2015, eq. 10).
  case heNormal
  /// N(0, 1 / fan in) (LeCun et al. 1998).
  case lecunNormal
  /// U(−b, b).
  case uniform(bound: Float)
  /// N(0, deviation²).
  case normal(deviation: Float)
  /// Orthonormal rows or columns, whichever are fewer, from the QR factors of a normal matrix
  /// (Saxe et al. 2014).
  case orthogonal

  /// A matrix [out, in].
  public func matrix(
    out: Int, in input: Int, using generator: inout RandomGenerator
  ) -> Tensor {
    let shape = [out, input]
    switch self {
    case .glorotUniform:
      let bound = (6 / Float(max(input + out, 1))).squareRoot()
      return generator.uniform(shape: shape, in: -bound...bound)
    case .heNormal:
      return generator.normal(shape: shape, deviation: (2 / Float(max(input, 1))).squareRoot())
    case .lecunNormal:
      return generator.normal(shape: shape, deviation: (1 / Float(max(input, 1))).squareRoot())
    case .uniform(let bound):
      return generator.uniform(shape: shape, in: -bound...bound)
    case .normal(let deviation):
      return generator.normal(shape: shape, deviation: deviation)
    case .orthogonal:
      let normal = generator.normal(shape: [min(out, input), max(out, input)])
      let rows = normal.orthonormalizedRows()
      return out <= input ? rows : rows.transposed()
    }
  }
}
