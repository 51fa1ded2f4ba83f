import Reel

/// The network reads a sentence up to its verb and says whether the verb is singular or plural.
struct NumberReader: Module {
  var embedding: Embedding
  var network: RecurrentNetwork
  var head: Linear

  init(_ cell: RecurrentCellKind, words: Int, using generator: inout RandomGenerator) {
    embedding = Embedding(vocabulary: words, dimension: 16, using: &generator)
    let configuration = RecurrentConfiguration(inputSize: 16, hiddenSize: 32)
    network = RecurrentNetwork(cell, configuration, using: &generator)
    head = Linear(32, 2, using: &generator)
  }

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("embedding", &embedding)
    visitor.visit("network", &network)
    visitor.visit("head", &head)
  }

  /// Vectors of words → logits [batch, 2], from the state after the last word.
  func callAsFunction(_ words: Sequences) -> Tensor {
    var noDropout: RandomGenerator?
    return head(network(.vectors(words), using: &noDropout).output.last)
  }
}
