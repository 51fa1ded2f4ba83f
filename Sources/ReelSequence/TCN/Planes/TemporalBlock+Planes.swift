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
    let (hidden, hiddenSigns) = pass.first(x, isWatched: isWatched)
    guard isWatched else {
      if returnsState {
        state.append(window.history(after: hidden, histories?.1, channels: pass.outputs))
      }
      pass.second(hidden, replacing: &x)
      return state
    }
    let (y, signs) = pass.second(hidden, x)
    let inputs = [x] + parameters
    let needs = inputs.map { $0?.isWatched ?? false }
    let saved = TemporalBlockPass.Saved(
      x: x.detached(), hidden: hidden, hiddenSigns: hiddenSigns, outputSigns: signs)
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
    /// For each hidden value, and each value of the output, a byte: what its rectifiers let through.
    let hiddenSigns: Storage?
    let outputSigns: Storage
  }

  var total: Int { window.layout.total }
  var stride: Int { Planes.stride(columns: total) }

  func source(_ planes: Tensor, history: Tensor?) -> PlaneSource {
    PlaneSource(planes, window.layout, history: history, historyLength: window.historyLength)
  }

  private func signs() -> Storage { Storage(count: (outputs * stride + 3) / 4) }

  /// h = dropout(relu(W₁ ∗ x + b₁)), and where it is above 0 for who goes back.
  func first(_ x: Tensor, isWatched: Bool) -> (hidden: Tensor, signs: Storage?) {
    let hidden = Planes.make(channels: outputs, columns: total)
    let signs = isWatched ? signs() : nil
    window.convolve(
      source(x, history: histories?.0), weights.0, pieces,
      finish: PlaneFinish(
        bias: biases.0, isRectified: true, gate: gate(masks.first), signs: signs),
      into: hidden)
    return (hidden, signs)
  }

  /// Dropout alone.
  private func gate(_ mask: ChannelMask?) -> PlaneGate? { mask.map { PlaneGate(mask: $0) } }

  /// y = relu(dropout(relu(W₂ ∗ h + b₂)) + shortcut(x)), and where both rectifiers let through.
  func second(_ hidden: Tensor, _ x: Tensor) -> (output: Tensor, signs: Storage) {
    let y = Planes.make(channels: outputs, columns: total)
    let signs = signs()
    second(hidden, x, into: y, signs: signs)
    return (y, signs)
  }

  /// The same with nobody watching: where the shortcut is x itself, and nobody else has it, the
  /// output takes its place.
  func second(_ hidden: Tensor, replacing x: inout Tensor) {
    if downsample == nil, x.origin == nil, x.storage.narrow == nil,
      isKnownUniquelyReferenced(&x.storage)
    {
      second(hidden, x, into: x, signs: nil)
    } else {
      let y = Planes.make(channels: outputs, columns: total)
      second(hidden, x, into: y, signs: nil)
      x = y
    }
  }

  private func second(_ hidden: Tensor, _ x: Tensor, into y: Tensor, signs: Storage?) {
    if let downsample {
      shortcut.convolve(
        source(x, history: nil), downsample.weight,
        shortcut.pieces(channels: max(inputs, outputs)),
        finish: PlaneFinish(bias: downsample.bias), into: y)
    }
    window.convolve(
      source(hidden, history: histories?.1), weights.1, pieces,
      finish: PlaneFinish(
        bias: biases.1, isRectified: true, gate: gate(masks.second),
        residual: downsample == nil ? x.detached() : y, signs: signs),
      into: y)
  }

  /// The shortcut is a convolution of one tap.
  var shortcut: TemporalWindow {
    TemporalWindow(window.layout, kernel: 1, dilation: 1, isCausal: true, hasHistory: false)
  }
}
