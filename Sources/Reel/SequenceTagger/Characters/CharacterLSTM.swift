import ReelLayers
import ReelSequence
import ReelTensor

/// Reads the characters c₁ … c_n of a word with an LSTM in both directions (Ling et al. 2015, Lample
/// et al. 2016): its vector is the forward state after c_n beside the backward state after c₁. A
/// word without characters has zeros.
///
/// Shapes: n words → [n, 2·hidden].
struct CharacterLSTM: Module {
  var embedding: Embedding
  var recurrent: LSTM

  init(
    characters: Int, embeddingSize: Int, hiddenSize: Int, using generator: inout RandomGenerator
  ) {
    embedding = CharacterEncoder.embedding(characters, embeddingSize, using: &generator)
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
