import ReelLayers
import ReelTensor

/// Reads the characters of words: a vector for each word from how it is spelled.
enum CharacterEncoder: Module {
  case lstm(CharacterLSTM)
  case cnn(CharacterCNN)

  /// What a configuration asks for; nil where characters are not read.
  init?(
    _ configuration: SequenceTaggerConfiguration, using generator: inout RandomGenerator
  ) throws {
    let c = configuration
    guard c.characterHiddenSize > 0 else { return nil }
    // One more for characters that never came.
    let characters = c.characters.count + 1
    switch c.characterEncoder {
    case .lstm:
      self = .lstm(
        CharacterLSTM(
          characters: characters, embeddingSize: c.characterEmbeddingSize,
          hiddenSize: c.characterHiddenSize, using: &generator))
    case .cnn:
      self = .cnn(
        try CharacterCNN(
          characters: characters, embeddingSize: c.characterEmbeddingSize,
          filters: c.characterHiddenSize, dropout: c.dropout, using: &generator))
    }
  }

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    // Moved out and back in, so that the parameters keep one owner.
    switch consume self {
    case .lstm(var network):
      network.visitParameters(&visitor)
      self = .lstm(network)
    case .cnn(var network):
      network.visitParameters(&visitor)
      self = .cnn(network)
    }
  }

  /// The vector of each word, [words, outputSize]; with a generator, dropout is on.
  func callAsFunction(
    _ words: TokenSequences, using generator: inout RandomGenerator?
  ) -> Tensor {
    switch self {
    case .lstm(let network): network(words)
    case .cnn(let network): network(words, using: &generator)
    }
  }

  /// Features of a word's vector.
  var outputSize: Int {
    switch self {
    case .lstm(let network): network.recurrent.outputSize
    case .cnn(let network): network.convolution.outputChannels
    }
  }

  /// Vectors of characters, uniform with variance 1 / size (Ma and Hovy 2016).
  static func embedding(
    _ characters: Int, _ size: Int, using generator: inout RandomGenerator
  ) -> Embedding {
    Embedding(
      vocabulary: characters, dimension: size,
      initialization: .uniform(bound: (3 / Float(size)).squareRoot()), using: &generator)
  }
}
