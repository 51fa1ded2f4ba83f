import ReelLayers
import ReelTensor
import Testing

@Suite struct SequenceWindowTests {
  static let windows: [SequenceWindow] = [
    SequenceWindow(kernel: 1), SequenceWindow(kernel: 3), SequenceWindow(kernel: 2, dilation: 4),
    SequenceWindow(kernel: 4, dilation: 2, padding: .same),
    SequenceWindow(kernel: 3, padding: .valid), SequenceWindow(kernel: 2, stride: 3),
    SequenceWindow(kernel: 3, stride: 2, padding: .same),
    SequenceWindow(kernel: 2, stride: 2, dilation: 3, padding: .valid),
    SequenceWindow(kernel: 3, padding: .explicit([AxisPadding(before: 1, after: 1)])),
    SequenceWindow(kernel: 3, stride: 2, padding: .explicit([AxisPadding(before: 0, after: 4)])),
  ]

  /// Every source is the stored row of the time that the window's equation names.
  @Test(arguments: batches, windows) func sources(lengths: [Int], window: SequenceWindow) {
    let layout = SequenceLayout(lengths: lengths)
    let output = layout.slid(by: window)
    for history in [0, 1, 5] {
      let table = layout.tapTable(window, history: history)
      #expect(table.taps == window.kernel && table.outputRows == output.total)
      #expect(table.inputRows == history * layout.batch + layout.total)
      let sources = sources(of: table)
      var wrong = 0
      for row in lengths.indices {
        let (before, outputs) = window.fit(length: lengths[row])
        #expect(output.lengths[row] == outputs)
        let input = layout.storedRows(of: row)
        for (time, stored) in output.storedRows(of: row).enumerated() {
          for tap in 0..<window.kernel {
            let source = time * window.stride - before + tap * window.dilation
            var expected: Int32 = -1
            if source < 0 && source >= -history {
              expected = Int32((history + source) * layout.batch) + layout.places[row]
            } else if source >= 0 && source < lengths[row] {
              expected = Int32(history * layout.batch) + input[source]
            }
            if sources[Int(stored) * window.kernel + tap] != expected { wrong += 1 }
          }
        }
      }
      #expect(wrong == 0)
    }
  }

  /// The sources of a table, [outputRows · taps], read off a convolution: input row r holds r + 1,
  /// and output channel j looks at tap j alone.
  private func sources(of table: TapTable) -> [Int32] {
    let rows = Tensor(
      shape: [table.inputRows, 1], values: (0..<table.inputRows).map { Float($0 + 1) })
    let eye = Tensor(
      shape: [table.taps, 1, table.taps],
      values: (0..<table.taps * table.taps).map { $0 % (table.taps + 1) == 0 ? 1 : 0 })
    return rows.convolvedRows(table, weight: eye, bias: nil).values.map { Int32($0) - 1 }
  }

  @Test func lengthsOfOutputs() {
    func outputs(_ window: SequenceWindow) -> [Int] {
      (0...7).map { window.fit(length: $0).outputs }
    }
    #expect(outputs(SequenceWindow(kernel: 3, dilation: 2)) == [0, 1, 2, 3, 4, 5, 6, 7])
    #expect(
      outputs(SequenceWindow(kernel: 4, padding: .same)) == [0, 1, 2, 3, 4, 5, 6, 7])
    #expect(outputs(SequenceWindow(kernel: 3, padding: .valid)) == [0, 0, 0, 1, 2, 3, 4, 5])
    #expect(
      outputs(SequenceWindow(kernel: 3, stride: 2, padding: .valid)) == [0, 0, 0, 1, 1, 2, 2, 3])
    #expect(
      outputs(SequenceWindow(kernel: 3, stride: 2, padding: .same)) == [0, 1, 1, 2, 2, 3, 3, 4])
  }

  @Test func paddingOfAnEvenKernelStandsAtTheEnd() {
    // TensorFlow's rule for `same`.
    #expect(SequenceWindow(kernel: 4, padding: .same).fit(length: 9).before == 1)
    #expect(SequenceWindow(kernel: 2, padding: .same).fit(length: 9).before == 0)
  }
}
