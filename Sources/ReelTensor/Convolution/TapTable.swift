/// Which input row each tap of each output row of a convolution reads.
///
/// A batch of feature maps is a matrix of rows [repeats·positions, channels]. Whatever the number of
/// axes, stride, dilation, padding, or a ragged layout: a convolution is a matrix product whose left
/// operand has, for output row r, the input rows `source(r, tap)` of its K taps side by side, zeros
/// where there is none. For one tap, no input row occurs twice. So the way back is a table as well.
package struct TapTable: Sendable {
  package let taps: Int
  /// Rows of one repeat; a batch is `repeats` of them, one after the other.
  package let outputRows: Int
  package let inputRows: Int
  let form: Form
  /// For each input row, which of the inputs' phases it belongs to (a stride of s makes s of them
  /// on an axis): the taps that rows of one phase can be read by are the same. Nil: all taps are.
  let inputPhases: [Int32]?
  /// The same for the output rows, in the table of the way back.
  let outputPhases: [Int32]?
  /// Where Winograd's minimal filtering applies.
  let grid: WinogradGrid?
  /// Where taps lie side by side.
  let runs: TapRuns?

  enum Form: Sendable {
    /// [outputRows, taps], −1: zeros.
    case sources([Int32])
    /// Tap j of row r reads row r + shifts[j], zeros outside of 0..<inputRows.
    case shifts(TapShifts)
  }

  /// Any table: `sources` [rows, taps], −1 for zeros.
  package init(sources: [Int32], taps: Int, inputRows: Int) {
    precondition(
      taps > 0 && sources.count % taps == 0,
      "TapTable: \(sources.count) sources for \(taps) taps")
    precondition(
      sources.allSatisfy { $0 >= -1 && Int($0) < inputRows },
      "TapTable: sources from \(sources.min() ?? 0) to \(sources.max() ?? 0), "
        + "expected −1 to \(inputRows - 1)")
    self.init(
      form: .sources(sources), taps: taps, outputRows: sources.count / taps, inputRows: inputRows,
      inputPhases: nil, outputPhases: nil)
  }

  /// The table of a window with stride 1 over sequences of different lengths, longest first, that
  /// keeps their lengths.
  ///
  /// - Parameters:
  ///   - offsets: the first row of each time step, and the number of all rows.
  ///   - before: zeros in front of each sequence.
  package init(
    sources: [Int32], taps: Int, offsets: [Int], dilation: Int, before: Int
  ) {
    let rows = offsets.last ?? 0
    precondition(
      sources.count == rows * taps, "TapTable: \(sources.count) sources of \(rows) rows")
    self.init(
      form: .sources(sources), taps: taps, outputRows: rows, inputRows: rows, inputPhases: nil,
      outputPhases: nil,
      grid: WinogradGrid(
        WinogradGrid.Steps(offsets: offsets, dilation: dilation, before: before), taps: taps))
  }

  /// Tap j of row r reads row r + shifts[j], and zeros where that is no row: sequences of equal
  /// length side by side, step after step. Nothing of the size of the batch is stored.
  package init(shifts: [Int], outputRows: Int, inputRows: Int) {
    precondition(!shifts.isEmpty, "TapTable: no shifts")
    self.init(
      form: .shifts(TapShifts(shifts)), taps: shifts.count, outputRows: outputRows,
      inputRows: inputRows, inputPhases: nil, outputPhases: nil,
      grid: WinogradGrid(shifts: shifts, outputRows: outputRows, inputRows: inputRows))
  }

  init(
    form: Form, taps: Int, outputRows: Int, inputRows: Int, inputPhases: [Int32]?,
    outputPhases: [Int32]?, grid: WinogradGrid? = nil, runs: TapRuns? = nil
  ) {
    (self.form, self.taps, self.outputRows, self.inputRows) = (form, taps, outputRows, inputRows)
    (self.inputPhases, self.outputPhases) = (inputPhases, outputPhases)
    (self.grid, self.runs) = (grid, runs)
  }

  /// The same as sums that are taken as they stand: what faster ways are compared with.
  package var plain: TapTable {
    TapTable(
      form: form, taps: taps, outputRows: outputRows, inputRows: inputRows,
      inputPhases: inputPhases, outputPhases: outputPhases)
  }

  /// Calls `body` with the sources of `rows` [rows.count, taps], counted over all repeats, and the
  /// input row that they count from.
  func withSources(of rows: Range<Int>, _ body: (UnsafePointer<Int32>, Int) -> Void) {
    guard !rows.isEmpty, outputRows > 0 else { return }
    let first = rows.lowerBound / outputRows
    if case .sources(let sources) = form, !sources.isEmpty,
      rows.upperBound <= (first + 1) * outputRows
    {
      sources.withUnsafeBufferPointer { sources in
        guard let base = sources.baseAddress else { return }
        body(base + (rows.lowerBound - first * outputRows) * taps, first * inputRows)
      }
      return
    }
    if case .shifts(let shifts) = form {
      let start = rows.lowerBound - first * outputRows
      let base = first * inputRows
      if rows.upperBound <= (first + 1) * outputRows,
        shifts.reads(start..<start + rows.count, inside: inputRows)
      {
        shifts.pattern.withUnsafeBufferPointer { pattern in
          guard let pointer = pattern.baseAddress else { return }
          body(pointer, base + start + shifts.least)
        }
        return
      }
    }
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(1, rows.count * taps)) { buffer in
      guard let base = buffer.baseAddress else { return }
      write(rows, to: base)
      body(base, first * inputRows)
    }
  }

  /// Writes the sources of `rows` [rows.count, taps], counted over all repeats; input rows count
  /// from the repeat of the first one.
  private func write(_ rows: Range<Int>, to target: UnsafeMutablePointer<Int32>) {
    let first = rows.lowerBound / outputRows
    var place = target
    var row = rows.lowerBound
    while row < rows.upperBound {
      let part = row / outputRows
      let start = row - part * outputRows
      let count = min(rows.upperBound - row, outputRows - start)
      let offset = Int32(truncatingIfNeeded: (part - first) * inputRows)
      switch form {
      case .sources(let sources):
        sources.withUnsafeBufferPointer { sources in
          for index in 0..<count * taps {
            let source = sources[start * taps + index]
            place[index] = source < 0 ? -1 : source &+ offset
          }
        }
      case .shifts(let shifts):
        for (tap, shift) in shifts.values.enumerated() {
          for index in 0..<count {
            let source = start + index + shift
            place[index * taps + tap] =
              source >= 0 && source < inputRows ? Int32(truncatingIfNeeded: source) &+ offset : -1
          }
        }
      }
      place += count * taps
      row += count
    }
  }

  /// The table of the way back: for each input row and tap, the output row that reads it.
  var inverse: TapTable {
    let form: Form
    switch self.form {
    case .shifts(let shifts):
      form = .shifts(TapShifts(shifts.values.map { -$0 }))
    case .sources(let sources):
      let count = inputRows * taps
      form = .sources(
        [Int32](unsafeUninitializedCapacity: count) { inverse, initialized in
          inverse.update(repeating: -1)
          sources.withUnsafeBufferPointer { sources in
            var index = 0
            for row in 0..<Int32(truncatingIfNeeded: outputRows) {
              for tap in 0..<taps {
                let source = Int(sources[index])
                index += 1
                if source >= 0 { inverse[source * taps + tap] = row }
              }
            }
          }
          initialized = count
        })
    }
    return TapTable(
      form: form, taps: taps, outputRows: inputRows, inputRows: outputRows,
      inputPhases: outputPhases, outputPhases: inputPhases, grid: grid?.inverse,
      runs: runs?.inverse)
  }
}

/// How far from its own number each tap of a row reads.
struct TapShifts: Sendable {
  let values: [Int]
  let least: Int
  let greatest: Int
  /// The sources of rows 0..<patternRows, counted from the lowest row that the first one reads: the
  /// same for any rows that read inside of the input.
  let pattern: [Int32]

  private static let patternRows = 448

  init(_ values: [Int]) {
    self.values = values
    let (least, greatest) = (values.min() ?? 0, values.max() ?? 0)
    (self.least, self.greatest) = (least, greatest)
    // Sources are 32-bit numbers; shifts so far apart read nothing of an input of that size.
    pattern =
      greatest - least > Int(Int32.max) - Self.patternRows
      ? []
      : (0..<Self.patternRows).flatMap { row in
        values.map { Int32(truncatingIfNeeded: row + $0 - least) }
      }
  }

  /// Whether `rows` can use the pattern: no tap of theirs reads outside of `inputRows`.
  func reads(_ rows: Range<Int>, inside inputRows: Int) -> Bool {
    rows.count * values.count <= pattern.count && rows.lowerBound + least >= 0
      && rows.upperBound - 1 + greatest < inputRows
  }
}
