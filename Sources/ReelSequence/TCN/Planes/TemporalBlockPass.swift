import ReelLayers
import ReelTensor

/// One block on one batch.
struct TemporalBlockPass: Sendable {
  let groups: PlaneGroups
  /// Of a group.
  let window: TemporalWindow
  /// [out, in, k] and [out, out, k].
  let weights: (Tensor, Tensor)
  let biases: (Tensor, Tensor)
  /// [out, in, 1] and [out].
  let downsample: (weight: Tensor, bias: Tensor)?
  let histories: (Tensor, Tensor)?
  /// For each group.
  let masks: (first: [ChannelMask]?, second: [ChannelMask]?)
  let inputs: Int
  let outputs: Int

  init(
    groups: PlaneGroups, window: TemporalWindow, weights: (Tensor, Tensor),
    biases: (Tensor, Tensor), downsample: (Tensor, Tensor)?, histories: (Tensor, Tensor)?,
    masks: (Tensor?, Tensor?)
  ) {
    func ofGroups(_ mask: Tensor) -> [ChannelMask] {
      (0..<groups.count).map { ChannelMask(groups.rows(mask, of: $0), window.layout) }
    }
    self.groups = groups
    self.window = window
    self.weights = weights
    self.biases = biases
    self.downsample = downsample
    self.histories = histories
    self.masks = (masks.0.map(ofGroups), masks.1.map(ofGroups))
    (outputs, inputs) = (weights.0.shape[0], weights.0.shape[1])
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

  /// The weights made ready.
  private struct Convolutions {
    let first: PreparedConvolution
    let second: PreparedConvolution
    let shortcut: PreparedConvolution?
  }

  private var convolutions: Convolutions {
    Convolutions(
      first: PreparedConvolution(window, weights.0),
      second: PreparedConvolution(window, weights.1),
      shortcut: downsample.map { PreparedConvolution(shortcut, $0.weight) })
  }

  var total: Int { window.layout.total }
  private var stride: Int { Planes.stride(columns: total) }

  func source(_ planes: Tensor, history: Tensor?) -> PlaneSource {
    PlaneSource(planes, window.layout, history: history, historyLength: window.historyLength)
  }

  /// The shortcut is a convolution of one tap.
  var shortcut: TemporalWindow {
    TemporalWindow(window.layout, kernel: 1, dilation: 1, isCausal: true, hasHistory: false)
  }

  private func signs() -> Storage { Storage(count: (outputs * stride + 3) / 4) }

  /// The output of every group, with what the way back needs.
  func forward(_ x: [Tensor]) -> (output: [Tensor], saved: [Saved]) {
    let convolutions = convolutions
    let made = groups.map { group in
      let x = x[group].detached()
      let hiddenSigns = signs()
      let hidden = first(x, convolutions, group, signs: hiddenSigns)
      let y = Planes.make(channels: outputs, columns: total)
      let outputSigns = signs()
      second(hidden, x, convolutions, group, into: y, signs: outputSigns)
      return (
        y, Saved(x: x, hidden: hidden, hiddenSigns: hiddenSigns, outputSigns: outputSigns)
      )
    }
    return (made.map(\.0), made.map(\.1))
  }

  /// The same with nobody watching: where the shortcut is x itself, and nobody else has it, the output
  /// takes its place.
  ///
  /// - Parameter look: sees the hidden values of each group.
  /// - Returns: what it makes of them.
  func replace(_ x: inout [Tensor], _ look: @Sendable (Tensor) -> Tensor?) -> [Tensor?] {
    let convolutions = convolutions
    return x.withUnsafeMutableBufferPointer { x in
      let planes = Shared(x)
      return groups.map { group in
        let hidden = first(planes.pointer[group], convolutions, group, signs: nil)
        let seen = look(hidden)
        replace(&planes.pointer[group], hidden, convolutions, group)
        return seen
      }
    }
  }

  private func replace(
    _ x: inout Tensor, _ hidden: Tensor, _ convolutions: Convolutions, _ group: Int
  ) {
    if downsample == nil, x.origin == nil, x.hasStorageAlone() {
      x.storage.forgetPackedForms()
      second(hidden, x, convolutions, group, into: x, signs: nil)
    } else {
      let y = Planes.make(channels: outputs, columns: total)
      second(hidden, x, convolutions, group, into: y, signs: nil)
      x = y
    }
  }

  /// h = dropout(relu(W₁ ∗ x + b₁)), and where it is above 0 for who goes back.
  private func first(
    _ x: Tensor, _ convolutions: Convolutions, _ group: Int, signs: Storage?
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
    _ hidden: Tensor, _ x: Tensor, _ convolutions: Convolutions, _ group: Int, into y: Tensor,
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
