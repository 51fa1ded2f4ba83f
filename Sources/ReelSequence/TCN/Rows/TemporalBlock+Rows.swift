import ReelLayers
import ReelTensor

extension TemporalBlock {
  /// Reads a batch as rows [steps of all sequences, channels]: two convolutions, each with all that
  /// follows it in one pass.
  ///
  /// - Parameters:
  ///   - x: the input; the output when this returns.
  ///   - histories: what each convolution read before, components of a state; nil: zeros.
  ///   - masks: factors [batch, out] of dropout behind each convolution, in the caller's order.
  /// - Returns: what the two convolutions go on with, [batch, (k − 1)·d, channels] each, if that is
  ///   asked for.
  func run(
    rows x: inout Tensor, _ window: TemporalWindow, histories: (Tensor, Tensor)?,
    masks: (Tensor?, Tensor?), returnsState: Bool
  ) -> [Tensor] {
    let table = window.tapTable
    let maskRows = masks.0 == nil ? [] : window.layout.batchRows
    var state: [Tensor] = []
    func read(_ rows: Tensor, after history: Tensor?) -> Tensor {
      let earlier = history.map { window.rows(ofHistory: $0) }
      if returnsState { state.append(window.history(afterRows: rows, earlier)) }
      return earlier.map { Tensor.concatenated([$0, rows]) } ?? rows
    }
    let hidden = read(x, after: histories?.0).convolvedRows(
      table, weight: conv1.weight, bias: conv1.bias,
      epilogue: RowEpilogue(rectified: true, mask: masks.0, maskRows: maskRows))
    let input = read(hidden, after: histories?.1)
    if let downsample {
      x = x.convolvedRows(
        TapTable(shifts: [0], outputRows: x.shape[0], inputRows: x.shape[0]),
        weight: downsample.weight, bias: downsample.bias)
    }
    x.addConvolution(
      of: input, table, weight: conv2.weight, bias: conv2.bias, rectified: true, mask: masks.1,
      maskRows: maskRows, rectifiedSum: true)
    return state
  }
}

extension TemporalWindow {
  /// Which row each tap reads; with a history, that many steps of rows lie in front.
  var tapTable: TapTable {
    let before = -(reads.first ?? 0)
    return layout.tapTable(
      SequenceWindow(
        kernel: reads.count, dilation: dilation,
        padding: .explicit([AxisPadding(before: before, after: historyLength - before)])),
      history: hasHistory ? historyLength : 0)
  }

  /// A component of a state [batch, steps, channels] as rows: steps oldest first, each with the
  /// sequences in the layout's order. Recorded.
  func rows(ofHistory history: Tensor) -> Tensor {
    let (batch, steps, channels) = (history.shape[0], history.shape[1], history.shape[2])
    return history.reshaped([batch * steps, channels]).gatheredRows(
      (0..<steps).flatMap { step in
        layout.order.map { Int32(truncatingIfNeeded: $0 * steps + step) }
      })
  }

  /// The last (k − 1)·d rows that a convolution read of each sequence, as a component of a state:
  /// [batch, (k − 1)·d, channels], recorded.
  ///
  /// - Parameters:
  ///   - rows: what the convolution has read of this batch.
  ///   - earlier: rows of what it read before; nil: zeros.
  func history(afterRows rows: Tensor, _ earlier: Tensor?) -> Tensor {
    let (batch, steps) = (layout.batch, historyLength)
    let offset = earlier == nil ? 0 : steps * batch
    var places = [Int32](repeating: -1, count: batch * steps)
    for (place, row) in layout.order.enumerated() {
      for step in 0..<steps {
        let time = layout.lengths[row] - steps + step
        if time >= 0 {
          places[row * steps + step] = Int32(
            truncatingIfNeeded: offset + layout.offsets[time] + place)
        } else if earlier != nil {
          places[row * steps + step] = Int32(truncatingIfNeeded: (steps + time) * batch + place)
        }
      }
    }
    let all = earlier.map { Tensor.concatenated([$0, rows]) } ?? rows
    return all.gatheredRows(places).reshaped([batch, steps, rows.shape[1]])
  }
}
