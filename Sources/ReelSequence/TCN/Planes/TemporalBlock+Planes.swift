import CReelKernels
import ReelLayers
import ReelTensor

extension TemporalBlock {
  /// Reads a batch: one node of the graph.
  ///
  /// - Parameters:
  ///   - x: planes of the input; the planes of the output when this returns.
  ///   - histories: what each convolution read before, components of a state; nil: zeros.
  ///   - masks: factors [batch, out] of dropout behind each convolution, in the caller's order.
  /// - Returns: what the two convolutions go on with, [batch, (k − 1)·d, channels] each, if that is
  ///   asked for.
  func run(
    planes x: inout Tensor, _ window: TemporalWindow, histories: (Tensor, Tensor)?,
    masks: (Tensor?, Tensor?), returnsState: Bool
  ) -> [Tensor] {
    let histories = histories.map {
      (window.planes(ofHistory: $0.0), window.planes(ofHistory: $0.1))
    }
    let pass = TemporalBlockPass(
      window: window, weights: (conv1.weight, conv2.weight), biases: (conv1.bias, conv2.bias),
      downsample: downsample.map { ($0.weight, $0.bias) }, histories: histories, masks: masks)
    let parameters =
      [pass.weights.0, conv1.bias, pass.weights.1, conv2.bias]
      + [downsample?.weight, downsample?.bias, histories?.0, histories?.1]
    let isWatched = x.isWatched || parameters.contains { $0?.isWatched ?? false }
    var state: [Tensor] = []
    if returnsState {
      state.append(window.history(after: x, histories?.0, channels: pass.inputs))
    }
    let hidden = pass.first(x)
    guard isWatched else {
      if returnsState {
        state.append(window.history(after: hidden, histories?.1, channels: pass.outputs))
      }
      pass.second(hidden, replacing: &x)
      return state
    }
    let (y, active) = pass.second(hidden, x)
    let inputs = [x] + parameters
    let needs = inputs.map { $0?.isWatched ?? false }
    let saved = TemporalBlockPass.Saved(
      x: x.detached(), hidden: hidden, output: y, active: active)
    let recorded = record([y, hidden], from: inputs) { gradients in
      pass.backward(saved, output: gradients[0], hidden: gradients[1], needs: needs)
    }
    x = recorded[0]
    if returnsState {
      state.append(window.history(after: recorded[1], histories?.1, channels: pass.outputs))
    }
    return state
  }
}

/// One block on one batch.
struct TemporalBlockPass: Sendable {
  let window: TemporalWindow
  /// [out, in, k] and [out, out, k].
  let weights: (Tensor, Tensor)
  let biases: (Tensor, Tensor)
  /// [out, in, 1] and [out].
  let downsample: (weight: Tensor, bias: Tensor)?
  let histories: (Tensor, Tensor)?
  let masks: (first: ChannelMask?, second: ChannelMask?)
  let inputs: Int
  let outputs: Int
  /// The results of both convolutions in pieces.
  let pieces: [PlanePiece]

  init(
    window: TemporalWindow, weights: (Tensor, Tensor), biases: (Tensor, Tensor),
    downsample: (Tensor, Tensor)?, histories: (Tensor, Tensor)?, masks: (Tensor?, Tensor?)
  ) {
    self.window = window
    self.weights = weights
    self.biases = biases
    self.downsample = downsample
    self.histories = histories
    self.masks = (
      masks.0.map { ChannelMask($0, window.layout) }, masks.1.map { ChannelMask($0, window.layout) }
    )
    (outputs, inputs) = (weights.0.shape[0], weights.0.shape[1])
    pieces = window.pieces(channels: max(inputs, outputs))
  }

  /// What the way back needs besides the weights.
  struct Saved: Sendable {
    let x: Tensor
    /// dropout(relu(W₁ ∗ x + b₁)).
    let hidden: Tensor
    let output: Tensor
    /// For each value whether the second rectifier lets it through: bytes, as many as `output` has
    /// values.
    let active: Storage
  }

  var total: Int { window.layout.total }
  var stride: Int { Planes.stride(columns: total) }

  func source(_ planes: Tensor, history: Tensor?) -> PlaneSource {
    PlaneSource(planes, window.layout, history: history, historyLength: window.historyLength)
  }

  /// h = dropout(relu(W₁ ∗ x + b₁)).
  func first(_ x: Tensor) -> Tensor {
    let hidden = Planes.make(channels: outputs, columns: total)
    let weights = PlaneWeights(weights.0)
    let source = source(x, history: histories?.0)
    let (pieces, stride) = (pieces, stride)
    let target = Shared(hidden.storage.pointer)
    Threads.forEachFlushingDenormals(pieces.count) { index in
      let piece = pieces[index]
      let place = target.pointer + piece.columns.lowerBound
      weights.convolve(
        piece, source, bias: biases.0, rectified: true, into: place, stride: stride)
      masks.first?.multiply(place, stride: stride, columns: piece.columns)
    }
    withExtendedLifetime((x, hidden)) {}
    return hidden
  }

  /// y = relu(dropout(relu(W₂ ∗ h + b₂)) + shortcut(x)), and where the inner rectifier lets through.
  func second(_ hidden: Tensor, _ x: Tensor) -> (output: Tensor, active: Storage) {
    let y = Planes.make(channels: outputs, columns: total)
    let active = Storage(count: (outputs * stride + 3) / 4)
    second(hidden, x, into: y, active: active)
    return (y, active)
  }

  /// The same with nobody watching: where the shortcut is x itself, and nobody else has it, the
  /// output takes its place.
  func second(_ hidden: Tensor, replacing x: inout Tensor) {
    if downsample == nil, x.origin == nil, x.storage.narrow == nil,
      isKnownUniquelyReferenced(&x.storage)
    {
      second(hidden, x, into: x, active: nil)
    } else {
      let y = Planes.make(channels: outputs, columns: total)
      second(hidden, x, into: y, active: nil)
      x = y
    }
  }

  private func second(_ hidden: Tensor, _ x: Tensor, into y: Tensor, active: Storage?) {
    let weights = PlaneWeights(weights.1)
    let shortcut = downsample.map { PlaneWeights($0.weight) }
    let source = source(hidden, history: histories?.1)
    let (target, input) = (Shared(y.storage.pointer), Shared(x.storage.pointer))
    let flags = active.map { Shared(UnsafeMutableRawPointer($0.pointer)) }
    let (pieces, outputs, stride) = (pieces, outputs, stride)
    Threads.forEachFlushingDenormals(pieces.count) { index in
      let piece = pieces[index]
      let (first, width) = (piece.columns.lowerBound, piece.columns.count)
      let scratchStride = Planes.stride(columns: width)
      let scratch = Storage(count: outputs * scratchStride)
      weights.convolve(
        piece, source, bias: biases.1, rectified: true, into: scratch.pointer,
        stride: scratchStride)
      masks.second?.multiply(scratch.pointer, stride: scratchStride, columns: piece.columns)
      let place = target.pointer + first
      var other = (UnsafePointer(input.pointer + first), stride)
      if let shortcut, let downsample {
        var tap = reel_plane_tap(
          x: other.0, ld: stride, w: shortcut.pointer(tap: 0), ldw: shortcut.stride)
        kernels.convolve_planes(
          outputs, width, shortcut.inputs, 1, &tap, downsample.bias.storage.pointer, false, place,
          stride)
        other = (UnsafePointer(place), stride)
      }
      kernels.residual_forward(
        outputs, width, scratch.pointer, scratchStride, other.0, other.1, place, stride,
        flags.map { $0.pointer.assumingMemoryBound(to: UInt8.self) + first }, stride)
      withExtendedLifetime(scratch) {}
    }
    withExtendedLifetime((hidden, x, y, active, shortcut)) {}
  }
}
