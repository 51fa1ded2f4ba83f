import ReelLayers
import ReelSequence
import ReelTensor

/// Encoder, attention and decoder.
///
/// Shapes: source [batch, time] → memory [batch, time, D·H]; target [batch, time] → scores
/// [batch, time, target tokens and the end]. Parameters: `embedding.weight`, `encoder.…` as in
/// ``Recurrent`` or ``TCN``, `bridge.…` as in ``DecoderBridge``, `decoder.…` as in
/// ``AttentionDecoder``.
public struct Seq2SeqNetwork: Module {
  var embedding: Embedding
  var encoder: SequenceEncoder
  var bridge: DecoderBridge
  var decoder: AttentionDecoder
  let dropout: Dropout
  /// The token that ends an answer; the one behind it begins it.
  let end: Int32

  public init(
    _ configuration: Seq2SeqConfiguration, sourceVocabulary: Int, targetVocabulary: Int,
    using generator: inout RandomGenerator
  ) {
    let c = configuration
    end = Int32(targetVocabulary)
    dropout = Dropout(c.dropout)
    embedding = Embedding(
      vocabulary: sourceVocabulary, dimension: c.sourceEmbeddingSize,
      initialization: .normal(deviation: 0.1), using: &generator)
    encoder = c.encoder.network(inputSize: c.sourceEmbeddingSize, using: &generator)
    decoder = AttentionDecoder(
      AttentionDecoderConfiguration(
        classes: targetVocabulary + 1, inputs: targetVocabulary + 2,
        embeddingSize: c.targetEmbeddingSize, cell: c.decoderCell,
        hiddenSize: c.decoderHiddenSize, layers: c.decoderLayers, attention: c.attention,
        memorySize: c.encoder.outputSize, attentionalSize: c.attentionalSize, dropout: c.dropout,
        copies: c.copies), using: &generator)
    let summary = encoder.summaryShape
    bridge = DecoderBridge(
      encoderLayers: summary.layers, directions: summary.directions, encoderSizes: summary.sizes,
      layers: c.decoderLayers, size: c.decoderHiddenSize, components: decoder.stateNames.count,
      using: &generator)
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("embedding", &embedding)
    visitor.visit("encoder", &encoder)
    visitor.visit("bridge", &bridge)
    visitor.visit("decoder", &decoder)
  }

  /// The token that begins every answer.
  var start: Int32 { end + 1 }

  /// What the decoder looks at, and its first state; with a generator, dropout is on.
  func encode(
    _ sources: [[Int32]], using generator: inout RandomGenerator?
  ) -> (memory: AttentionMemory, state: [[Tensor]]) {
    let tokens = TokenSequences(sources)
    let input: SequenceInput =
      generator == nil || dropout.probability == 0
      ? .embedded(tokens, embedding)
      : .vectors(dropout(embedding(tokens), using: &generator))
    let (output, state) = encoder(input, using: &generator)
    return (decoder.memory(of: output), bridge(encoder.summary(output, state)))
  }

  /// Mean loss of a token of the targets, their ends counted, in nats.
  ///
  /// - Parameter fed: what the decoder is fed, instead of the right tokens.
  func loss(
    sources: [[Int32]], targets: [[Int32]], fed: [[Int32]]? = nil, smoothing: Float = 0,
    using generator: inout RandomGenerator?
  ) -> Tensor {
    let (memory, state) = encode(sources, using: &generator)
    return decoder.loss(
      TokenSequences(fed ?? targets.map { [start] + $0 }),
      targets: TokenSequences(targets.map { $0 + [end] }), memory: memory, state: state,
      sources: sources, smoothing: smoothing, using: &generator)
  }

  /// What the decoder is fed in scheduled sampling: at each step the right token with the given
  /// probability, and the one that it finds most probable otherwise.
  func scheduledInputs(
    sources: [[Int32]], targets: [[Int32]], probability: Double,
    using generator: inout RandomGenerator
  ) -> [[Int32]] {
    var none: RandomGenerator?
    let (memory, state) = encode(sources, using: &none)
    let longest = (targets.map(\.count).max() ?? 0) + 1
    let stepper = AttentionDecoderStepper(
      decoder, memory: memory, state: state, sources: sources, rows: sources.count, steps: longest)
    var fed = targets.map { _ in [start] }
    var running = Array(sources.indices)
    var parents = running
    for step in 0..<longest - 1 {
      // Rows whose target goes on behind this step.
      let kept = running.indices.filter { targets[running[$0]].count > step }
      parents = kept.map { parents[$0] }
      running = kept.map { running[$0] }
      let chosen = stepper.logProbabilities(
        after: running.map { fed[$0][step] }, continuing: parents
      ).argumentMaximum()
      for (place, row) in running.enumerated() {
        let isRight = generator.uniformDouble() < probability
        fed[row].append(isRight ? targets[row][step] : Int32(chosen[place]))
      }
      parents = Array(running.indices)
    }
    return fed
  }
}
