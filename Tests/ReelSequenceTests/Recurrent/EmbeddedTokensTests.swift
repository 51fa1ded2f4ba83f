import ReelLayers
import ReelSequence
import ReelTensor
import Testing

/// Tokens through an embedding, looked up after the projection, equal the vectors of the embedding
/// going through it one by one: outputs, states and every gradient.
@Suite struct EmbeddedTokensTests {
  private struct Model: Module {
    var embedding: Embedding
    var recurrent: RecurrentNetwork

    mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
      visitor.visit("embedding", &embedding)
      visitor.visit("recurrent", &recurrent)
    }
  }

  private func loss(
    _ model: Model, _ input: SequenceInput
  ) -> (Tensor, Tensor) {
    var none: RandomGenerator?
    let (output, state) = model.recurrent(input, using: &none)
    let padded = output.padded()
    let states = state.map { $0.squared().sum() }.reduce(Tensor(0), +)
    return ((padded * padded.tanh()).sum() + states, padded)
  }

  @Test(arguments: RecurrentCellKind.allCases, RecurrentDirections.allCases)
  func lookupEqualsProjection(_ kind: RecurrentCellKind, _ directions: RecurrentDirections) {
    var generator = RandomGenerator(seed: 11)
    var model = Model(
      embedding: Embedding(vocabulary: 9, dimension: 5, using: &generator),
      recurrent: RecurrentNetwork(
        kind,
        RecurrentConfiguration(
          inputSize: 5, hiddenSize: 6, layers: 2, directions: directions), using: &generator))
    model.updateParameters { _, parameter in
      parameter = generator.uniform(shape: parameter.shape, in: -0.7...0.7)
    }
    // Token 4 never occurs; −1 is nothing; 18 steps of at most 6 tokens are looked up.
    let rows: [[Int32]] = [[0, 1, 0, 3, 8, 0, 1], [], [8, 8, 3], [1, 0, -1, 3, 0, 8, 1, 2]]
    let tokens = TokenSequences(rows)
    let expected = valueAndGradient(of: model) { model in
      loss(model, .vectors(model.embedding(tokens)))
    }
    let came = valueAndGradient(of: model) { model in
      loss(model, .embedded(tokens, model.embedding))
    }
    #expect(difference(came.value, expected.value) < 1e-5)
    #expect(difference(came.extra, expected.extra) < 1e-5)
    for (a, b) in zip(came.gradients.entries, expected.gradients.entries) {
      guard let x = a.gradient, let y = b.gradient else {
        #expect(a.gradient == nil && b.gradient == nil, "\(a.path)")
        continue
      }
      #expect(difference(x.tensor, y.tensor) < 1e-4, "\(a.path)")
    }
    // Only the rows that were used, whichever way was taken.
    guard case .rows(let sparse) = came.gradients["embedding.weight"] else {
      Issue.record("the embedding's gradient is not row-sparse")
      return
    }
    #expect(sparse.indices == [0, 1, 2, 3, 8])
  }

  /// The largest difference, relative to values above 1.
  private func difference(_ a: Tensor, _ b: Tensor) -> Float {
    guard a.shape == b.shape else { return .infinity }
    return zip(a.values, b.values).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 0
  }
}
