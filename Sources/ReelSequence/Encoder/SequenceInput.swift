import ReelLayers

/// What a network over sequences reads.
public enum SequenceInput: Sendable {
  case vectors(Sequences)
  /// One-hot rows, looked up in the columns of the input weights where the network can.
  case oneHot(TokenSequences)
  /// Tokens through an embedding; a recurrent network projects each row of it once where that is
  /// less work.
  case embedded(TokenSequences, Embedding)

  /// Of each sequence the last `count` time steps, or all if it has fewer.
  func latest(_ count: Int) -> SequenceInput {
    switch self {
    case .vectors(let sequences): .vectors(sequences.latest(count, every: 1))
    case .oneHot(let tokens): .oneHot(tokens.latest(count, every: 1))
    case .embedded(let tokens, let embedding):
      .embedded(tokens.latest(count, every: 1), embedding)
    }
  }
}
