import ReelLayers
import ReelTensor

/// Attention of queries over a ragged memory.
///
///     score_j = dot: qᵀ·m_j      general: qᵀ·W·m_j      additive: vᵀ·tanh(W_q·q + W_m·m_j)
///     α = softmax(score)         context = Σ_j α_j·m_j
///
/// Shapes: query [Q], memory [time, M], context [M]. Parameters: `memory.weight` W [Q, M] or W_m
/// [K, M]; additive also `query.weight` W_q [K, Q] and `vector` v [K]. Nothing has a bias. A source
/// without time steps gives the context 0.
///
/// Sources: Bahdanau et al. 2015, "Neural machine translation by jointly learning to align and
/// translate"; Luong et al. 2015, "Effective approaches to attention-based neural machine
/// translation".
public struct Attention: Module {
  public let kind: AttentionKind
  /// Q, features of a query.
  public let querySize: Int
  /// M, features of a time step of the memory.
  public let memorySize: Int
  /// W or W_m.
  var memory: Linear?
  /// W_q.
  var query: Linear?
  /// v, [K].
  var vector: Tensor?

  /// - Parameter keySize: K of the additive kind; Q where it is nil.
  public init(
    _ kind: AttentionKind, querySize: Int, memorySize: Int, keySize: Int? = nil,
    using generator: inout RandomGenerator
  ) {
    precondition(
      kind != .dot || querySize == memorySize,
      "Attention: dot of a query with \(querySize) features and a memory with \(memorySize), "
        + "equal sizes are expected")
    self.kind = kind
    self.querySize = querySize
    self.memorySize = memorySize
    switch kind {
    case .dot: break
    case .general:
      memory = Linear(memorySize, querySize, bias: false, using: &generator)
    case .additive:
      let keySize = keySize ?? querySize
      memory = Linear(memorySize, keySize, bias: false, using: &generator)
      query = Linear(querySize, keySize, bias: false, using: &generator)
      vector = Initialization.glorotUniform.matrix(out: 1, in: keySize, using: &generator)
        .reshaped([keySize])
    }
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("memory", &memory)
    visitor.visit("query", &query)
    visitor.visit("vector", &vector)
  }

  /// K, features of a key.
  public var keySize: Int { memory.map { $0.weight.shape[0] } ?? memorySize }

  /// The memory made ready: one row for each sequence, its keys computed once.
  public func memory(of sequences: Sequences) -> AttentionMemory {
    precondition(
      sequences.featureCount == memorySize,
      "Attention: memory with \(sequences.featureCount) features, \(memorySize) expected")
    let values = sequences.values.gatheredRows(sequences.layout.rowsBySequence)
    var offsets = [0]
    for length in sequences.lengths { offsets.append(offsets[offsets.count - 1] + length) }
    return AttentionMemory(values: values, keys: memory?(values) ?? values, offsets: offsets)
  }

  /// The context of each query: row i of `queries` asks source i of `memory`.
  ///
  /// - Returns: the contexts, and the weights of each query in the order of `queries` as it is
  ///   stored: see ``Attention/weights(_:of:in:)``.
  public func callAsFunction(
    _ queries: Sequences, over memory: AttentionMemory
  ) -> (context: Sequences, weights: AttentionWeights) {
    let layout = queries.layout
    precondition(
      queries.featureCount == querySize && layout.batch == memory.batch,
      "Attention: \(layout.batch) rows with \(queries.featureCount) features over \(memory.batch) "
        + "sources, \(querySize) features and one source for each row are expected")
    var sources: [Int] = []
    sources.reserveCapacity(layout.total)
    for time in 0..<layout.longest { sources += layout.order[..<layout.active[time]] }
    let (context, weights) = call(queries.values, sources: sources, over: memory)
    return (Sequences(values: context, layout: layout), weights)
  }

  /// Row r of `queries` [rows, Q] asks source `sources[r]`; a source belongs to any number of rows.
  func call(
    _ queries: Tensor, sources: [Int], over memory: AttentionMemory
  ) -> (context: Tensor, weights: AttentionWeights) {
    let projected = query?(queries) ?? queries
    let core = AttentionCore(kind, memory: memory, vector: vector)
    let offsets = core.weightOffsets(of: sources)
    let rows = sources.count
    let (keys, size) = (core.keySize, core.valueSize)
    let context = Tensor(shape: [rows, size], storage: Storage(count: rows * size))
    let weights = Tensor(
      shape: [offsets[rows]], storage: Storage(count: offsets[rows]))
    let asked = projected.detached()
    let pieces = AttentionCore.pieces(of: sources, batch: memory.batch)
    Threads.forEach(pieces.count) { piece in
      let scratch = core.makeScratch()
      for row in pieces[piece] {
        core.forward(
          source: sources[row], query: asked.storage.pointer + row * keys,
          weights: weights.storage.pointer + offsets[row],
          context: context.storage.pointer + row * size, scratch: scratch)
      }
    }
    let inputs = [projected, memory.keys, memory.values, vector]
    let recorded = record([context, weights], from: inputs) { gradients in
      let (contextGradient, weightGradient) = (gradients[0], gradients[1])
      let accumulators = AttentionGradients(core, pieces: pieces.count)
      let query = Tensor(zeros: asked.shape)
      let none = Tensor(zeros: [contextGradient == nil ? size : 0])
      Threads.forEach(pieces.count) { piece in
        let scratch = core.makeScratch()
        for row in pieces[piece] {
          core.backward(
            source: sources[row], query: asked.storage.pointer + row * keys,
            weights: weights.storage.pointer + offsets[row],
            weightGradient: weightGradient.map { $0.storage.pointer + offsets[row] },
            contextGradient: contextGradient.map { $0.storage.pointer + row * size }
              ?? none.storage.pointer,
            queryGradient: query.storage.pointer + row * keys, into: accumulators, piece: piece,
            scratch: scratch)
        }
      }
      return [
        .dense(query), .dense(accumulators.keys), .dense(accumulators.values),
        accumulators.vector.map { .dense($0) },
      ]
    }
    return (recorded[0], AttentionWeights(values: recorded[1], offsets: offsets))
  }

  /// The weights of one row's queries, [its time steps][the source's time steps].
  public static func weights(
    _ weights: AttentionWeights, of row: Int, in layout: SequenceLayout
  ) -> [[Float]] {
    layout.storedRows(of: row).map { weights[Int($0)] }
  }
}
