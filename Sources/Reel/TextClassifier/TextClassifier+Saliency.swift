import ReelLayers
import ReelSequence
import ReelTensor
import ReelText

extension TextClassifier {
  /// How strongly one token pulls at the answer.
  public struct Saliency: Sendable, Equatable {
    public let token: String
    /// The Euclidean norm of the gradient of the text's loss in the token's vector.
    public let norm: Double
  }

  /// For each text its tokens, each with ‖∂L/∂v‖: L is the cross-entropy of the text's label, v the
  /// token's vector (Simonyan, Vedaldi and Zisserman 2014; for texts Li et al. 2016). Small norms
  /// far from where the answer is given are gradients that vanished on the way.
  ///
  /// - Throws: `TextError` where a label is none of the model's.
  public func saliency(of texts: [LabelledText]) throws -> [[Saliency]] {
    let examples = try texts.map(example)
    guard let embedding = network.embedding, !examples.isEmpty else { return texts.map { _ in [] } }
    let vectors = embedding(TokenSequences(examples.map(\.tokens)))
    let (_, gradients) = valueAndGradient(at: [vectors.values]) { watched in
      var none: RandomGenerator?
      let logits = network(
        Sequences(values: watched[0], layout: vectors.layout), using: &none)
      // The sum, so that the number of texts has no part in a norm.
      return crossEntropy(logits, examples.map(\.label)) * Float(examples.count)
    }
    let gradient = gradients[0]?.tensor ?? Tensor(zeros: vectors.values.shape)
    let norms = Sequences(
      values: gradient.squared().sum(axis: 1, keepingAxis: true).squareRoot(),
      layout: vectors.layout)
    return examples.enumerated().map { row, example in
      zip(example.tokens, norms[row].values).map { id, norm in
        Saliency(token: tokenizer.decode([id]), norm: Double(norm))
      }
    }
  }
}
