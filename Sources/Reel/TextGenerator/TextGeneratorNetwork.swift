import ReelLayers
import ReelSequence
import ReelTensor

/// The network of a text generator: a language model that knows what it writes about.
///
/// Letters: B texts, V tokens and the mark at both ends of a text (number V), E size of a token's
/// vector, K size of a label's vector, F features of the given vector, C = K + F, L layers, H units,
/// S components of the state. With l the label, v the vector, x_t the token before place t:
///
///     c    = [label_embedding(l), v]                                [B, C]
///     s_0  = tanh(W·c + b)                                          [B, S·L·H], each layer's own part
///     h_t  = decoder([embedding(x_t), c], s)                        [B, H]
///     p(token at t | tokens before, l, v) = softmax(head(h_t))      [B, V + 1]
///
/// Without conditioning of the initial state, which a TCN lacks, s_0 is zero; without conditioning of
/// each step c is not read there.
public struct TextGeneratorNetwork: Module {
  /// `weight` [V + 1, E]; the last row is that of the mark before the first token.
  var embedding: Embedding
  /// `weight` [labels, K]; nil where no label is used.
  var labelEmbedding: Embedding?
  /// C → S·L·H; nil where the initial state is zero.
  var initialState: Linear?
  var decoder: SequenceEncoder
  /// H → V + 1; the last score is that of the mark after the last token.
  var head: Linear
  private let layers: Int
  /// Features of each component of the state: H, or P for a hidden state that is projected.
  private let stateSizes: [Int]
  private let readsCondition: Bool
  private let dropout: Dropout

  init(
    _ configuration: TextGeneratorConfiguration, vocabularySize: Int,
    using generator: inout RandomGenerator
  ) {
    let c = configuration
    let isConditioned = c.conditioning != .none && c.conditionSize > 0
    embedding = Embedding(
      vocabulary: vocabularySize + 1, dimension: c.embeddingSize, using: &generator)
    labelEmbedding =
      isConditioned && !c.labels.isEmpty
      ? Embedding(vocabulary: c.labels.count, dimension: c.labelEmbeddingSize, using: &generator)
      : nil
    readsCondition = isConditioned && c.conditioning.usesEveryStep
    decoder = c.decoder.network(
      inputSize: c.embeddingSize + (readsCondition ? c.conditionSize : 0), using: &generator)
    (layers, _, stateSizes) = decoder.summaryShape
    initialState =
      isConditioned && c.conditioning.usesInitialState
      ? Linear(c.conditionSize, stateSizes.reduce(0, +) * layers, using: &generator) : nil
    head = Linear(c.decoder.outputSize, vocabularySize + 1, using: &generator)
    dropout = Dropout(c.dropout)
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("embedding", &embedding)
    visitor.visit("label_embedding", &labelEmbedding)
    visitor.visit("initial_state", &initialState)
    visitor.visit(decoder.name, &decoder)
    visitor.visit("head", &head)
  }

  /// What stands before the first token and after the last one.
  var mark: Int32 { Int32(embedding.weight.shape[0] - 1) }

  /// c [B, C]; nil where nothing is conditioned.
  private func condition(_ conditions: [TextGeneratorCondition]) -> Tensor? {
    guard readsCondition || initialState != nil else { return nil }
    var parts: [Tensor] = []
    if let labelEmbedding { parts.append(labelEmbedding(conditions.map(\.label))) }
    let features = conditions.first?.vector.count ?? 0
    if features > 0 {
      parts.append(
        Tensor(shape: [conditions.count, features], values: conditions.flatMap(\.vector)))
    }
    return parts.count == 1 ? parts[0] : .concatenated(parts, axis: 1)
  }

  /// s_0, each component [L, B, H].
  private func state(_ condition: Tensor?) -> SequenceEncoder.State? {
    guard let initialState, let condition else { return nil }
    let batch = condition.shape[0]
    let all = initialState(condition).tanh()
    var start = 0
    return stateSizes.map { size in
      let parts = (0..<layers).map { _ in
        defer { start += size }
        return all.slice(start..<start + size, axis: 1).reshaped([1, batch, size])
      }
      return parts.count == 1 ? parts[0] : .concatenated(parts)
    }
  }

  /// Scores of each token after those before it: `tokens` begin with the mark.
  func callAsFunction(
    _ tokens: TokenSequences, _ conditions: [TextGeneratorCondition],
    using generator: inout RandomGenerator?
  ) -> Sequences {
    let condition = condition(conditions)
    let input: SequenceInput
    if readsCondition, let condition {
      // The condition of each stored row: that of its text.
      var rows: [Int32] = []
      rows.reserveCapacity(tokens.layout.total)
      for time in 0..<tokens.layout.longest {
        for place in 0..<tokens.layout.active[time] {
          rows.append(Int32(tokens.layout.order[place]))
        }
      }
      let vectors = embedding(tokens).mapSteps {
        .concatenated([$0, condition.gatheredRows(rows)], axis: 1)
      }
      input = .vectors(dropout(vectors, using: &generator))
    } else if dropout.probability > 0, generator != nil {
      input = .vectors(dropout(embedding(tokens), using: &generator))
    } else {
      input = .embedded(tokens, embedding)
    }
    let output = decoder(input, state: state(condition), using: &generator).output
    return head(dropout(output, using: &generator))
  }

  /// The network made ready to write one text.
  func stepper(_ condition: TextGeneratorCondition) -> TokenStepper {
    let vector = self.condition([condition])
    var table = embedding
    if readsCondition, let vector {
      // What is read at every step is constant: it becomes part of each token's vector.
      let rows = [Int32](repeating: 0, count: embedding.weight.shape[0])
      table.weight = .concatenated([embedding.weight, vector.gatheredRows(rows)], axis: 1)
    }
    return TokenStepper(embedding: table, encoder: decoder, head: head, state: state(vector))
  }
}

/// What a text is to be about, in numbers.
public struct TextGeneratorCondition: Sendable, Equatable {
  /// The number of the label, −1 where there are no labels.
  let label: Int32
  let vector: [Float]
}
