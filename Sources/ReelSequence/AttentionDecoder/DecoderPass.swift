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

/// One sweep of a decoder over a batch of target sequences: the loop over time, forward and back.
///
/// As in a recurrent layer the batch is cut into pieces of rows by its size alone, and a piece is
/// swept by one thread from the first step to the last. Gradients of weights are single products
/// over all steps, after the loop.
final class DecoderPass<Cell: RecurrentCell>: @unchecked Sendable {
  let weights: DecoderWeights<Cell>
  let core: AttentionCore
  let layout: SequenceLayout
  /// The source of each place of the layout.
  let sources: [Int]
  /// The state before the first step: of each layer its components, [batch, H] in sorted order.
  let initial: [[Tensor]]
  /// h̃ before the first step, [batch, A] in sorted order; nil means zeros.
  let fed: Tensor?
  let masks: [Tensor?]
  let keeps: Bool
  let pieces: [Range<Int>]

  let layers: [DecoderLayerRows<Cell>]
  /// [context; h], [total, M + H].
  let combined: StepRows
  /// Queries of additive attention, [total, K].
  let queries: StepRows
  /// α, and the first weight of each stored row.
  let alpha: Tensor
  let alphaOffsets: [Int]
  /// h̃, [total, A].
  let output: Tensor
  /// The state after each row's last step, as `initial`.
  let final: [[Tensor]]

  init(
    _ weights: DecoderWeights<Cell>, core: AttentionCore, layout: SequenceLayout, sources: [Int],
    initial: [[Tensor]], fed: Tensor? = nil, masks: [Tensor?], keeps: Bool
  ) {
    self.weights = weights
    self.core = core
    self.layout = layout
    self.sources = sources
    self.initial = initial
    self.fed = fed
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
    var offsets = [0]
    offsets.reserveCapacity(total + 1)
    for time in 0..<layout.longest {
      for place in 0..<layout.active[time] {
        let source = sources[place]
        offsets.append(
          offsets[offsets.count - 1] + core.offsets[source + 1] - core.offsets[source])
      }
    }
    alphaOffsets = offsets
    alpha = Tensor(shape: [offsets[total]], storage: Storage(count: offsets[total]))
    let size = weights.attentionalSize
    output = Tensor(shape: [total, size], storage: Storage(count: total * size))
    let (batch, hidden) = (layout.batch, weights.hiddenSize)
    final = weights.layers.map { _ in
      Cell.State.names.map { _ in
        Tensor(shape: [batch, hidden], storage: Storage(count: batch * hidden))
      }
    }
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
