import ReelLayers
import ReelSequence
import ReelTensor

/// The network of a recurrent language model: token → embedding (or one-hot row) → recurrent
/// layers → scores of the next token.
///
/// Shapes: tokens [batch, time] → logits [batch, time, vocabulary]; `embedding.weight`
/// [vocabulary, embedding], `recurrent.…` as in ``Recurrent``, `head.weight` [vocabulary, hidden].
public struct LanguageModelNetwork: Module {
  var embedding: Embedding?
  var recurrent: RecurrentNetwork
  var head: Linear
  let dropout: Dropout
  public let vocabularySize: Int

  public init(
    _ configuration: LanguageModelConfiguration, vocabularySize: Int,
    using generator: inout RandomGenerator
  ) {
    let c = configuration
    self.vocabularySize = vocabularySize
    embedding =
      c.embeddingSize > 0
      ? Embedding(vocabulary: vocabularySize, dimension: c.embeddingSize, using: &generator) : nil
    recurrent = RecurrentNetwork(
      c.cell,
      RecurrentConfiguration(
        inputSize: c.embeddingSize > 0 ? c.embeddingSize : vocabularySize,
        hiddenSize: c.hiddenSize, layers: c.layers, dropout: c.dropout,
        recurrentDropout: c.recurrentDropout), using: &generator)
    head = Linear(c.hiddenSize, vocabularySize, using: &generator)
    dropout = Dropout(c.dropout)
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("embedding", &embedding)
    visitor.visit("recurrent", &recurrent)
    visitor.visit("head", &head)
  }

  /// Scores of the token after each token; with a generator, dropout is on.
  public func callAsFunction(
    _ tokens: TokenSequences, state: RecurrentNetwork.State? = nil,
    using generator: inout RandomGenerator?
  ) -> (logits: Sequences, state: RecurrentNetwork.State) {
    let input: RecurrentNetwork.Input =
      if let embedding { .embedded(tokens, embedding) } else { .oneHot(tokens) }
    let (output, state) = recurrent(input, state: state, using: &generator)
    return (head(dropout(output, using: &generator)), state)
  }

  /// The network made ready to generate token by token.
  public func stepper(state: RecurrentNetwork.State? = nil) -> TokenStepper {
    TokenStepper(embedding: embedding, recurrent: recurrent, head: head, state: state)
  }

  /// Names of the state's components, for example `hidden` and `cell`.
  public var stateNames: [String] { recurrent.stateNames }

  /// Scores for prediction: no dropout.
  public func callAsFunction(
    _ tokens: TokenSequences, state: RecurrentNetwork.State? = nil
  ) -> (logits: Sequences, state: RecurrentNetwork.State) {
    var none: RandomGenerator?
    return self(tokens, state: state, using: &none)
  }
}
