import ReelTensor

/// A learned vector for each token id: row lookup in a table.
///
/// Shapes: ids [n] → [n, dimension]; `weight` [vocabulary, dimension]. The gradient holds only the
/// rows that were used, and an optimizer step touches only those.
public struct Embedding: Module {
  public var weight: Tensor

  /// Weights N(0, 1) as in PyTorch, or by another initialization.
  public init(
    vocabulary: Int, dimension: Int, initialization: Initialization = .normal(deviation: 1),
    using generator: inout RandomGenerator
  ) {
    precondition(
      vocabulary > 0 && dimension > 0,
      "Embedding(vocabulary: \(vocabulary), dimension: \(dimension)): sizes must be positive")
    weight = initialization.matrix(out: vocabulary, in: dimension, using: &generator)
  }

  /// A given table [vocabulary, dimension].
  public init(weight: Tensor) {
    precondition(
      weight.rank == 2,
      "Embedding(weight:): shape \(weight.shape), [vocabulary, dimension] expected")
    self.weight = weight
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("weight", &weight)
  }

  /// One row for each id; a negative id gives zeros.
  public func callAsFunction(_ ids: [Int32]) -> Tensor { weight.gatheredRows(ids) }
}
