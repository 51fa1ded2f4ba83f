import ReelLayers

/// What a network over sequences reads.
public enum SequenceInput: Sendable {
  case vectors(Sequences)
  /// One-hot rows, looked up in the columns of the input weights where the network can.
  case oneHot(TokenSequences)
  /// Tokens through an embedding; a recurrent network projects each row of it once where that is
  /// less work.
  case embedded(TokenSequences, Embedding)
}
