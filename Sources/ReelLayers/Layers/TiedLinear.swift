import ReelTensor

/// An affine map to scores of the tokens whose weight is the table of an embedding (Press and Wolf
/// 2017; Inan, Khosravi and Socher 2017): a token is scored with the vector that stands for it as
/// input. With E the table [V, dimension]:
///
///     y = x·Eᵀ + b                 where x has `dimension` features
///     y = (x·Rᵀ)·Eᵀ + b            otherwise
///
/// Shapes: x [..., in], y [..., V]; `projection` R [dimension, in] or none, `bias` [V]. The table
/// stays the embedding's: it is passed in, counted and saved once, and its gradient is the sum of
/// both uses, the rows that were looked up and the whole table that scores.
public struct TiedLinear: Module {
  public var projection: Tensor?
  public var bias: Tensor

  /// Bias 0; the projection, where the sizes differ, by Glorot and Bengio 2010.
  public init(_ input: Int, embedding: Embedding, using generator: inout RandomGenerator) {
    precondition(input > 0, "TiedLinear(\(input)): the size must be positive")
    let (vocabulary, dimension) = (embedding.weight.shape[0], embedding.weight.shape[1])
    if input != dimension {
      projection = Initialization.glorotUniform.matrix(
        out: dimension, in: input, using: &generator)
    }
    bias = Tensor(zeros: [vocabulary])
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("projection", &projection)
    visitor.visit("bias", &bias)
  }

  /// The scores; `embedding` is the one that `init` was given, or what it has become in training.
  public func callAsFunction(_ x: Tensor, embedding: Embedding) -> Tensor {
    let projected = projection.map { x.affineMap(weight: $0, bias: nil) } ?? x
    return projected.affineMap(weight: embedding.weight, bias: bias)
  }
}
