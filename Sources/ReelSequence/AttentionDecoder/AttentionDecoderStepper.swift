import ReelLayers
import ReelTensor

/// Runs a trained decoder step by step for any number of rows at once: every hypothesis of every
/// source is a row. A row continues any row of the step before, so that a beam reorders for free.
///
/// All weights are packed once, for all steppers until they change. The log-probabilities are those of the decoder on the whole
/// sequence, up to rounding.
public final class AttentionDecoderStepper {
  private let engine: any DecoderEngine
  private let decoder: AttentionDecoder
  private let sources: [[Int32]]
  private let headWeight: StepProduct
  /// The source of each row of the last step.
  private var rowSources: [Int]

  /// The attention of the last step: one row of weights for each row.
  public private(set) var weights: AttentionWeights

  /// - Parameters:
  ///   - memory: of all sources. Before the first step there is one row for each.
  ///   - state: the first state, of each layer its components, each [sources, H].
  ///   - sources: the tokens of each source, needed with copies.
  ///   - rows: the most rows that a step will have; with more it is right, and slower.
  ///   - steps: about how many steps there will be.
  public init(
    _ decoder: AttentionDecoder, memory: AttentionMemory, state: [[Tensor]],
    sources: [[Int32]] = [], rows: Int, steps: Int
  ) {
    self.decoder = decoder
    self.sources = sources
    let use = StepProduct.Use(
      times: rows > 4 ? steps : 1, rows: rows < 8 ? rows : max(2, (rows + 7) / 8),
      isShared: BatchPieces.of(rows).count == 1, isKept: true)
    let weight = decoder.head.weight
    headWeight = StepProduct(
      k: weight.shape[1], n: weight.shape[0], weight.storage, offset: 0, stride: weight.shape[1],
      transposed: true, use: use)
    engine = decoder.recurrent.decoderEngine(
      decoder, memory: memory, state: state.map { $0.map { $0.detached() } }, use: use,
      fedTokens: Double(rows) * Double(steps))
    rowSources = Array(0..<memory.batch)
    weights = AttentionWeights(values: Tensor(zeros: [0]), offsets: [0])
  }

  /// One step.
  ///
  /// - Parameters:
  ///   - tokens: what each row is fed.
  ///   - parents: the row of the step before that each row continues.
  /// - Returns: the log-probability of each token, [rows, V].
  public func logProbabilities(after tokens: [Int32], continuing parents: [Int]) -> Tensor {
    let (attentional, logits) = scores(after: tokens, continuing: parents)
    guard let gate = decoder.gate else { return logits.logSoftmax() }
    let mixture = CopyMixture(
      weights: weights, sources: sources, rows: rowSources, classes: logits.shape[1])
    let probabilities = mixture.probabilities(
      logits: logits, gate: gate(attentional).detached())
    return probabilities.log()
  }

  private func scores(
    after tokens: [Int32], continuing parents: [Int]
  ) -> (attentional: Tensor, logits: Tensor) {
    let inputs = decoder.configuration.inputs
    for token in tokens {
      precondition(
        token >= 0 && token < inputs, "AttentionDecoderStepper: token \(token) of \(inputs)")
    }
    precondition(
      tokens.count == parents.count && parents.allSatisfy { rowSources.indices.contains($0) },
      "AttentionDecoderStepper: \(tokens.count) tokens continue rows \(parents) of "
        + "\(rowSources.count)")
    rowSources = parents.map { rowSources[$0] }
    let step = engine.step(tokens, parents: parents, sources: rowSources)
    weights = step.weights
    return (step.attentional, project(step.attentional))
  }

  /// W_s·h̃ + b.
  private func project(_ attentional: Tensor) -> Tensor {
    let (rows, size) = (attentional.shape[0], attentional.shape[1])
    let classes = headWeight.n
    let result = Tensor(shape: [rows, classes], storage: Storage(count: rows * classes))
    let bias = decoder.head.bias
    let product = headWeight
    Threads.forEachRange(of: rows, size: max(8, (rows + 7) / 8)) { range in
      let target = result.storage.pointer + range.lowerBound * classes
      if let bias {
        for row in range {
          (result.storage.pointer + row * classes).update(
            from: bias.storage.pointer, count: classes)
        }
      }
      product.multiply(
        rows: range.count, attentional.storage.pointer + range.lowerBound * size, stride: size,
        into: target, stride: classes, accumulate: bias != nil)
    }
    return result
  }
}

/// The recurrent part of a stepper, for a cell that is not known.
protocol DecoderEngine: AnyObject {
  /// One step; h̃ is valid until the next one.
  func step(
    _ tokens: [Int32], parents: [Int], sources: [Int]
  ) -> (attentional: Tensor, weights: AttentionWeights)
}

extension RecurrentNetwork {
  fileprivate func decoderEngine(
    _ decoder: AttentionDecoder, memory: AttentionMemory, state: [[Tensor]],
    use: StepProduct.Use, fedTokens: Double
  ) -> any DecoderEngine {
    func engine<Cell>(_ network: Recurrent<Cell>) -> any DecoderEngine {
      TypedDecoderEngine(network, decoder, memory, state, use, fedTokens: fedTokens)
    }
    return switch self {
    case .rnn(let network): engine(network)
    case .gru(let network): engine(network)
    case .gruResetBefore(let network): engine(network)
    case .lstm(let network): engine(network)
    case .lstmPeephole(let network): engine(network)
    case .lstmLayerNorm(let network): engine(network)
    }
  }
}

private final class TypedDecoderEngine<Cell: RecurrentCell>: DecoderEngine {
  private let weights: DecoderWeights<Cell>
  private let products: DecoderProducts
  private let core: AttentionCore
  private let embedding: Tensor
  /// The first layer's projection of every token with its bias, [inputs, G·H]; nil where that is too much
  /// to stay in a cache, or the steps feed fewer than twice as many tokens if they do not end early.
  private let table: Tensor?
  private let token: StepProduct
  /// Floats of a table that is worth making.
  private static var largestTable: Int { 1 << 20 }
  /// The state before the first step.
  private let start: [[Tensor]]
  /// The last step.
  private var pass: DecoderPass<Cell>?

  init(
    _ network: Recurrent<Cell>, _ decoder: AttentionDecoder, _ memory: AttentionMemory,
    _ start: [[Tensor]], _ use: StepProduct.Use, fedTokens: Double
  ) {
    weights = DecoderWeights(
      network, embeddingSize: decoder.configuration.embeddingSize, attention: decoder.attention,
      combination: decoder.combination.weight)
    products = DecoderProducts(weights, use: use)
    core = AttentionCore(
      decoder.attention.kind, memory: memory, vector: decoder.attention.vector)
    embedding = decoder.embedding.weight
    self.start = start
    let layer = weights.layers[0]
    let size = weights.embeddingSize
    let weight = layer.weights.input ?? Tensor(zeros: [layer.gateWidth, layer.inputSize])
    token = StepProduct(
      k: size, n: layer.gateWidth, weight.storage, offset: 0, stride: layer.inputSize,
      transposed: true, use: use)
    let rows = embedding.shape[0]
    if use.times > 1, 2 * Double(rows) <= fedTokens, rows * layer.gateWidth <= Self.largestTable {
      let table = Tensor(
        shape: [rows, layer.gateWidth], storage: Storage(count: rows * layer.gateWidth))
      AffineProduct.forward(
        rows: rows, embedding.storage.pointer, stride: size, weight: weight, inputs: size,
        bias: layer.bias, into: table.storage.pointer, isKept: true)
      self.table = table
    } else {
      table = nil
    }
  }

  func step(
    _ tokens: [Int32], parents: [Int], sources: [Int]
  ) -> (attentional: Tensor, weights: AttentionWeights) {
    let pass = advancedPass(continuing: parents, sources: sources)
    self.pass = pass
    project(tokens, into: pass.layers[0].gates.pointer)
    pass.forward(with: products)
    return (pass.end.output, AttentionWeights(values: pass.alpha, offsets: pass.alphaOffsets))
  }

  /// The pass of a step: the last one's, with its memory, where that had as many rows.
  private func advancedPass(continuing parents: [Int], sources: [Int]) -> DecoderPass<Cell> {
    if let pass, pass.layout.batch == parents.count {
      pass.advance(continuing: parents, sources: sources)
      return pass
    }
    let layout = SequenceLayout(batch: parents.count, length: parents.isEmpty ? 0 : 1)
    return DecoderPass(
      weights, core: core, layout: layout, sources: sources,
      start: DecoderStart(
        state: pass?.end.state ?? start, fed: pass?.end.output, rows: parents),
      masks: weights.layers.map { _ in nil }, keeps: false)
  }

  private func project(_ tokens: [Int32], into gates: UnsafeMutablePointer<Float>) {
    let layer = weights.layers[0]
    let width = layer.gateWidth
    for (row, id) in tokens.enumerated() {
      let target = gates + row * width
      if let table {
        target.update(from: table.storage.pointer + Int(id) * width, count: width)
      } else {
        let hasBias = layer.fillBias(
          CellMatrix(target, rows: 1, columns: width, stride: width))
        if !hasBias { target.update(repeating: 0, count: width) }
      }
    }
    guard table == nil else { return }
    let vectors = embedding.detached().gatheredRows(tokens)
    token.multiply(
      rows: tokens.count, vectors.storage.pointer, stride: weights.embeddingSize, into: gates,
      stride: width, accumulate: true)
  }
}
