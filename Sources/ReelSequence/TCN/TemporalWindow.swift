import ReelLayers
import ReelTensor

/// Where the convolutions of one block read, for one batch: made once, for both convolutions and
/// their way back.
struct TemporalWindow: Sendable {
  let layout: SequenceLayout
  let table: TapTable
  /// (k − 1)·d.
  let historyLength: Int
  let hasHistory: Bool

  init(
    _ layout: SequenceLayout, kernel: Int, dilation: Int, isCausal: Bool, hasHistory: Bool
  ) {
    self.layout = layout
    self.hasHistory = hasHistory
    historyLength = (kernel - 1) * dilation
    let before = historyLength / 2
    table = layout.tapTable(
      kernel: kernel, dilation: dilation,
      padding: isCausal
        ? .causal : .explicit([AxisPadding(before: before, after: historyLength - before)]),
      history: hasHistory ? historyLength : 0)
  }

  /// What a convolution reads: the history, if there is one, and then the values.
  func extended(_ values: Tensor, by history: Tensor?) -> Tensor {
    guard let history, historyLength > 0 else { return values }
    return .concatenated([history, values])
  }

  /// For each sequence and each of its last (k − 1)·d steps the row of `extended`, −1 for zeros.
  private var lastRows: [Int32] {
    let (batch, steps) = (layout.batch, historyLength)
    let first = hasHistory ? steps * batch : 0
    var rows = [Int32](repeating: -1, count: batch * steps)
    for (place, row) in layout.order.enumerated() {
      for step in 0..<steps {
        let time = layout.lengths[row] - steps + step
        if time >= 0 {
          rows[row * steps + step] = Int32(first + layout.offsets[time] + place)
        } else if hasHistory {
          rows[row * steps + step] = Int32((steps + time) * batch + place)
        }
      }
    }
    return rows
  }

  /// The last (k − 1)·d inputs of each sequence, [batch, (k − 1)·d, channels], from what `extended`
  /// returned.
  func histories(_ inputs: [Tensor]) -> [Tensor] {
    let rows = lastRows
    return inputs.map { input in
      input.gatheredRows(rows).reshaped([layout.batch, historyLength, input.shape[1]])
    }
  }
}
