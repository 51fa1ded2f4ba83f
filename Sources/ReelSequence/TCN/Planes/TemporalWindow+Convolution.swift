import ReelLayers
import ReelTensor

// A convolution on planes and its way back: by the Fourier transform of tiles or, where that is more
// work, as the sum over the taps.

extension TemporalWindow {
  /// y = W ∗ x and what `finish` makes of it, on all columns of a batch.
  ///
  /// - Parameters:
  ///   - weight: [out, in, k].
  ///   - pieces: the columns of y.
  func convolve(
    _ x: PlaneSource, _ weight: Tensor, _ pieces: [PlanePiece], finish: PlaneFinish, into y: Tensor
  ) {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    var pieces = pieces
    if let tiles = FourierTiles(self, inputs: inputs, outputs: outputs) {
      tiles.convolve(x, weight, finish: finish, into: y)
      pieces = pieces.clipped(to: tiles.rest)
    }
    sum(x, weight, transposed: false, pieces, finish: finish, into: y)
  }

  /// Some columns of it, as the sum over the taps.
  ///
  /// - Parameter transposed: whether x is the gradient in a result, y that in what was read.
  private func sum(
    _ x: PlaneSource, _ weight: Tensor, transposed: Bool, _ pieces: [PlanePiece],
    finish: PlaneFinish, into y: Tensor
  ) {
    guard !pieces.isEmpty else { return }
    let weights = PlaneWeights(weight, transposed: transposed)
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
        piece.columns, layout, channels: weights.outputs, from: scratch.pointer,
        stride: scratchStride, into: target.pointer, stride: stride)
      withExtendedLifetime(scratch) {}
    }
    withExtendedLifetime((x, y)) {}
  }

  /// The gradients of a convolution.
  struct Gradients {
    /// [out, in, k] and [out].
    let weight: Tensor
    let bias: Tensor
    /// What passed of the result's gradient; nil where tiles read it and nobody made it.
    let arrived: Tensor?
  }

  /// The way back of `convolve`: dW = Σ dy·x, db = Σ dy and dx = Wᵀ ∗ dy.
  ///
  /// - Parameters:
  ///   - x: what the convolution read.
  ///   - parts: the columns of the result, and those of x.
  ///   - dy: planes of the result's gradient, of which `gate` says what passes.
  ///   - finish: what becomes of dx.
  ///   - dx: planes of the gradient in x; nil where nobody asks.
  func backward(
    _ x: PlaneSource, _ weight: Tensor, _ parts: (results: [PlanePiece], inputs: [PlanePiece]),
    dy: Tensor, gate: PlaneGate? = nil, finish: PlaneFinish, into dx: Tensor?
  ) -> Gradients {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    var (pieces, inputPieces) = parts
    let tiles = FourierTiles(self, inputs: inputs, outputs: outputs)
    var byTiles: (weight: Tensor, bias: Tensor)?
    if let tiles {
      let gradients = tiles.backward(x, weight, dy: dy, gate: gate, finish: finish, into: dx)
      guard !tiles.rest.isEmpty else {
        return Gradients(weight: gradients.weight, bias: gradients.bias, arrived: nil)
      }
      byTiles = gradients
      pieces = pieces.clipped(to: tiles.rest)
      inputPieces = inputPieces.clipped(to: tiles.turned.rest)
    }
    // What passes is made for the columns that the sums read: a rest reads no others than its own.
    let read = tiles == nil ? [pieces] : [pieces, inputPieces]
    let arrived = gate.map { pass(dy, $0, channels: outputs, read) } ?? dy
    let sums = PlaneWeightGradient(
      pieces, x, dy: arrived, inputs: inputs, outputs: outputs, taps: reads.count)
    if let dx {
      sum(
        PlaneSource(arrived, layout), weight, transposed: true, inputPieces, finish: finish,
        into: dx)
    }
    guard let byTiles else {
      return Gradients(weight: sums.weight, bias: sums.bias, arrived: arrived)
    }
    return Gradients(
      weight: byTiles.weight + sums.weight, bias: byTiles.bias + sums.bias, arrived: nil)
  }

  /// What a gate lets pass of dy, in the columns of some lists of pieces; two lists may have the same.
  private func pass(
    _ dy: Tensor, _ gate: PlaneGate, channels: Int, _ lists: [[PlanePiece]]
  ) -> Tensor {
    let result = Planes.make(channels: channels, columns: layout.total)
    let (from, to) = (Shared(dy.storage.pointer), Shared(result.storage.pointer))
    let stride = Planes.stride(columns: layout.total)
    for pieces in lists {
      Threads.forEachFlushingDenormals(pieces.count) { index in
        let columns = pieces[index].columns
        PlaneFinish(gate: gate).apply(
          columns, layout, channels: channels, from: from.pointer + columns.lowerBound,
          stride: stride, into: to.pointer, stride: stride)
      }
    }
    withExtendedLifetime((dy, result)) {}
    return result
  }
}
