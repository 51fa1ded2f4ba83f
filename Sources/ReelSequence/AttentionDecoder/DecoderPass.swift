import ReelLayers
import ReelTensor

/// Every weight that a step of a decoder multiplies with, packed once for all steps.
struct DecoderWeights<Cell: RecurrentCell>: @unchecked Sendable {
  let layers: [DecoderLayerWeights<Cell>]
  /// E: the first layer's columns that the embedded token meets; those behind it meet h̃.
  let embeddingSize: Int
  /// W_q of additive attention.
  let query: Tensor?
  /// W_c, [A, M + H].
  let combination: Tensor

  init(
    _ network: Recurrent<Cell>, embeddingSize: Int, attention: Attention, combination: Tensor
  ) {
    layers = network.parts.map { DecoderLayerWeights($0) }
    self.embeddingSize = embeddingSize
    query = attention.query?.weight.detached()
    self.combination = combination.detached()
  }

  var hiddenSize: Int { layers[0].hiddenSize }
  var attentionalSize: Int { combination.shape[0] }
  var combinedSize: Int { combination.shape[1] }
}

/// The products of a step, going forward.
struct DecoderProducts: Sendable {
  /// Of the fed h̃ in the first layer, of the layer below in the others.
  let inputs: [StepProduct]
  let hidden: [[[StepProduct]]]
  let query: StepProduct?
  let combination: StepProduct

  init<Cell>(_ weights: DecoderWeights<Cell>, use: StepProduct.Use) {
    inputs = weights.layers.enumerated().map { index, layer in
      layer.inputProduct(from: index == 0 ? weights.embeddingSize : 0, use: use)
    }
    hidden = weights.layers.map { $0.hiddenProducts(use: use) }
    query = weights.query.map {
      StepProduct(
        k: $0.shape[1], n: $0.shape[0], $0.storage, offset: 0, stride: $0.shape[1],
        transposed: true, use: use)
    }
    let combination = weights.combination
    self.combination = StepProduct(
      k: combination.shape[1], n: combination.shape[0], combination.storage, offset: 0,
      stride: combination.shape[1], transposed: true, use: use)
  }
}

/// What a decoder's sweep begins with.
struct DecoderStart {
  /// Of each layer the components of its state, each [rows, H].
  let state: [[Tensor]]
  /// h̃ of the step before, [rows, A]; nil means zeros.
  let fed: Tensor?
  /// The row that each place of the layout begins with; nil means its own.
  let rows: [Int]?

  init(state: [[Tensor]], fed: Tensor? = nil, rows: [Int]? = nil) {
    (self.state, self.fed, self.rows) = (state, fed, rows)
  }
}

/// What a decoder's sweep leaves. A pass that advances writes it again two sweeps later.
struct DecoderEnd {
  /// The state after each row's last step, as in `DecoderStart`; on the way, that after the step.
  let state: [[Tensor]]
  /// h̃, [total, A].
  let output: Tensor

  init<Cell>(_ weights: DecoderWeights<Cell>, layout: SequenceLayout) {
    func values(_ rows: Int, _ columns: Int) -> Tensor {
      Tensor(shape: [rows, columns], storage: Storage(count: rows * columns))
    }
    state = weights.layers.map { _ in
      Cell.State.names.map { _ in values(layout.batch, weights.hiddenSize) }
    }
    output = values(layout.total, weights.attentionalSize)
  }
}

/// One sweep of a decoder over a batch of target sequences: the loop over time, forward and back.
///
/// As in a recurrent layer the batch is cut into pieces of rows by its size alone, and a piece is
/// swept by one thread from the first step to the last. Gradients of weights are single products
/// over all steps, after the loop.
///
/// A pass that keeps nothing for the way back can `advance`, and be swept again with the same memory:
/// decoding step by step.
final class DecoderPass<Cell: RecurrentCell>: @unchecked Sendable {
  let weights: DecoderWeights<Cell>
  let core: AttentionCore
  let layout: SequenceLayout
  /// The source of each place of the layout.
  private(set) var sources: [Int]
  private(set) var start: DecoderStart
  /// Two, once the pass has advanced: what one sweep leaves, the next begins with.
  private var ends: [DecoderEnd]
  private var turn = 0
  let masks: [Tensor?]
  let keeps: Bool
  let pieces: [Range<Int>]

  let layers: [DecoderLayerRows<Cell>]
  /// [context; h], [total, M + H].
  let combined: StepRows
  /// Queries of additive attention, [total, K].
  let queries: StepRows
  /// What is fed to the first step, gathered from where it lies, [batch, A]; not in a pass that keeps.
  let gathered: StepRows
  /// α, and the first weight of each stored row.
  private(set) var alpha: Tensor
  private(set) var alphaOffsets: [Int]

  init(
    _ weights: DecoderWeights<Cell>, core: AttentionCore, layout: SequenceLayout, sources: [Int],
    start: DecoderStart, masks: [Tensor?], keeps: Bool
  ) {
    precondition(!keeps || start.fed == nil, "DecoderPass: a pass that keeps is fed zeros at first")
    self.weights = weights
    self.core = core
    self.layout = layout
    self.sources = sources
    self.start = start
    ends = [DecoderEnd(weights, layout: layout)]
    self.masks = masks
    self.keeps = keeps
    let pieces = keeps ? BatchPieces.of(layout.batch) : BatchPieces.forPrediction(of: layout.batch)
    self.pieces = pieces
    let total = layout.total
    layers = weights.layers.enumerated().map { index, layer in
      DecoderLayerRows(layer, isFirst: index == 0, total: total, pieces: pieces, keeps: keeps)
    }
    combined = StepRows(
      width: weights.combinedSize, total: total, pieces: pieces, keeps: keeps)
    queries = StepRows(
      width: weights.query == nil ? 0 : core.keySize, total: total, pieces: pieces, keeps: keeps)
    gathered = StepRows(
      width: keeps ? 0 : weights.attentionalSize, total: total, pieces: pieces, keeps: keeps)
    alphaOffsets = Self.weightOffsets(core, layout, sources)
    alpha = Self.makeAlpha(alphaOffsets)
  }

  var end: DecoderEnd { ends[turn] }

  /// Makes ready for the sweep after this one, over as many rows.
  ///
  /// - Parameters:
  ///   - rows: the row of this sweep that each place continues.
  ///   - sources: the source of each place.
  func advance(continuing rows: [Int], sources: [Int]) {
    precondition(
      !keeps && layout.longest <= 1 && rows.count == layout.batch,
      "DecoderPass: \(rows.count) rows continue \(layout.batch) of \(layout.longest) steps, one is expected"
    )
    start = DecoderStart(state: end.state, fed: end.output, rows: rows)
    if ends.count == 1 { ends.append(DecoderEnd(weights, layout: layout)) }
    turn = 1 - turn
    if sources != self.sources {
      self.sources = sources
      alphaOffsets = Self.weightOffsets(core, layout, sources)
    }
    // Somebody may hold the weights of the last sweep.
    alpha = Self.makeAlpha(alphaOffsets)
  }

  private static func weightOffsets(
    _ core: AttentionCore, _ layout: SequenceLayout, _ sources: [Int]
  ) -> [Int] {
    core.weightOffsets(
      of: (0..<layout.longest).flatMap { sources[..<layout.active[$0]] })
  }

  private static func makeAlpha(_ offsets: [Int]) -> Tensor {
    let count = offsets[offsets.count - 1]
    return Tensor(shape: [count], storage: Storage(count: count))
  }

  /// How often the products of a step are used, and with how many rows, whatever the threads.
  var use: StepProduct.Use {
    StepProduct.Use(
      times: layout.longest, rows: BatchPieces.of(layout.batch).first?.count ?? 0,
      isShared: pieces.count == 1, isKept: !keeps)
  }

  /// Rows of a piece that run at a time.
  func activeRows(of piece: Range<Int>, at time: Int) -> Int {
    min(layout.active[time], piece.upperBound) - piece.lowerBound
  }
}
