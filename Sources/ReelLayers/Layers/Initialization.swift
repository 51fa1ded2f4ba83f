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
  /// N(0, deviation²), cut off at two deviations.
  case truncatedNormal(deviation: Float)
  /// U(−b, b), b = factor / fan in; the factor of LeNet-5 is 2.4 (LeCun et al. 1998, section 4.6 of
  /// "Efficient BackProp" gives the reasons).
  case uniformByFanIn(factor: Float)
  /// Mean 0 and variance scale/fan: the family that the schemes with names belong to.
  case scaled(Float, fan: Fan, distribution: Distribution)
  /// One value everywhere.
  case constant(Float)

  /// What a variance is divided by.
  public enum Fan: String, Sendable, Codable, Hashable, CaseIterable {
    /// The number of inputs that one output sees: keeps the size of values on their way forward.
    case input
    /// The number of outputs that one input reaches: keeps the size of gradients on their way back.
    case output
    /// The mean of both.
    case average
  }

  public enum Distribution: String, Sendable, Codable, Hashable, CaseIterable {
    case normal
    /// Cut off at two deviations; made wider beforehand so that the variance is as asked for.
    case truncatedNormal
    case uniform
  }

  /// U(−b, b), b = √(6 / fan in) (He et al. 2015).
  public static let heUniform = Initialization.scaled(2, fan: .input, distribution: .uniform)
  /// N(0, 2 / fan out), as residual networks are begun with (He et al. 2016).
  public static let heNormalByOutput = Initialization.scaled(
    2, fan: .output, distribution: .normal)
  /// N(0, 2 / (fan in + fan out)) (Glorot and Bengio 2010).
  public static let glorotNormal = Initialization.scaled(
    1, fan: .average, distribution: .normal)
  /// U(−b, b), b = √(3 / fan in) (LeCun et al. 1998).
  public static let lecunUniform = Initialization.scaled(1, fan: .input, distribution: .uniform)
  /// U(−b, b), b = 1/√(fan in): what PyTorch begins linear and convolutional layers with.
  public static let uniformByRootOfFanIn = Initialization.scaled(
    1 / 3, fan: .input, distribution: .uniform)

  @TaskLocal private static var isLeftOut = false

  /// Runs `body` with zeros in place of what an `Initialization` would draw: for a model whose weights
  /// are loaded next.
  package static func leftOut<R>(_ body: () throws -> R) rethrows -> R {
    try $isLeftOut.withValue(true, operation: body)
  }

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
    if Self.isLeftOut { return Tensor(zeros: shape) }
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
      let orthonormal = generator.normal(shape: [min(rows, columns), max(rows, columns)])
        .orthonormalizedRows()
      return (rows <= columns ? orthonormal : orthonormal.transposed()).reshaped(shape)
    case .truncatedNormal(let deviation):
      return truncatedNormal(shape, deviation, using: &generator)
    case .uniformByFanIn(let factor):
      let bound = factor / Float(max(fanIn, 1))
      return generator.uniform(shape: shape, in: -bound...bound)
    case .scaled(let scale, let fan, let distribution):
      let divisor: Float
      switch fan {
      case .input: divisor = Float(max(fanIn, 1))
      case .output: divisor = Float(max(fanOut, 1))
      case .average: divisor = Float(max(fanIn + fanOut, 1)) / 2
      }
      let deviation = (scale / divisor).squareRoot()
      switch distribution {
      case .normal: return generator.normal(shape: shape, deviation: deviation)
      case .truncatedNormal:
        return truncatedNormal(shape, deviation / Self.truncatedDeviation, using: &generator)
      case .uniform:
        let bound = deviation * Float(3).squareRoot()
        return generator.uniform(shape: shape, in: -bound...bound)
      }
    case .constant(let value):
      return Tensor(repeating: value, shape: shape)
    }
  }

  /// The deviation of a standard normal number that is cut off at ±2:
  /// √(1 − 4·φ(2)/(2·Φ(2) − 1)), φ and Φ its density and distribution.
  private static let truncatedDeviation: Float = 0.879_625_66

  /// Numbers beyond two deviations are drawn again, in their order, until none is left.
  private func truncatedNormal(
    _ shape: [Int], _ deviation: Float, using generator: inout RandomGenerator
  ) -> Tensor {
    var result = generator.normal(shape: shape, deviation: deviation)
    let limit = 2 * abs(deviation)
    var outside = result.withUnsafeValues { values in
      values.indices.filter { abs(values[$0]) > limit }
    }
    while !outside.isEmpty {
      let again = generator.normal(shape: [outside.count], deviation: deviation).values
      result.withUnsafeMutableValues { values in
        for (place, value) in zip(outside, again) { values[place] = value }
      }
      outside = zip(outside, again).filter { abs($0.1) > limit }.map(\.0)
    }
    return result
  }
}
