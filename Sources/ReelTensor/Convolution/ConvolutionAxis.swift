/// One axis of a convolution, checked: its sizes and what comes out.
struct ConvolutionAxis {
  let padding: AxisPadding
  let output: Int

  /// The largest size that is taken; products of a few of them still fit an Int.
  private static let largest = Int(Int32.max)

  /// The window's span, (k − 1)·d + 1, after a check of everything that needs no input.
  static func span(
    kernel: Int, stride: Int, dilation: Int, padding: AxisPadding?
  ) throws(ConvolutionError) -> Int {
    func check(_ name: String, _ value: Int, from least: Int) throws(ConvolutionError) {
      guard value >= least && value <= largest else {
        throw ConvolutionError("\(name) \(value) of a convolution: \(least) or more expected")
      }
    }
    try check("kernel", kernel, from: 1)
    try check("stride", stride, from: 1)
    try check("dilation", dilation, from: 1)
    if let padding {
      try check("padding", padding.before, from: 0)
      try check("padding", padding.after, from: 0)
    }
    return (kernel - 1) * dilation + 1
  }

  /// - Parameter explicit: the padding of this axis where it is given as numbers.
  init(
    input: Int, kernel: Int, stride: Int, dilation: Int, padding: ConvolutionPadding,
    explicit: AxisPadding?, exact: Bool
  ) throws(ConvolutionError) {
    let span = try Self.span(
      kernel: kernel, stride: stride, dilation: dilation, padding: explicit)
    guard input >= 0 && input <= Self.largest else {
      throw ConvolutionError("input \(input) of a convolution: 0 or more expected")
    }
    switch padding {
    case .valid: self.padding = AxisPadding()
    case .causal: self.padding = AxisPadding(before: span - 1)
    case .explicit: self.padding = explicit ?? AxisPadding()
    case .same:
      let total = max(((input + stride - 1) / stride - 1) * stride + span - input, 0)
      self.padding = AxisPadding(before: total / 2, after: total - total / 2)
    }
    if input == 0, padding == .same || padding == .causal {
      output = 0
      return
    }
    let padded = input + self.padding.before + self.padding.after
    guard span <= padded else {
      let dilated = dilation == 1 ? "" : " with dilation \(dilation), a window of \(span),"
      let added =
        self.padding == AxisPadding() ? "" : " with padding \(self.padding), \(padded) in all"
      throw ConvolutionError("kernel \(kernel)\(dilated) is larger than input \(input)\(added)")
    }
    let rest = (padded - span) % stride
    guard !exact || rest == 0 else {
      let added = self.padding == AxisPadding() ? "" : " with padding \(self.padding)"
      let window = dilation == 1 ? "kernel \(kernel)" : "kernel \(kernel), dilation \(dilation)"
      throw ConvolutionError(
        "input \(input)\(added), \(window) and stride \(stride) does not fit: "
          + "the last window ends \(rest) \(rest == 1 ? "position" : "positions") before the end")
    }
    output = (padded - span) / stride + 1
  }
}
