import ReelLayers
import ReelTensor

/// A recurrent decoder with attention and input feeding (Luong, Pham and Manning 2015):
///
///     x_t = [embedding of the token before; h̃_{t−1}]        h̃_{−1} = 0
///     h_t = recurrent layers(x_t, h_{t−1})
///     c_t = attention(h_t over the memory)
///     h̃_t = tanh(W_c·[c_t; h_t])                            scores_t = W_s·h̃_t + b
///
/// With copies (pointer-generator networks, See, Liu and Manning 2017) the probability of a token y
/// is g_t·softmax(scores_t)_y + (1 − g_t)·Σ_{j: source token j is y} α_{t,j}, with
/// g_t = σ(w_g·h̃_t + b_g); h̃ knows the context, the state and, through it, the input.
///
/// Shapes: tokens [batch, time] → h̃ [batch, time, A] → scores [batch, time, V]. Parameters:
/// `embedding.weight` [inputs, E], `recurrent.…` as in ``Recurrent`` with E + A input features,
/// `attention.…`, `combination.weight` W_c [A, M + H], `head.…` W_s [V, A], `gate.…` [1, A].
public struct AttentionDecoder: Module {
  public let configuration: AttentionDecoderConfiguration
  var embedding: Embedding
  var recurrent: RecurrentNetwork
  var attention: Attention
  var combination: Linear
  var head: Linear
  var gate: Linear?

  public init(
    _ configuration: AttentionDecoderConfiguration, using generator: inout RandomGenerator
  ) {
    let c = configuration
    precondition(
      c.classes > 0 && c.inputs >= c.classes,
      "AttentionDecoder: \(c.classes) classes and \(c.inputs) inputs came; at least one class and "
        + "as many inputs are expected")
    self.configuration = c
    embedding = Embedding(
      vocabulary: c.inputs, dimension: c.embeddingSize, initialization: .normal(deviation: 0.1),
      using: &generator)
    recurrent = RecurrentNetwork(
      c.cell,
      RecurrentConfiguration(
        inputSize: c.embeddingSize + c.attentionalSize, hiddenSize: c.hiddenSize,
        layers: c.layers), using: &generator)
    attention = Attention(
      c.attention, querySize: c.hiddenSize, memorySize: c.memorySize, using: &generator)
    combination = Linear(
      c.memorySize + c.hiddenSize, c.attentionalSize, bias: false, using: &generator)
    head = Linear(c.attentionalSize, c.classes, using: &generator)
    gate = c.copies ? Linear(c.attentionalSize, 1, using: &generator) : nil
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("embedding", &embedding)
    visitor.visit("recurrent", &recurrent)
    visitor.visit("attention", &attention)
    visitor.visit("combination", &combination)
    visitor.visit("head", &head)
    visitor.visit("gate", &gate)
  }

  /// Names of the state's components, for example `hidden` and `cell`.
  public var stateNames: [String] { recurrent.stateNames }

  /// The memory made ready: its keys are computed once for all steps.
  public func memory(of encoded: Sequences) -> AttentionMemory { attention.memory(of: encoded) }

  /// Reads given tokens (teacher forcing); with a generator, dropout is on.
  ///
  /// - Parameters:
  ///   - tokens: what each step is fed; row i asks source i of the memory.
  ///   - state: of each layer its components before the first step, each [batch, H].
  /// - Returns: h̃ of every step, and the weights of its attention.
  public func callAsFunction(
    _ tokens: TokenSequences, memory: AttentionMemory, state: [[Tensor]],
    using generator: inout RandomGenerator?
  ) -> (attentional: Sequences, weights: AttentionWeights) {
    let c = configuration
    precondition(
      tokens.layout.batch == memory.batch && memory.values.shape[1] == c.memorySize,
      "AttentionDecoder: \(tokens.layout.batch) rows over \(memory.batch) sources with "
        + "\(memory.values.shape[1]) features, one source for each row with \(c.memorySize) "
        + "features is expected")
    let expected = [tokens.layout.batch, c.hiddenSize]
    precondition(
      state.count == c.layers
        && state.allSatisfy {
          $0.count == stateNames.count && $0.allSatisfy { $0.shape == expected }
        },
      "AttentionDecoder: state of shapes \(state.map { $0.map(\.shape) }), for each of \(c.layers) "
        + "layers \(stateNames) of shape \(expected) expected")
    let dropout = Dropout(c.dropout)
    let inputs = dropout(embedding(tokens), using: &generator)
    let masks = (1..<max(c.layers, 1)).map { _ in
      c.dropout > 0
        ? generator?.dropoutMask(
          shape: [tokens.layout.total, c.hiddenSize], probability: c.dropout) : nil
    }
    let call = DecoderCall(
      inputs: inputs, memory: memory, attention: attention, combination: combination.weight,
      state: state, masks: [nil] + masks)
    return recurrent.decode(call)
  }

  /// The scores of the next token at every step, from h̃; with a generator, dropout is on.
  public func scores(
    _ attentional: Sequences, using generator: inout RandomGenerator?
  ) -> Sequences {
    head(Dropout(configuration.dropout)(attentional, using: &generator))
  }

  /// Mean loss over all steps, in nats: the cross-entropy of the scores or, with copies, of the
  /// mixture. A negative target does not count.
  ///
  /// - Parameter sources: the tokens of each source, needed with copies.
  public func loss(
    _ tokens: TokenSequences, targets: TokenSequences, memory: AttentionMemory,
    state: [[Tensor]], sources: [[Int32]], smoothing: Float = 0,
    using generator: inout RandomGenerator?
  ) -> Tensor {
    precondition(
      tokens.layout == targets.layout,
      "AttentionDecoder: inputs of lengths \(tokens.lengths), targets of lengths "
        + "\(targets.lengths)")
    let (attentional, weights) = self(tokens, memory: memory, state: state, using: &generator)
    let dropped = Dropout(configuration.dropout)(attentional, using: &generator)
    guard let gate else {
      return crossEntropy(head(dropped), targets, smoothing: smoothing)
    }
    let mixture = CopyMixture(
      weights: weights, sources: sources, rows: tokens.layout.rowOfStep,
      classes: configuration.classes)
    let counted = targets.ids.reduce(0) { $0 + ($1 >= 0 ? 1 : 0) }
    return mixture.crossEntropySum(
      logits: head(dropped.values), gate: gate(dropped.values), targets: targets.ids,
      smoothing: smoothing) / Float(max(counted, 1))
  }
}

extension SequenceLayout {
  /// The row of the batch that each stored row belongs to.
  var rowOfStep: [Int] {
    var rows: [Int] = []
    rows.reserveCapacity(total)
    for time in 0..<longest { rows += order[..<active[time]] }
    return rows
  }
}

/// What the recurrent part of a decoder needs for one call.
struct DecoderCall {
  /// [batch, time, E], after dropout.
  var inputs: Sequences
  var memory: AttentionMemory
  var attention: Attention
  /// W_c.
  var combination: Tensor
  /// Of each layer its components, [batch, H].
  var state: [[Tensor]]
  /// Dropout factors of each layer's input from the layer below, [total, H].
  var masks: [Tensor?]
}

extension RecurrentNetwork {
  /// Runs a decoder whose recurrent layers are these, as one node of the graph.
  func decode(_ call: DecoderCall) -> (attentional: Sequences, weights: AttentionWeights) {
    switch self {
    case .rnn(let network): DecoderNode.run(network, call)
    case .gru(let network): DecoderNode.run(network, call)
    case .gruResetBefore(let network): DecoderNode.run(network, call)
    case .lstm(let network): DecoderNode.run(network, call)
    case .lstmPeephole(let network): DecoderNode.run(network, call)
    case .lstmLayerNorm(let network): DecoderNode.run(network, call)
    }
  }
}
