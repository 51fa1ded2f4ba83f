/// The tiles of a grid's output, for one repeat: which rows each reads and writes.
struct WinogradTiles: Sendable {
  let count: Int
  let axes: Int
  /// Points of a tile on each axis, and all of them: matrices that are multiplied.
  let side: Int
  let points: Int
  let sources: Places
  let targets: Places

  /// Rows of each tile.
  struct Places: Sendable {
    /// On each axis.
    let length: Int
    /// [tile, lengthᵃˣᵉˢ], −1: none.
    let numbers: [Int32]
    /// Rows of a repeat.
    let rows: Int
  }

  init(_ grid: WinogradGrid) {
    axes = grid.axisCount
    side = grid.points
    points = axes == 1 ? grid.points : grid.points * grid.points
    switch grid.form {
    case .axes(let gridAxes):
      // Inputs of the tiles begin `before` in front of their results.
      let inputs = gridAxes.map { axis in
        AxisTiles(
          axis, results: grid.results, length: grid.points, shift: -axis.before,
          size: axis.input)
      }
      let outputs = gridAxes.map { axis in
        AxisTiles(axis, results: grid.results, length: grid.results, shift: 0, size: axis.output)
      }
      count = outputs.reduce(1) { $0 * $1.count }
      sources = AxisTiles.joined(inputs)
      targets = AxisTiles.joined(outputs)
    case .steps(let steps):
      sources = steps.places(
        length: grid.points, results: grid.results, before: steps.before)
      targets = steps.places(length: grid.results, results: grid.results, before: 0)
      count = targets.numbers.count / grid.results
    }
  }

  /// Calls `body` with the places of tiles `range`, counted over all repeats, as rows over all
  /// repeats.
  func withRows(
    of range: Range<Int>, _ places: Places, _ body: (UnsafePointer<Int32>) -> Void
  ) {
    let length = count == 0 ? 0 : places.numbers.count / count
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(1, range.count * length)) {
      buffer in
      guard let base = buffer.baseAddress else { return }
      places.numbers.withUnsafeBufferPointer { numbers in
        var next = 0
        for tile in range {
          let (part, start) = (tile / count, tile % count * length)
          let offset = Int32(truncatingIfNeeded: part * places.rows)
          for index in start..<start + length {
            base[next] = numbers[index] < 0 ? -1 : numbers[index] &+ offset
            next += 1
          }
        }
      }
      body(base)
    }
  }
}

/// The tiles of one axis: with dilation d, positions that are d apart are neighbours.
private struct AxisTiles {
  let count: Int
  let length: Int
  let size: Int
  let places: [Int32]

  /// `length` places of each tile, `dilation` apart, from its first result and `shift` on; −1 outside
  /// of 0..<size.
  init(_ axis: WinogradGrid.Axis, results: Int, length: Int, shift: Int, size: Int) {
    let count = axis.tiles(results: results)
    (self.count, self.length, self.size) = (count, length, size)
    places = [Int32](unsafeUninitializedCapacity: count * length) { target, initialized in
      initialized = count * length
      var next = 0
      for phase in 0..<axis.phases {
        for tile in 0..<axis.tiles(results: results, phase: phase) {
          var place = phase + tile * results * axis.dilation + shift
          for _ in 0..<length {
            target[next] = place >= 0 && place < size ? Int32(truncatingIfNeeded: place) : -1
            place += axis.dilation
            next += 1
          }
        }
      }
    }
  }

  /// The tiles of one axis, or of two: each of the first with each of the second.
  static func joined(_ axes: [AxisTiles]) -> WinogradTiles.Places {
    let inner = axes[axes.count - 1]
    let length = inner.length
    guard axes.count == 2 else {
      return WinogradTiles.Places(length: length, numbers: inner.places, rows: inner.size)
    }
    let outer = axes[0]
    let width = Int32(truncatingIfNeeded: inner.size)
    let total = outer.count * inner.count * length * length
    let numbers = [Int32](unsafeUninitializedCapacity: total) { target, initialized in
      initialized = total
      var next = 0
      for row in 0..<outer.count {
        for column in 0..<inner.count {
          for i in row * length..<(row + 1) * length {
            let above = outer.places[i]
            for j in column * length..<(column + 1) * length {
              let place = inner.places[j]
              target[next] = above < 0 || place < 0 ? -1 : above &* width &+ place
              next += 1
            }
          }
        }
      }
    }
    return WinogradTiles.Places(length: length, numbers: numbers, rows: outer.size * inner.size)
  }
}

extension WinogradGrid.Steps {
  /// `length` steps of each tile, from its first result less `before`; −1 where the sequence has none.
  fileprivate func places(length: Int, results: Int, before: Int) -> WinogradTiles.Places {
    var numbers: [Int32] = []
    numbers.reserveCapacity(tiles(results: results) * length)
    forEachFirstTime(results: results) { time in
      for sequence in 0..<active(time) {
        for place in 0..<length {
          let row = row(time - before + place * dilation, sequence)
          numbers.append(row.map { Int32(truncatingIfNeeded: $0) } ?? -1)
        }
      }
    }
    return WinogradTiles.Places(length: length, numbers: numbers, rows: offsets.last ?? 0)
  }
}
