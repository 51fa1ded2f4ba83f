import ReelLayers
import ReelTensor

// A convolution on planes and its way back: by the Fourier transform of tiles or, where that is more
// work, as the sum over the taps.

/// A convolution with its weights made ready, once for all groups of a batch.
struct PreparedConvolution: @unchecked Sendable {
  let window: TemporalWindow
  let inputs: Int
  let outputs: Int
  /// What goes by tiles, with the weights of their products.
  let tiles: (tiles: FourierTiles, weights: Storage)?
  /// What does not, with the weights by taps.
  let sums: (pieces: [PlanePiece], weights: PlaneWeights)?

  /// y = W ∗ x; `transposed`, the gradient in x from that in y.
  ///
  /// - Parameter weight: [out, in, k].
  init(_ window: TemporalWindow, _ weight: Tensor, transposed: Bool = false) {
    let (out, input) = (weight.shape[0], weight.shape[1])
    self.window = window
    (inputs, outputs) = transposed ? (out, input) : (input, out)
    let found = FourierTiles(window, inputs: input, outputs: out)
    let tiles = transposed ? found?.turned : found
    self.tiles = tiles.map { ($0, $0.weights(of: weight, transposed: transposed)) }
    if let rest = tiles?.rest, rest.isEmpty {
      sums = nil
    } else {
      let channels = max(input, out)
      let all =
        transposed ? window.inputPieces(channels: channels) : window.pieces(channels: channels)
      sums = (
        tiles.map { all.clipped(to: $0.rest) } ?? all, PlaneWeights(weight, transposed: transposed)
      )
    }
  }

  /// The result, and what `finish` makes of it, on all columns of a group.
  func convolve(_ x: PlaneSource, finish: PlaneFinish, into y: Tensor) {
    if let (tiles, weights) = tiles {
      tiles.convolve(x, weights, inputs: inputs, outputs: outputs, finish: finish, into: y)
    }
    sum(x, finish: finish, into: y)
  }

  /// The columns that are sums over the taps.
  fileprivate func sum(_ x: PlaneSource, finish: PlaneFinish, into y: Tensor) {
    guard let (pieces, weights) = sums else { return }
    let (target, stride) = (Shared(y.storage.pointer), x.stride)
    // The product itself adds the bias and rectifies.
    var rest = finish
    (rest.bias, rest.isRectified) = (nil, false)
    Threads.forEachFlushingDenormals(pieces.count) { [rest] index in
      let piece = pieces[index]
      func multiply(into place: UnsafeMutablePointer<Float>, stride: Int) {
        weights.convolve(
          piece, x, bias: finish.bias, rectified: finish.isRectified, into: place, stride: stride)
      }
      guard !rest.isEmpty else {
        multiply(into: target.pointer + piece.columns.lowerBound, stride: stride)
        return
      }
      let scratchStride = Planes.stride(columns: piece.columns.count)
      let scratch = Storage(count: weights.outputs * scratchStride)
      multiply(into: scratch.pointer, stride: scratchStride)
      rest.apply(
        piece.columns, window.layout, channels: weights.outputs, from: scratch.pointer,
        stride: scratchStride, into: target.pointer, stride: stride)
      withExtendedLifetime(scratch) {}
    }
    withExtendedLifetime((x, y)) {}
  }
}

/// The way back of a convolution, made ready once for all groups of a batch: dW = Σ dy·x, db = Σ dy and
/// dx = Wᵀ ∗ dy.
struct PreparedGradients: Sendable {
  private let transposed: PreparedConvolution
  private let isAlone: Bool
  /// The columns of the result, where nothing goes by tiles.
  private let pieces: [PlanePiece]

  /// - Parameter groups: of the batch.
  init(_ window: TemporalWindow, _ weight: Tensor, groups: Int) {
    isAlone = groups == 1
    transposed = PreparedConvolution(window, weight, transposed: true)
    pieces =
      transposed.tiles == nil
      ? window.pieces(channels: max(transposed.inputs, transposed.outputs)) : []
  }

  /// The gradients of a convolution on a group.
  struct Gradients {
    /// [out, in, k] and [out].
    let weight: Tensor
    let bias: Tensor
    /// What passed of the result's gradient; nil where tiles read it and nobody made it.
    let arrived: Tensor?
  }

  /// - Parameters:
  ///   - x: what the convolution read.
  ///   - dy: planes of the result's gradient, of which `gate` says what passes.
  ///   - finish: what becomes of dx.
  ///   - dx: planes of the gradient in x; nil where nobody asks.
  func callAsFunction(
    _ x: PlaneSource, dy: Tensor, gate: PlaneGate? = nil, finish: PlaneFinish, into dx: Tensor?
  ) -> Gradients {
    let window = transposed.window
    let (inputs, outputs) = (transposed.outputs, transposed.inputs)
    var byTiles: (weight: Tensor, bias: Tensor)?
    if let (tiles, weights) = transposed.tiles {
      byTiles = tiles.backward(
        x, weights, dy: dy, gate: gate, inputs: inputs, outputs: outputs, isAlone: isAlone,
        finish: finish, into: dx)
    }
    guard let (rest, _) = transposed.sums else {
      guard let byTiles else { preconditionFailure("a way back without columns") }
      return Gradients(weight: byTiles.weight, bias: byTiles.bias, arrived: nil)
    }
    // The rest of tiles reads no other columns of dy than its own: they are the last, and on the way back
    // nothing reads what came before.
    let summed = byTiles == nil ? pieces : rest
    let arrived = gate.map { pass(dy, $0, channels: outputs, summed) } ?? dy
    let source = PlaneSource(arrived, window.layout)
    let sums = PlaneWeightGradient(
      summed, turned: byTiles != nil, x, dy: source, inputs: inputs, outputs: outputs,
      taps: window.reads.count)
    if let dx { transposed.sum(source, finish: finish, into: dx) }
    guard let byTiles else {
      return Gradients(weight: sums.weight, bias: sums.bias, arrived: arrived)
    }
    return Gradients(
      weight: byTiles.weight + sums.weight, bias: byTiles.bias + sums.bias, arrived: nil)
  }

  /// What a gate lets pass of dy, in the columns of some pieces.
  private func pass(
    _ dy: Tensor, _ gate: PlaneGate, channels: Int, _ pieces: [PlanePiece]
  ) -> Tensor {
    let layout = transposed.window.layout
    let result = Planes.make(channels: channels, columns: layout.total)
    let (from, to) = (Shared(dy.storage.pointer), Shared(result.storage.pointer))
    let stride = Planes.stride(columns: layout.total)
    Threads.forEachFlushingDenormals(pieces.count) { index in
      let columns = pieces[index].columns
      PlaneFinish(gate: gate).apply(
        columns, layout, channels: channels, from: from.pointer + columns.lowerBound,
        stride: stride, into: to.pointer, stride: stride)
    }
    withExtendedLifetime((dy, result)) {}
    return result
  }
}
