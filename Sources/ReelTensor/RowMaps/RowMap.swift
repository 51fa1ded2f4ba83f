import CReelKernels

/// How the rows of one batch of feature maps come from those of another, axis by axis: the inputs
/// of an output position are all combinations of those of its coordinates, and a factor is the
/// product of theirs. Pooling windows, interpolation, cropping and padding are all such maps.
package struct RowMap: Sendable, Hashable {
  package let axes: [AxisMap]
  package let inputSize: [Int]
  package let outputSize: [Int]

  package init(_ axes: [AxisMap]) {
    precondition(!axes.isEmpty, "RowMap: no axes")
    (inputSize, outputSize) = (axes.map(\.inputs), axes.map(\.outputs))
    self.axes = axes
    precondition(
      inputSize.elementCount <= Int(Int32.max) && outputSize.elementCount <= Int(Int32.max),
      "RowMap: \(inputSize) or \(outputSize) has more than 2³¹ positions")
  }

  var inputRows: Int { inputSize.elementCount }
  var outputRows: Int { outputSize.elementCount }

  /// The way back.
  var transposed: RowMap { RowMap(axes.map(\.transposed)) }

  /// Values that one piece of work reads, about.
  private static let pieceValues = 1 << 15
  /// Pieces below which the channels are cut as well, and how far.
  private static let fewestPieces = 8
  private static let fewestColumns = 64

  /// Calls `body` for every line of the result: an item of the batch, a place on the outer axes, a
  /// range of the channels. Pieces depend on shapes alone.
  ///
  /// - Parameter body: gets the item, the number of the line within it, the line as the kernels
  ///   take it, and the channels.
  func forEachLine(
    batch: Int, columns: Int,
    _ body:
      @Sendable (Int, Int, UnsafePointer<reel_row_line>, Range<Int>)
      -> Void
  ) {
    let inner = axes[axes.count - 1]
    let lines = Array(outputSize.dropLast()).elementCount
    guard batch * lines * inner.outputs * columns > 0 else { return }
    let outer = Array(axes.dropLast())
    let combinations = outer.reduce(1) { $0 * max(1, $1.widest) }
    let taps = max(inner.sources.count, inner.outputs) * combinations
    let linesInPiece = max(1, min(lines, Self.pieceValues / max(1, taps * columns)))
    let linePieces = (lines + linesInPiece - 1) / linesInPiece
    var columnsInPiece = columns
    while batch * linePieces * ((columns + columnsInPiece - 1) / columnsInPiece)
      < Self.fewestPieces,
      columnsInPiece >= 2 * Self.fewestColumns, taps * columnsInPiece > Self.pieceValues
    {
      columnsInPiece = (columnsInPiece / 2 + 15) / 16 * 16
    }
    let columnPieces = (columns + columnsInPiece - 1) / columnsInPiece
    let inputLine = inner.inputs
    let pieceColumns = columnsInPiece
    Threads.forEach(batch * linePieces * columnPieces) { index in
      let item = index / (linePieces * columnPieces)
      let firstLine = index / columnPieces % linePieces * linesInPiece
      let firstColumn = index % columnPieces * pieceColumns
      let range = firstColumn..<min(columns, firstColumn + pieceColumns)
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: combinations) { rows in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: combinations) { weights in
          inner.withKernelForm { form in
            var form = form
            form.outer_rows = UnsafePointer(rows.baseAddress)
            form.outer_weights = UnsafePointer(weights.baseAddress)
            for line in firstLine..<min(lines, firstLine + linesInPiece) {
              form.outer_count = Self.combine(
                outer, line: line, length: inputLine, rows: rows, weights: weights)
              withUnsafePointer(to: form) { body(item, line, $0, range) }
            }
          }
        }
      }
    }
  }

  /// Writes which input lines the outer axes combine to for output line `line`, as the rows in
  /// which they begin, and their factors; returns how many.
  private static func combine(
    _ axes: [AxisMap], line: Int, length: Int, rows: UnsafeMutableBufferPointer<Int32>,
    weights: UnsafeMutableBufferPointer<Float>
  ) -> Int {
    var count = 1
    (rows[0], weights[0]) = (0, 1)
    var rest = line
    var step = length
    // From the innermost of them outwards; what is there already is repeated for each term.
    for axis in axes.reversed() {
      let position = rest % axis.outputs
      rest /= axis.outputs
      let terms = Int(axis.offsets[position])..<Int(axis.offsets[position + 1])
      guard !terms.isEmpty else { return 0 }
      for (number, term) in terms.enumerated().reversed() {
        let shift = axis.sources[term] &* Int32(truncatingIfNeeded: step)
        let weight = axis.weights[term]
        for index in 0..<count {
          rows[number * count + index] = rows[index] + shift
          weights[number * count + index] = weights[index] * weight
        }
      }
      count *= terms.count
      step *= axis.inputs
    }
    return count
  }
}

extension AxisMap {
  /// Calls `body` with a line of the kernels whose inner taps are this axis.
  fileprivate func withKernelForm(_ body: (reel_row_line) -> Void) {
    offsets.withUnsafeBufferPointer { offsets in
      sources.withUnsafeBufferPointer { sources in
        weights.withUnsafeBufferPointer { weights in
          var form = reel_row_line()
          form.offsets = offsets.baseAddress
          form.rows = sources.baseAddress
          form.weights = weights.baseAddress
          form.pattern = pattern
          body(form)
        }
      }
    }
  }
}

extension Tensor {
  /// The weighted sums of rows that `map` describes: self [batch·input positions, channel] →
  /// [batch·output positions, channel]. One node; its way back is the map turned round.
  package func combinedRows(_ map: RowMap, batch: Int) -> Tensor {
    checkRows(map.inputRows, batch: batch, "combinedRows")
    let columns = shape[1]
    let y = Tensor(
      shape: [batch * map.outputRows, columns],
      storage: Storage(count: batch * map.outputRows * columns))
    let (source, target) = (Shared(storage.pointer), Shared(y.storage.pointer))
    let (inputRows, outputRows) = (map.inputRows, map.outputRows)
    let positions = map.outputSize[map.outputSize.count - 1]
    map.forEachLine(batch: batch, columns: columns) { item, line, form, range in
      let from = item * inputRows * columns + range.lowerBound
      let to = (item * outputRows + line * positions) * columns + range.lowerBound
      kernels.combine_rows(
        positions, range.count, form, source.pointer + from, columns, target.pointer + to, columns)
    }
    return record(y, from: [self]) { [.dense($0.combinedRows(map.transposed, batch: batch))] }
  }

  func checkRows(_ rows: Int, batch: Int, _ what: String) {
    precondition(
      rank == 2 && shape[0] == batch * rows,
      "\(what): rows of shape \(shape), [\(batch)·\(rows), channel] expected")
  }
}
