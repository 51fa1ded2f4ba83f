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
    tensor(shape: [out, input], fanIn: input, fanOut: out, using: &generator)
  }

  /// A tensor of any shape of at least one axis; `orthogonal` takes it as a matrix
  /// [first axis, all others].
  ///
  /// - Parameters:
  ///   - fanIn: the number of inputs that one output sees.
  ///   - fanOut: the number of outputs that one input reaches.
  public func tensor(
    shape: [Int], fanIn: Int, fanOut: Int, using generator: inout RandomGenerator
  ) -> Tensor {
    switch self {
    case .glorotUniform:
      let bound = (6 / Float(max(fanIn + fanOut, 1))).squareRoot()
      return generator.uniform(shape: shape, in: -bound...bound)
    case .heNormal:
      return generator.normal(shape: shape, deviation: (2 / Float(max(fanIn, 1))).squareRoot())
    case .lecunNormal:
      return generator.normal(shape: shape, deviation: (1 / Float(max(fanIn, 1))).squareRoot())
    case .uniform(let bound):
      return generator.uniform(shape: shape, in: -bound...bound)
    case .normal(let deviation):
      return generator.normal(shape: shape, deviation: deviation)
    case .orthogonal:
      let (rows, columns) = (shape[0], shape[1...].reduce(1, *))
      let normal = generator.normal(shape: [min(rows, columns), max(rows, columns)])
      let orthonormal = normal.orthonormalizedRows()
      return (rows <= columns ? orthonormal : orthonormal.transposed()).reshaped(shape)
    }
  }
}
