import ReelTensor

extension SequenceLayout {
  /// The layout of what `window` makes of these sequences; the same one where no length changes.
  package func slid(by window: SequenceWindow) -> SequenceLayout {
    let outputs = fits(window).map(\.outputs)
    return outputs == lengths ? self : SequenceLayout(lengths: outputs)
  }

  private func fits(_ window: SequenceWindow) -> [(before: Int, outputs: Int)] {
    isUniform
      ? Array(repeating: window.fit(length: longest), count: batch)
      : lengths.map { window.fit(length: $0) }
  }

  /// All sequences have one length.
  package var isUniform: Bool { active.last ?? batch == batch }

  /// Which row each tap of each output row reads; the output rows stand as in `slid(by: window)`,
  /// the taps of a row in the order of time.
  ///
  /// With `history` h the table reads from [h·batch + total] rows: first the last h time steps that
  /// came before these sequences, oldest first, each with one row for every sorted place (also of
  /// an empty sequence), then the stored rows. Times before the history are zeros.
  package func tapTable(_ window: SequenceWindow, history: Int = 0) -> TapTable {
    let fits = fits(window)
    let output = slid(by: window)
    return tapTable(
      window, to: output, before: fits.map(\.before), history: history)
  }

  /// The table of a window that keeps the lengths; see ``tapTable(_:history:)``.
  package func tapTable(
    kernel: Int, dilation: Int = 1, padding: ConvolutionPadding = .causal, history: Int = 0
  ) -> TapTable {
    tapTable(SequenceWindow(kernel: kernel, dilation: dilation, padding: padding), history: history)
  }

  /// The same for outputs of any lengths; row i of the batch is padded with `before[i]` steps.
  package func tapTable(
    _ window: SequenceWindow, to output: SequenceLayout, before: [Int], history: Int = 0
  ) -> TapTable {
    precondition(history >= 0, "tapTable: a history of \(history) steps, at least 0 is expected")
    precondition(
      output.batch == batch && before.count == batch,
      "tapTable: \(batch) sequences, \(output.batch) outputs and \(before.count) paddings")
    let taps = window.kernel
    let inputRows = history * batch + total
    precondition(
      inputRows <= Int(Int32.max), "tapTable: \(inputRows) rows, at most \(Int32.max) fit")
    // A sequence without outputs asks for no padding.
    let paddings = Set(zip(before, output.lengths).lazy.filter { $0.1 > 0 }.map(\.0))
    if window.stride == 1, paddings.count <= 1, isUniform, output.isUniform {
      // Every time has the same rows: a tap is the same distance away from every row.
      let shifts = (0..<taps).map { tap in
        (history - (paddings.first ?? 0) + tap * window.dilation) * batch
      }
      return TapTable(shifts: shifts, outputRows: output.total, inputRows: inputRows)
    }
    let sources = [Int32](unsafeUninitializedCapacity: output.total * taps) { target, count in
      count = output.total * taps
      if window.stride == 1, paddings.count <= 1, output == self {
        fillShifted(target, window, before: paddings.first ?? 0, history: history)
      } else {
        fillByRow(target, window, output: output, before: before, history: history)
      }
    }
    if history == 0, window.stride == 1, paddings.count <= 1, output == self {
      return TapTable(
        sources: sources, taps: taps, offsets: offsets, dilation: window.dilation,
        before: paddings.first ?? 0)
    }
    return TapTable(sources: sources, taps: taps, inputRows: inputRows)
  }

  /// Where the output has the layout of the input, the rows of one time and one tap follow each
  /// other.
  private func fillShifted(
    _ target: UnsafeMutableBufferPointer<Int32>, _ window: SequenceWindow, before: Int,
    history: Int
  ) {
    let taps = window.kernel
    let historyRows = history * batch
    for time in 0..<longest {
      let running = active[time]
      let first = offsets[time] * taps
      for tap in 0..<taps {
        let source = time - before + tap * window.dilation
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
}
