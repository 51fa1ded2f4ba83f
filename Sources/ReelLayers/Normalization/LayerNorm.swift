import ReelTensor

/// Layer normalization over the last axis (Ba, Kiros and Hinton 2016):
/// y = (x − μ) / √(σ² + ε) ⊙ weight + bias, with mean μ and variance σ² (divided by n) of each row.
///
/// Shapes: x, y [..., size]; `weight`, `bias` [size].
public struct LayerNorm: Module {
  public var weight: Tensor
  public var bias: Tensor
  public let epsilon: Float

  public init(_ size: Int, epsilon: Float = 1e-5) {
    precondition(size > 0, "LayerNorm(\(size)): the size must be positive")
    weight = Tensor(repeating: 1, shape: [size])
    bias = Tensor(zeros: [size])
    self.epsilon = epsilon
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("weight", &weight)
    visitor.visit("bias", &bias)
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.layerNormalized(gain: weight, bias: bias, epsilon: epsilon)
  }
}
