import ReelTensor

/// How the window of a layer slides, checked once: what stays the same for every input.
struct ConvolutionSettings<Axes: ConvolutionAxes>: Sendable, Hashable {
  let kernel: [Int]
  let stride: [Int]
  let dilation: [Int]
  let padding: ConvolutionPadding
  let groups: Int

  init(
    kernel: [Int], stride: [Int]?, dilation: [Int]?, padding: ConvolutionPadding, groups: Int,
    inputChannels: Int, outputChannels: Int
  ) throws(ConvolutionError) {
    let ones = [Int](repeating: 1, count: Axes.count)
    (self.kernel, self.stride, self.dilation) = (kernel, stride ?? ones, dilation ?? ones)
    (self.padding, self.groups) = (padding, groups)
    for (what, sizes) in [
      ("kernel", self.kernel), ("stride", self.stride), ("dilation", self.dilation),
    ] where sizes.count != Axes.count {
      throw ConvolutionError("\(what) \(sizes): \(Axes.count) expected, one for each axis")
    }
    for axis in 0..<Axes.count {
      // With this padding every input has an output: only the settings themselves can be wrong.
      _ = try Convolution.outputSize(
        input: 1, kernel: kernel[axis], stride: self.stride[axis], dilation: self.dilation[axis],
        padding: .causal)
    }
    if case .explicit(let axes) = padding {
      guard axes.count == Axes.count, axes.allSatisfy({ $0.before >= 0 && $0.after >= 0 }) else {
        throw ConvolutionError(
          "padding \(padding): numbers of at least 0 on \(Axes.count == 1 ? "1 axis" : "\(Axes.count) axes") expected"
        )
      }
    }
    guard inputChannels > 0 && outputChannels > 0 else {
      throw ConvolutionError(
        "\(inputChannels) input and \(outputChannels) output channels: at least 1 of each expected")
    }
    try Convolution.checkGroups(
      groups, inputChannels: inputChannels, outputChannels: outputChannels)
  }

  var taps: Int { kernel.reduce(1, *) }

  /// Checks a batch of shape [batch, channel, size…] against a weight that expects `channels`.
  func check(_ shape: [Int], channels: Int, weight: [Int]) throws(ConvolutionError) {
    guard shape.count == Axes.count + 2 else {
      throw ConvolutionError(
        "input \(shape) and weight \(weight): an input of \(Axes.count + 2) axes expected")
    }
    guard shape[1] == channels else {
      let within = groups == 1 ? "" : " with \(groups) groups"
      throw ConvolutionError(
        "input \(shape) and weight \(weight)\(within): \(channels) input channels expected, "
          + "\(shape[1]) came")
    }
  }

  func geometry(_ input: [Int]) throws(ConvolutionError) -> ConvolutionGeometry {
    try ConvolutionGeometry(
      input: input, kernel: kernel, stride: stride, dilation: dilation, padding: padding)
  }
}

extension ConvolutionSettings where Axes == OneAxis {
  var window: SequenceWindow {
    SequenceWindow(
      kernel: kernel[0], stride: stride[0], dilation: dilation[0], padding: padding)
  }
}

/// The weight of a convolution: as it is, or as a direction and a length for each position of its
/// first axis (weight normalization).
struct ConvolutionWeight: Sendable {
  /// The weight itself, or where there is a gain its direction, of any length.
  var direction: Tensor
  /// [first axis, 1, …]
  var gain: Tensor?

  init(_ weight: Tensor, normalized: Bool) {
    direction = weight
    guard normalized else { return }
    let rows = weight.shape[0]
    let columns = weight.count / max(rows, 1)
    gain = Tensor(
      shape: [rows] + [Int](repeating: 1, count: weight.rank - 1),
      values: (0..<rows).map { row in
        Float(kernels.sum_of_squares(columns, weight.storage.pointer + row * columns).squareRoot())
      })
  }

  var value: Tensor { gain.map { direction.weightNormalized(gain: $0) } ?? direction }
  var shape: [Int] { direction.shape }

  mutating func visit<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    if gain == nil {
      visitor.visit("weight", &direction)
    } else {
      visitor.visit("weight_g", &gain)
      visitor.visit("weight_v", &direction)
    }
  }
}
