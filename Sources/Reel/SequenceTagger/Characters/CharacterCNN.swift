import ReelLayers
import ReelSequence
import ReelTensor

/// Reads the characters c₁ … c_n of a word with a convolution and takes the largest value of each
/// filter over the word (dos Santos and Zadrozny 2014; Ma and Hovy 2016):
///
///     y_f = max_t (Σ_{j=−1…1} W_{f,j}·c_{t+j} + b_f)        c_0 = c_{n+1} = 0
///
/// With a generator there is dropout of the characters' vectors. A word without characters has zeros.
///
/// Shapes: n words → [n, filters].
package struct CharacterCNN: Module {
  var embedding: Embedding
  var convolution: Convolution1D
  private let dropout: Dropout

  /// Characters that a filter reads (Ma and Hovy 2016).
  private static let window = 3

  package init(
    characters: Int, embeddingSize: Int, filters: Int, dropout: Float,
    using generator: inout RandomGenerator
  ) throws {
    embedding = CharacterEncoder.embedding(characters, embeddingSize, using: &generator)
    convolution = try Convolution1D(
      embeddingSize, filters, kernel: Self.window, padding: .same, using: &generator)
    self.dropout = Dropout(dropout)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("embedding", &embedding)
    visitor.visit("convolution", &convolution)
  }

  package func callAsFunction(
    _ words: TokenSequences, using generator: inout RandomGenerator?
  ) -> Tensor {
    convolution(dropout(embedding(words), using: &generator)).maxPooled()
  }
}
