import ReelTensor

/// An affine map of the last axis: y = x·Wᵀ + b.
///
/// Shapes: x [..., in], y [..., out]; `weight` [out, in], `bias` [out] or none.
public struct Linear: Module {
  public var weight: Tensor
  public var bias: Tensor?

  /// Weights by `initialization`, bias 0.
  public init(
    _ input: Int, _ output: Int, bias: Bool = true,
    initialization: Initialization = .glorotUniform, using generator: inout RandomGenerator
  ) {
    precondition(input > 0 && output > 0, "Linear(\(input), \(output)): sizes must be positive")
    weight = initialization.matrix(out: output, in: input, using: &generator)
    self.bias = bias ? Tensor(zeros: [output]) : nil
  }

  /// A map with given weights [out, in] and a bias [out] or none.
  public init(weight: Tensor, bias: Tensor?) {
    precondition(
      weight.rank == 2 && bias.map { $0.shape == [weight.shape[0]] } ?? true,
      "Linear: weight of shape \(weight.shape) and bias of shape \(bias?.shape ?? []), [out, in] and "
        + "[out] are expected")
    self.weight = weight
    self.bias = bias
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("weight", &weight)
    visitor.visit("bias", &bias)
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.affineMap(weight: weight, bias: bias)
  }

  /// The affine map of one-hot rows x [n, in] → [n, out]: row i is column ids[i] of `weight`, plus
  /// the bias. The same result and gradient as `self(x.dense)`, but looked up: the cost does not
  /// grow with the width of the rows, up to the memory of the weight's gradient.
  public func callAsFunction(_ x: OneHot) -> Tensor {
    x.affineMap(weight: weight, bias: bias)
  }
}
