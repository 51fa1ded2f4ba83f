import ReelLayers
import ReelSequence
import ReelTensor

/// A whole sequence in, one row of numbers out: (token → embedding, or vectors as they are) →
/// recurrent layers or a TCN → pooling → linear head.
///
/// Shapes: [batch, time] or [batch, time, feature] → [batch, outputs]; `embedding.weight`
/// [vocabulary, embedding] (text alone), `encoder.…` as in ``ReelSequence/Recurrent`` or
/// ``ReelSequence/TCN``, `pooling.attention.…` (that pooling alone), `head.weight` [outputs, D·H],
/// `head.bias` [outputs].
///
/// With a generator, dropout is on: words become the unknown word, values of the encoder's input
/// and of the pooled vector become 0.
public struct PooledNetwork: Module {
  public internal(set) var embedding: Embedding?
  var encoder: SequenceEncoder
  var pooling: PoolingLayer
  var head: Linear
  let inputDropout: Dropout
  let dropout: Dropout
  let wordDropout: Float

  init(
    embedding: Embedding?, inputSize: Int, outputs: Int, encoder: EncoderConfiguration,
    pooling: Pooling, attentionSize: Int, inputDropout: Float, dropout: Float,
    wordDropout: Float = 0, using generator: inout RandomGenerator
  ) {
    self.embedding = embedding
    self.encoder = encoder.network(inputSize: inputSize, using: &generator)
    self.pooling = PoolingLayer(
      pooling, features: encoder.outputSize, directions: encoder.featureDirections,
      attentionSize: attentionSize, using: &generator)
    head = Linear(encoder.outputSize, outputs, using: &generator)
    self.inputDropout = Dropout(inputDropout)
    self.dropout = Dropout(dropout)
    self.wordDropout = wordDropout
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("embedding", &embedding)
    visitor.visit("encoder", &encoder)
    visitor.visit("pooling", &pooling)
    visitor.visit("head", &head)
  }

  /// The outputs for texts, [batch, outputs].
  ///
  /// - Parameter unknown: the id of the unknown word, which dropped words become.
  public func callAsFunction(
    _ tokens: [[Int32]], unknown: Int32?, using generator: inout RandomGenerator?
  ) -> Tensor {
    guard let embedding else {
      preconditionFailure("PooledNetwork: tokens came, a network without embedding reads vectors")
    }
    let tokens = TokenSequences(dropWords(tokens, unknown: unknown, using: &generator))
    guard inputDropout.probability > 0, generator != nil else {
      return answer(.embedded(tokens, embedding), using: &generator)
    }
    return answer(.vectors(inputDropout(embedding(tokens), using: &generator)), using: &generator)
  }

  /// The outputs for sequences of vectors, [batch, outputs].
  public func callAsFunction(
    _ vectors: Sequences, using generator: inout RandomGenerator?
  ) -> Tensor {
    answer(.vectors(inputDropout(vectors, using: &generator)), using: &generator)
  }

  private func answer(
    _ input: SequenceInput, using generator: inout RandomGenerator?
  ) -> Tensor {
    let pooled =
      pooling.kind == .finalStates
      ? encoder.finalStates(of: input, pooling.directions, using: &generator)
      : pooling(encoder.output(of: input, using: &generator))
    return head(dropout(pooled, using: &generator))
  }

  /// Each word becomes the unknown word with the probability of the configuration.
  private func dropWords(
    _ tokens: [[Int32]], unknown: Int32?, using generator: inout RandomGenerator?
  ) -> [[Int32]] {
    guard wordDropout > 0, let unknown, var random = generator else { return tokens }
    defer { generator = random }
    return tokens.map { $0.map { random.uniform() < wordDropout ? unknown : $0 } }
  }
}
