import ReelLayers
import ReelTensor

extension TemporalBlock {
  /// Reads a batch.
  ///
  /// - Parameters:
  ///   - x: [total, in] in the layout's order.
  ///   - histories: what each convolution read before, [(k − 1)·d · batch, channels]; nil: zeros.
  ///   - masks: factors [batch, out] of dropout behind each convolution, in the caller's order.
  /// - Returns: [total, out], and what the two convolutions go on with, if that is asked for.
  func run(
    _ x: Tensor, _ window: TemporalWindow, histories: (Tensor, Tensor)?,
    masks: (Tensor?, Tensor?), returnsState: Bool
  ) -> (output: Tensor, state: [Tensor]) {
    let input = window.extended(x, by: histories?.0)
    let hidden = conv1.activated(input, window, mask: masks.0)
    let between = window.extended(hidden, by: histories?.1)
    let second = conv2.activated(between, window, mask: masks.1)
    let shortcut =
      downsample.map {
        x.affineMap(weight: $0.weight.reshaped(Array($0.weight.shape[..<2])), bias: $0.bias)
      } ?? x
    let state = returnsState ? window.histories([input, between]) : []
    return ((second + shortcut).relu(), state)
  }
}

extension TemporalConvolution {
  fileprivate func activated(_ x: Tensor, _ window: TemporalWindow, mask: Tensor?) -> Tensor {
    let y = x.convolvedRows(window.table, weight: weight, bias: bias, rectified: true)
    guard let mask else { return y }
    var rows: [Int32] = []
    for time in 0..<window.layout.longest {
      for place in 0..<window.layout.active[time] { rows.append(Int32(window.layout.order[place])) }
    }
    return y * mask.gatheredRows(rows)
  }
}
