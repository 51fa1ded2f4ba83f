import ReelTensor

extension SequenceLayout {
  /// The layout of what `window` makes of these sequences. Windows that keep every length keep the
  /// layout.
  package func slid(by window: SequenceWindow) -> SequenceLayout {
    let outputs = lengths.map { window.fit(length: $0).outputs }
    return outputs == lengths ? self : SequenceLayout(lengths: outputs)
  }

  /// Which stored row each tap of each output row reads; the output rows stand as in
  /// `slid(by: window)`, with the taps of a row in the order of time.
  ///
  /// With `history` h the table reads from [h·batch + total] rows: first the last h time steps that
  /// came before these sequences, oldest first, each with one row for every sorted place (also of
  /// an empty sequence), then the stored rows. Times before the history are zeros.
  package func tapTable(_ window: SequenceWindow, history: Int = 0) -> TapTable {
    precondition(history >= 0, "tapTable: a history of \(history) steps, at least 0 is expected")
    let output = slid(by: window)
    let taps = window.kernel
    let inputRows = history * batch + total
    precondition(
      inputRows <= Int(Int32.max), "tapTable: \(inputRows) rows, at most \(Int32.max) fit")
    let sources = [Int32](unsafeUninitializedCapacity: output.total * taps) { target, count in
      count = output.total * taps
      // A window that keeps the lengths, with the same padding for all, sees the same places at
      // another time: the rows of one time and one tap follow each other.
      let fits = lengths.map { window.fit(length: $0) }
      if output == self, window.stride == 1, Set(fits.map(\.before)).count <= 1 {
        fillShifted(
          target, taps: taps, dilation: window.dilation, before: fits.first?.before ?? 0,
          history: history)
      } else {
        fillByRow(target, window, output: output, before: fits.map(\.before), history: history)
      }
    }
    return TapTable(sources: sources, taps: taps, inputRows: inputRows)
  }

  private func fillShifted(
    _ target: UnsafeMutableBufferPointer<Int32>, taps: Int, dilation: Int, before: Int,
    history: Int
  ) {
    let historyRows = history * batch
    for time in 0..<longest {
      let running = active[time]
      let first = offsets[time] * taps
      for tap in 0..<taps {
        let source = time - before + tap * dilation
        // Places from `present` on have ended before `source`.
        let (row, present): (Int, Int)
        if source < -history || source >= longest {
          (row, present) = (0, 0)
        } else if source < 0 {
          (row, present) = ((history + source) * batch, running)
        } else {
          (row, present) = (historyRows + offsets[source], min(running, active[source]))
        }
        for place in 0..<present { target[first + place * taps + tap] = Int32(row + place) }
        for place in present..<running { target[first + place * taps + tap] = -1 }
      }
    }
  }

  private func fillByRow(
    _ target: UnsafeMutableBufferPointer<Int32>, _ window: SequenceWindow, output: SequenceLayout,
    before: [Int], history: Int
  ) {
    let historyRows = history * batch
    let places = places
    var next = 0
    for time in 0..<output.longest {
      for sorted in 0..<output.active[time] {
        let row = output.order[sorted]
        let place = Int(places[row])
        for tap in 0..<window.kernel {
          let source = time * window.stride - before[row] + tap * window.dilation
          if source >= lengths[row] || source < -history {
            target[next] = -1
          } else if source < 0 {
            target[next] = Int32((history + source) * batch + place)
          } else {
            target[next] = Int32(historyRows + offsets[source] + place)
          }
          next += 1
        }
      }
    }
  }

  /// The table of a window that keeps the lengths; see ``tapTable(_:history:)``.
  package func tapTable(
    kernel: Int, dilation: Int = 1, padding: ConvolutionPadding = .causal, history: Int = 0
  ) -> TapTable {
    tapTable(SequenceWindow(kernel: kernel, dilation: dilation, padding: padding), history: history)
  }
}
