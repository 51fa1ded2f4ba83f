import CReelKernels

/// For each value of a batch of rows, the row of its item that it was taken from (−1: from none).
package final class ChosenRows: @unchecked Sendable {
  package let rows: Int
  package let columns: Int
  private let storage: Storage

  init(rows: Int, columns: Int) {
    (self.rows, self.columns) = (rows, columns)
    // Buffers come from the pool, which hands out floats; a row number is as wide.
    storage = Storage(count: rows * columns)
  }

  var pointer: UnsafeMutablePointer<Int32> {
    UnsafeMutableRawPointer(storage.pointer).assumingMemoryBound(to: Int32.self)
  }

  /// All row numbers, [rows, columns].
  package var numbers: [Int32] {
    defer { withExtendedLifetime(self) {} }
    return Array(UnsafeBufferPointer(start: pointer, count: rows * columns))
  }
}

extension Tensor {
  /// The maximum over the rows that `map` combines (its factors do not matter), of each channel
  /// alone: self [batch·input positions, channel] → [batch·output positions, channel], and where
  /// each maximum was found if that is wanted or watched. The first of equal values counts, and a
  /// NaN above all.
  package func maximumOfRows(
    _ map: RowMap, batch: Int, keepsChosen: Bool = false
  ) -> (values: Tensor, chosen: ChosenRows?) {
    checkRows(map.inputRows, batch: batch, "maximumOfRows")
    let columns = shape[1]
    let rows = batch * map.outputRows
    let y = Tensor(shape: [rows, columns], storage: Storage(count: rows * columns))
    let chosen = keepsChosen || isWatched ? ChosenRows(rows: rows, columns: columns) : nil
    let (source, target) = (Shared(storage.pointer), Shared(y.storage.pointer))
    let (inputRows, outputRows) = (map.inputRows, map.outputRows)
    let positions = map.outputSize[map.outputSize.count - 1]
    map.forEachLine(batch: batch, columns: columns) { item, line, form, range in
      let from = item * inputRows * columns + range.lowerBound
      let to = (item * outputRows + line * positions) * columns + range.lowerBound
      kernels.maximum_of_rows(
        positions, range.count, form, source.pointer + from, columns, target.pointer + to,
        chosen.map { $0.pointer + to }, columns)
    }
    let recorded = record(y, from: [self]) { gradient in
      // Exists whenever this runs: the input was watched.
      [chosen.map { .dense(gradient.spread(to: $0, map, batch: batch)) }]
    }
    return (recorded, chosen)
  }

  /// Adds each value of self [batch·output positions, channel] to the row that it was chosen from:
  /// the way back of `maximumOfRows`, and max un-pooling. One node; its own way back picks the
  /// chosen.
  package func spread(to chosen: ChosenRows, _ map: RowMap, batch: Int) -> Tensor {
    checkRows(map.outputRows, batch: batch, "spread")
    let columns = shape[1]
    precondition(
      chosen.rows == shape[0] && chosen.columns == columns,
      "spread: rows of shape \(shape) and \(chosen.rows)×\(chosen.columns) chosen rows")
    let back = map.transposed
    let y = Tensor(
      shape: [batch * map.inputRows, columns],
      storage: Storage(count: batch * map.inputRows * columns))
    let (source, target) = (Shared(storage.pointer), Shared(y.storage.pointer))
    let (inputRows, outputRows) = (map.inputRows, map.outputRows)
    let positions = map.inputSize[map.inputSize.count - 1]
    back.forEachLine(batch: batch, columns: columns) { item, line, form, range in
      let from = item * outputRows * columns + range.lowerBound
      let to = (item * inputRows + line * positions) * columns + range.lowerBound
      kernels.spread_to_chosen(
        positions, range.count, Int32(truncatingIfNeeded: line * positions), form,
        source.pointer + from, chosen.pointer + from, columns, target.pointer + to, columns)
    }
    let outputs = outputRows
    return record(y, from: [self]) { gradient in
      [.dense(gradient.picked(chosen, batch: batch, inputRows: inputRows, outputRows: outputs))]
    }
  }

  /// The chosen values of self [batch·inputRows, channel], 0 where none was chosen.
  private func picked(
    _ chosen: ChosenRows, batch: Int, inputRows: Int, outputRows: Int
  ) -> Tensor {
    let columns = shape[1]
    let y = Tensor(
      shape: [chosen.rows, columns], storage: Storage(count: chosen.rows * columns))
    let (source, target) = (Shared(storage.pointer), Shared(y.storage.pointer))
    let size = max(1, elementwiseChunk / max(1, columns))
    let pieces = (outputRows + size - 1) / size
    Threads.forEach(batch * pieces) { index in
      let item = index / pieces
      let first = index % pieces * size
      let place = (item * outputRows + first) * columns
      kernels.gather_chosen(
        min(size, outputRows - first), columns, source.pointer + item * inputRows * columns,
        columns, chosen.pointer + place, target.pointer + place, columns)
    }
    return y
  }
}
