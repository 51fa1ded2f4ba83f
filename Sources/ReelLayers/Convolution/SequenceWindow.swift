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
    (self.kernel, self.stride, self.dilation) = (kernel, stride, dilation)
    self.padding = padding
  }

  /// The padding before a sequence of `length` steps, and the number of its outputs. A sequence
  /// that has no steps, or with its padding fewer than the window spans, has no outputs: one short
  /// row is no reason to refuse a batch.
  package func fit(length: Int) -> (before: Int, outputs: Int) {
    let geometry = try? ConvolutionGeometry(
      input: [length], kernel: [kernel], stride: [stride], dilation: [dilation], padding: padding)
    guard length > 0, let geometry else { return (0, 0) }
    return (geometry.padding[0].before, geometry.output[0])
  }
}
