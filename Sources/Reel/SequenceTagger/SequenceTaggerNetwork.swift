import ReelLayers
import ReelSequence
import ReelTensor

/// The network of a sequence tagger: word vector ⊕ character vector ⊕ capitalization → encoder
/// (recurrent layers or a TCN) → a score for each tag at each token → conditional random field
/// (Huang, Xu and Yu 2015; Lample et al. 2016; Ma and Hovy 2016).
///
/// Shapes: sentences [batch, time] → emissions [batch, time, tags]; `words.weight` [words,
/// embedding], `characters.…` as in an LSTM or a convolution, `encoder.…` as in ``Recurrent`` or
/// ``TCN``, `head.weight` [tags, D·H], `crf.transitions` [tags, tags].
public struct SequenceTaggerNetwork: Module {
  var words: Embedding
  var characters: CharacterEncoder?
  var capitalization: Embedding?
  var encoder: SequenceEncoder
  var head: Linear
  var crf: LinearChainCRF?
  let dropout: Dropout

  private static let capitalizationSize = 8

  init(
    _ configuration: SequenceTaggerConfiguration, words count: Int, constraints: TagConstraints?,
    using generator: inout RandomGenerator
  ) throws {
    let c = configuration
    words = Embedding(
      vocabulary: count, dimension: c.wordEmbeddingSize,
      initialization: .uniform(bound: (3 / Float(c.wordEmbeddingSize)).squareRoot()),
      using: &generator)
    var size = c.wordEmbeddingSize
    characters = try CharacterEncoder(c, using: &generator)
    size += characters?.outputSize ?? 0
    if c.usesCapitalization {
      let dimension = Self.capitalizationSize
      capitalization = Embedding(
        vocabulary: Capitalization.allCases.count, dimension: dimension,
        initialization: .uniform(bound: (3 / Float(dimension)).squareRoot()), using: &generator)
      size += dimension
    }
    encoder = c.encoder.network(inputSize: size, using: &generator)
    head = Linear(c.encoder.outputSize, c.tags.count, using: &generator)
    if c.usesCRF {
      crf = LinearChainCRF(tags: c.tags.count, constraints: constraints, using: &generator)
    }
    dropout = Dropout(c.dropout)
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("words", &words)
    visitor.visit("characters", &characters)
    visitor.visit("capitalization", &capitalization)
    visitor.visit("encoder", &encoder)
    visitor.visit("head", &head)
    visitor.visit("crf", &crf)
  }

  // MARK: Prediction

  /// Most forms whose characters a thread reads at a time: a bound of the memory for each thread.
  private static let formsAtOnce = 2048

  /// The encoder's input for each form, [forms, features].
  func features(of forms: [TokenForm]) -> Tensor {
    let most = Self.formsAtOnce
    guard forms.count > most else { return features(of: forms[...]) }
    // An even number of parts, as even as can be, so that two threads finish together.
    let parts = 2 * ((forms.count + 2 * most - 1) / (2 * most))
    return Tensor.concatenated(
      Threads.map(parts) { part in
        // Much beside the products is done on one thread.
        Threads.with(1) {
          features(of: forms[part * forms.count / parts..<(part + 1) * forms.count / parts])
        }
      })
  }

  private func features(of forms: ArraySlice<TokenForm>) -> Tensor {
    var none: RandomGenerator?
    var parts = [words(forms.map(\.word))]
    if let characters {
      parts.append(characters(TokenSequences(forms.map(\.characters)), using: &none))
    }
    if let capitalization { parts.append(capitalization(forms.map(\.capitalization))) }
    return parts.count == 1 ? parts[0] : Tensor.concatenated(parts, axis: 1)
  }

  /// Scores of the tags, where `tokens` are rows of `features`: no dropout. A form's projection into
  /// the encoder is computed once, however often the form comes in the batch.
  func emissions(_ tokens: TokenSequences, features: Tensor) -> Sequences {
    var none: RandomGenerator?
    return head(encoder.output(of: .embedded(tokens, Embedding(weight: features)), using: &none))
  }

  /// The same for tokens whose forms many batches share: `tables` come from
  /// `encoder.tables(of: features)`.
  func emissions(_ tokens: TokenSequences, tables: [Tensor]) -> Sequences {
    head(encoder(tokens, tables: tables))
  }

  // MARK: Training

  /// Scores of the tags; with a generator, dropout is on.
  ///
  /// - Parameter tokenWords: the word of each token in the layout's order, where it may differ from
  ///   that of its form.
  func emissions(
    _ batch: FormBatch, tokenWords: [Int32], using generator: inout RandomGenerator?
  ) -> Sequences {
    guard generator != nil else {
      return emissions(batch.tokens, features: features(of: batch.forms))
    }
    let tokens = batch.tokens.ids
    var parts = [words(tokenWords)]
    if let characters {
      parts.append(
        characters(TokenSequences(batch.forms.map(\.characters)), using: &generator)
          .gatheredRows(tokens))
    }
    if let capitalization {
      parts.append(capitalization(tokens.map { batch.forms[Int($0)].capitalization }))
    }
    let input = dropout(
      parts.count == 1 ? parts[0] : Tensor.concatenated(parts, axis: 1), using: &generator)
    let output = encoder.output(
      of: .vectors(Sequences(values: input, layout: batch.tokens.layout)), using: &generator)
    return head(dropout(output, using: &generator))
  }

  /// With a conditional random field the mean of −log p(tags) over sentences, else the mean
  /// cross-entropy over tokens.
  func loss(_ emissions: Sequences, _ tags: TokenSequences, smoothing: Float) -> Tensor {
    crf?.loss(emissions, tags) ?? crossEntropy(emissions, tags, smoothing: smoothing)
  }
}
