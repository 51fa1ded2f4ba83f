import ReelLayers
import ReelSequence
import ReelTensor

/// The network of a language model: token → embedding (or one-hot row) → encoder (recurrent
/// layers or a TCN) → scores of the next token.
///
/// Shapes: tokens [batch, time] → logits [batch, time, vocabulary]; `embedding.weight`
/// [vocabulary, embedding], `recurrent.…` as in ``Recurrent`` or `tcn.…` as in ``TCN``,
/// `head.weight` [vocabulary, hidden] and `head.bias`. With tied weights there is no `head.weight`:
/// the head multiplies with the embedding's, behind `head.projection` [embedding, hidden] where the sizes differ.
public struct LanguageModelNetwork: Module {
  var embedding: Embedding?
  var encoder: SequenceEncoder
  var head: LanguageModelHead
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
      ? Embedding(
        vocabulary: vocabularySize, dimension: c.embeddingSize,
        // Scores with vectors of about unit length start at about unit size.
        initialization: c.tiesWeights ? .lecunNormal : .normal(deviation: 1), using: &generator)
      : nil
    encoder = c.encoder.network(
      inputSize: c.embeddingSize > 0 ? c.embeddingSize : vocabularySize, using: &generator)
    let features = encoder.outputSize
    if c.tiesWeights, let embedding {
      head = .tied(TiedLinear(features, embedding: embedding, using: &generator))
    } else {
      head = .own(Linear(features, vocabularySize, using: &generator))
    }
    dropout = Dropout(c.dropout)
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("embedding", &embedding)
    visitor.visit(encoder.name, &encoder)
    visitor.visit("head", &head)
  }

  /// Scores of the token after each token; with a generator, dropout is on.
  public func callAsFunction(
    _ tokens: TokenSequences, state: SequenceEncoder.State? = nil,
    using generator: inout RandomGenerator?
  ) -> (logits: Sequences, state: SequenceEncoder.State) {
    let input: SequenceInput =
      if let embedding { .embedded(tokens, embedding) } else { .oneHot(tokens) }
    let (output, state) = encoder(input, state: state, using: &generator)
    return (head(dropout(output, using: &generator), embedding: embedding), state)
  }

  /// The network made ready to generate token by token.
  public func stepper(state: SequenceEncoder.State? = nil) -> TokenStepper {
    switch (head, embedding) {
    case (.own(let head), _):
      return TokenStepper(embedding: embedding, encoder: encoder, head: head, state: state)
    case (.tied(let head), let embedding?):
      return TokenStepper(
        embedding: embedding, encoder: encoder, tiedHead: head, state: state)
    case (.tied, nil): LanguageModelHead.missingEmbedding()
    }
  }

  /// Names of the state's components, for example `hidden` and `cell`.
  public var stateNames: [String] { encoder.stateNames }

  /// Scores for prediction: no dropout.
  public func callAsFunction(
    _ tokens: TokenSequences, state: SequenceEncoder.State? = nil
  ) -> (logits: Sequences, state: SequenceEncoder.State) {
    var none: RandomGenerator?
    return self(tokens, state: state, using: &none)
  }
}
