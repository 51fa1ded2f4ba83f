import ReelLayers
import ReelTensor

/// One block on the planes of one batch, group after group.
struct TemporalBlockPass: Sendable {
  /// Of a group.
  let window: TemporalWindow
  /// [out, in, k] and [out, out, k].
  let weights: (Tensor, Tensor)
  let biases: (Tensor, Tensor)
  /// [out, in, 1] and [out].
  let downsample: (weight: Tensor, bias: Tensor)?
  /// Planes.
  let histories: (Tensor, Tensor)?
  /// For each group.
  let masks: (first: [ChannelMask]?, second: [ChannelMask]?)
  let inputs: Int
  let outputs: Int

  /// - Parameters:
  ///   - window: of a group.
  ///   - histories: what each convolution read before, components of a state; nil: zeros.
  ///   - masks: factors [batch, out] of dropout behind each convolution, in the caller's order.
  init(
    _ block: TemporalBlock, _ groups: PlaneGroups, _ window: TemporalWindow,
    histories: (Tensor, Tensor)?, masks: (Tensor?, Tensor?)
  ) {
    func ofGroups(_ mask: Tensor) -> [ChannelMask] {
      (0..<groups.count).map { ChannelMask(groups.rows(mask, of: $0), window.layout) }
    }
    self.window = window
    weights = (block.conv1.weight, block.conv2.weight)
    biases = (block.conv1.bias, block.conv2.bias)
    downsample = block.downsample.map { ($0.weight, $0.bias) }
    self.histories = histories.map {
      (window.planes(ofHistory: $0.0), window.planes(ofHistory: $0.1))
    }
    self.masks = (masks.0.map(ofGroups), masks.1.map(ofGroups))
    (outputs, inputs) = (weights.0.shape[0], weights.0.shape[1])
  }

  /// What the output depends on besides the input, in the order of the gradients.
  var parameters: [Tensor?] {
    [
      weights.0, biases.0, weights.1, biases.1, downsample?.weight, downsample?.bias, histories?.0,
      histories?.1,
    ]
  }

  /// What is made of each convolution, for the way forward or back.
  struct Convolutions<Convolution: Sendable>: Sendable {
    let first: Convolution
    let second: Convolution
    /// Of a shortcut that is a convolution.
    let shortcut: Convolution?

    /// In the order of `convolutions`.
    init(_ made: some Collection<Convolution>) {
      let made = Array(made)
      (first, second, shortcut) = (made[0], made[1], made.count > 2 ? made[2] : nil)
    }
  }

  /// The two convolutions, and the shortcut where it is one.
  var convolutions: [(window: TemporalWindow, weight: Tensor)] {
    [(window, weights.0), (window, weights.1)] + (downsample.map { [(shortcut, $0.weight)] } ?? [])
  }

  /// What `make` makes of each convolution.
  func prepared<Convolution: Sendable>(
    _ make: (TemporalWindow, Tensor) -> Convolution
  ) -> Convolutions<Convolution> {
    Convolutions(convolutions.map { make($0.window, $0.weight) })
  }

  /// What the way back of a group needs besides the weights.
  struct Saved: Sendable {
    let x: Tensor
    /// dropout(relu(W₁ ∗ x + b₁)).
    let hidden: Tensor
    /// For each hidden value, and each value of the output, a byte: what its rectifiers let through.
    let hiddenSigns: Storage
    let outputSigns: Storage
  }

  var total: Int { window.layout.total }
  private var stride: Int { Planes.stride(columns: total) }

  func source(_ planes: Tensor, history: Tensor?) -> PlaneSource {
    PlaneSource(planes, window.layout, history: history, historyLength: window.historyLength)
  }

  /// The shortcut is a convolution of one tap.
  private var shortcut: TemporalWindow {
    TemporalWindow(window.layout, kernel: 1, dilation: 1, isCausal: true, hasHistory: false)
  }

  private func signs() -> Storage { Storage(count: (outputs * stride + 3) / 4) }

  /// The output of a group, with what the way back needs.
  func forward(
    _ x: Tensor, _ group: Int, _ convolutions: Convolutions<PreparedConvolution>
  ) -> (output: Tensor, saved: Saved) {
    let hiddenSigns = signs()
    let hidden = first(x, convolutions, group, signs: hiddenSigns)
    let y = Planes.make(channels: outputs, columns: total)
    let outputSigns = signs()
    second(hidden, x, convolutions, group, into: y, signs: outputSigns)
    return (y, Saved(x: x, hidden: hidden, hiddenSigns: hiddenSigns, outputSigns: outputSigns))
  }

  /// The same with nobody watching: where the shortcut is x itself, and nobody else has it, the output
  /// takes its place.
  ///
  /// - Returns: the states behind this batch that the two convolutions go on with, if they are asked for.
  func replace(
    _ x: inout Tensor, _ group: Int, _ convolutions: Convolutions<PreparedConvolution>,
    returnsState: Bool
  ) -> [Tensor] {
    var states: [Tensor] = []
    if returnsState { states.append(state(after: x, histories?.0, channels: inputs)) }
    let hidden = first(x, convolutions, group, signs: nil)
    if returnsState { states.append(state(after: hidden, histories?.1, channels: outputs)) }
    if downsample == nil, x.origin == nil, x.hasStorageAlone() {
      x.storage.forgetPackedForms()
      second(hidden, x, convolutions, group, into: x, signs: nil)
    } else {
      let y = Planes.make(channels: outputs, columns: total)
      second(hidden, x, convolutions, group, into: y, signs: nil)
      x = y
    }
    return states
  }

  /// The last inputs of a convolution of a group, [batch, (k − 1)·d, channels], recorded.
  func state(after planes: Tensor, _ history: Tensor?, channels: Int) -> Tensor {
    window.history(after: planes, history, channels: channels)
  }

  /// h = dropout(relu(W₁ ∗ x + b₁)), and where it is above 0 for who goes back.
  private func first(
    _ x: Tensor, _ convolutions: Convolutions<PreparedConvolution>, _ group: Int, signs: Storage?
  ) -> Tensor {
    let hidden = Planes.make(channels: outputs, columns: total)
    convolutions.first.convolve(
      source(x, history: histories?.0),
      finish: PlaneFinish(
        bias: biases.0, isRectified: true, gate: gate(masks.first, group), signs: signs),
      into: hidden)
    return hidden
  }

  /// Dropout alone.
  private func gate(_ masks: [ChannelMask]?, _ group: Int) -> PlaneGate? {
    masks.map { PlaneGate(mask: $0[group]) }
  }

  /// y = relu(dropout(relu(W₂ ∗ h + b₂)) + shortcut(x)), and what both rectifiers let through.
  private func second(
    _ hidden: Tensor, _ x: Tensor, _ convolutions: Convolutions<PreparedConvolution>, _ group: Int,
    into y: Tensor,
    signs: Storage?
  ) {
    if let shortcut = convolutions.shortcut {
      shortcut.convolve(
        source(x, history: nil), finish: PlaneFinish(bias: downsample?.bias), into: y)
    }
    convolutions.second.convolve(
      source(hidden, history: histories?.1),
      finish: PlaneFinish(
        bias: biases.1, isRectified: true, gate: gate(masks.second, group),
        residual: downsample == nil ? x.detached() : y, signs: signs),
      into: y)
  }
}
