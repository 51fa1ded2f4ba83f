/// Output rows of a table that use the same taps.
struct TapPhase {
  /// The table of these rows and taps alone.
  let table: TapTable
  /// Their numbers within a repeat; nil: all rows, in order.
  let rows: [Int32]?
  /// Rows of a repeat of the whole result.
  let allRows: Int
  /// The numbers of the taps; nil: all.
  let tapNumbers: [Int32]?
}

extension TapPhase {
  /// All rows and taps of a table.
  init(_ table: TapTable) {
    self.init(table: table, rows: nil, allRows: table.outputRows, tapNumbers: nil)
  }
}

extension TapTable {
  /// The rows by the taps that they use. For a convolution and for the way back of stride 1 that is
  /// one phase; on the way back of stride s a row uses one tap of s on each axis, and multiplying the
  /// others with zeros is left out.
  var phases: [TapPhase] {
    guard let outputPhases, case .sources(let sources) = form else {
      return [TapPhase(self)]
    }
    let rowsByPhase = Dictionary(grouping: outputPhases.indices, by: { outputPhases[$0] })
    return rowsByPhase.keys.sorted().map { phase in
      let rows = rowsByPhase[phase] ?? []
      let used = (0..<taps).filter { tap in rows.contains { sources[$0 * taps + tap] >= 0 } }
      let table = TapTable(
        form: .sources(rows.flatMap { row in used.map { sources[row * taps + $0] } }),
        taps: used.count, outputRows: rows.count, inputRows: inputRows, inputPhases: nil,
        outputPhases: nil)
      return TapPhase(
        table: table, rows: rows.map { Int32(truncatingIfNeeded: $0) }, allRows: outputRows,
        tapNumbers: used.map { Int32(truncatingIfNeeded: $0) })
    }
  }
}
