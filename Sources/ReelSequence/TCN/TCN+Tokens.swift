import ReelLayers
import ReelTensor

extension TCN {
  /// Reads one-hot tokens: the network's input size is the number of classes. A negative id is a
  /// row of zeros.
  public func callAsFunction(
    oneHot tokens: TokenSequences, state: State? = nil, using generator: inout RandomGenerator?
  ) -> (output: Sequences, state: State) {
    self(tokens.oneHot(classes: configuration.inputSize), state: state, using: &generator)
  }

  /// Reads one-hot tokens for prediction: no dropout.
  public func callAsFunction(
    oneHot tokens: TokenSequences, state: State? = nil
  ) -> (output: Sequences, state: State) {
    var none: RandomGenerator?
    return self(oneHot: tokens, state: state, using: &none)
  }

  /// Reads tokens through an embedding.
  public func callAsFunction(
    _ tokens: TokenSequences, embedding: Embedding, state: State? = nil,
    using generator: inout RandomGenerator?
  ) -> (output: Sequences, state: State) {
    self(embedding(tokens), state: state, using: &generator)
  }
}
