import ReelLayers
import ReelSequence
import ReelTensor

/// Reads the characters of words: a vector for each word from how it is spelled (Ling et al. 2015,
/// Lample et al. 2016).
///
/// With an LSTM in both directions over the characters c₁ … c_n of a word, the vector is the
/// forward state after c_n beside the backward state after c₁. A word without characters has zeros.
///
/// Shapes: n words → [n, 2·hidden].
struct CharacterEncoder: Module {
  var embedding: Embedding
  var recurrent: LSTM

  init(
    characters: Int, embeddingSize: Int, hiddenSize: Int, using generator: inout RandomGenerator
  ) {
    embedding = Embedding(
      vocabulary: characters, dimension: embeddingSize,
      initialization: .uniform(bound: (3 / Float(embeddingSize)).squareRoot()), using: &generator)
    recurrent = LSTM(
      inputSize: embeddingSize, hiddenSize: hiddenSize, directions: .bidirectional,
      using: &generator)
  }

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("embedding", &embedding)
    visitor.visit("recurrent", &recurrent)
  }

  func callAsFunction(_ words: TokenSequences) -> Tensor {
    var none: RandomGenerator?
    let state = recurrent(words, embedding: embedding, using: &none).state
    // [directions, words, hidden] → [words, directions · hidden]
    let final = state.components[0]
    let shape = [final.shape[1], final.shape[2]]
    return Tensor.concatenated(
      (0..<2).map { final.slice($0..<$0 + 1).reshaped(shape) }, axis: 1)
  }
}
