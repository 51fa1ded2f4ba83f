import ReelTensor

/// A window of `kernel` taps that slides over time: output t reads the input times
/// t·stride − before + j·dilation, j = 0 … kernel − 1, and zeros where a sequence has no such time.
package struct SequenceWindow: Sendable, Hashable {
  package let kernel: Int
  package let stride: Int
  package let dilation: Int
  package let padding: ConvolutionPadding

  package init(
    kernel: Int, stride: Int = 1, dilation: Int = 1, padding: ConvolutionPadding = .causal
  ) {
    precondition(
      kernel > 0 && stride > 0 && dilation > 0,
      "convolution over time with kernel \(kernel), stride \(stride) and dilation \(dilation): "
        + "each must be at least 1")
    if case .explicit(let axes) = padding {
      precondition(
        axes.count == 1 && axes[0].before >= 0 && axes[0].after >= 0,
        "convolution over time with padding \(axes): one axis of at least 0 is expected")
    }
    (self.kernel, self.stride, self.dilation) = (kernel, stride, dilation)
    self.padding = padding
  }

  /// Time steps from the first tap to the last one, both included.
  package var extent: Int { (kernel - 1) * dilation + 1 }

  /// The padding of a sequence of `length` steps and the number of its outputs. A sequence that has
  /// no steps, or with its padding fewer than the window, has no outputs.
  package func fit(length: Int) -> (before: Int, outputs: Int) {
    var (before, after) = (0, 0)
    switch padding {
    case .valid: break
    case .same:
      let outputs = (length + stride - 1) / stride
      let missing = max(0, (outputs - 1) * stride + extent - length)
      (before, after) = (missing / 2, missing - missing / 2)
    case .causal: before = extent - 1
    case .explicit(let axes): (before, after) = (axes[0].before, axes[0].after)
    }
    let padded = before + length + after
    guard length > 0, padded >= extent else { return (before, 0) }
    return (before, (padded - extent) / stride + 1)
  }
}
