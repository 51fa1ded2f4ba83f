/// How the positions of a convolution with three taps on each of one or two axes and stride 1 lie:
/// what Winograd's minimal filtering applies to.
struct WinogradGrid: Sendable {
  struct Axis: Sendable {
    let input: Int
    let output: Int
    let dilation: Int
    /// Zeros in front of the input.
    let before: Int
  }

  let axes: [Axis]
  /// The taps are those of the way back: the last one reads the first input.
  let isReversed: Bool

  /// nil for every other convolution.
  init?(_ geometry: ConvolutionGeometry) {
    guard geometry.input.count <= 2, geometry.kernel.allSatisfy({ $0 == 3 }),
      geometry.stride.allSatisfy({ $0 == 1 })
    else { return nil }
    axes = geometry.input.indices.map {
      Axis(
        input: geometry.input[$0], output: geometry.output[$0], dilation: geometry.dilation[$0],
        before: geometry.padding[$0].before)
    }
    isReversed = false
  }

  private init(axes: [Axis], isReversed: Bool) {
    (self.axes, self.isReversed) = (axes, isReversed)
  }

  /// The grid of the way back, from the outputs to the inputs.
  var inverse: WinogradGrid {
    WinogradGrid(
      axes: axes.map {
        Axis(
          input: $0.output, output: $0.input, dilation: $0.dilation,
          before: 2 * $0.dilation - $0.before)
      },
      isReversed: !isReversed)
  }

  /// Numbers of the taps, in the order in which they read the input.
  var tapNumbers: [Int32] {
    let count: Int32 = axes.count == 1 ? 3 : 9
    return (0..<count).map { isReversed ? count - 1 - $0 : $0 }
  }
}

/// The tiles of one repeat: which rows each reads and writes.
struct WinogradTiles: Sendable {
  /// Results and inputs of a tile on one axis.
  static let results = 4
  static let inputs = 6

  let axes: Int
  let count: Int
  /// Input rows [count, 6 or 36], −1: zeros.
  let sources: [Int32]
  /// Output rows [count, 4 or 16], −1: none.
  let targets: [Int32]

  init(_ grid: WinogradGrid) {
    let axes = grid.axes.map { AxisTiles($0) }
    self.axes = axes.count
    if axes.count == 1 {
      (count, sources, targets) = (axes[0].count, axes[0].sources, axes[0].targets)
    } else {
      count = axes[0].count * axes[1].count
      sources = Self.joined(axes[0], axes[1], \.sources, Self.inputs, width: grid.axes[1].input)
      targets = Self.joined(axes[0], axes[1], \.targets, Self.results, width: grid.axes[1].output)
    }
  }

  private static func joined(
    _ rows: AxisTiles, _ columns: AxisTiles, _ places: KeyPath<AxisTiles, [Int32]>, _ length: Int,
    width: Int
  ) -> [Int32] {
    let (outer, inner) = (rows[keyPath: places], columns[keyPath: places])
    let width = Int32(truncatingIfNeeded: width)
    let total = rows.count * columns.count * length * length
    return [Int32](unsafeUninitializedCapacity: total) { target, initialized in
      initialized = total
      var next = 0
      for row in 0..<rows.count {
        for column in 0..<columns.count {
          for i in 0..<length {
            let above = outer[row * length + i]
            for j in 0..<length {
              let place = inner[column * length + j]
              target[next] = above < 0 || place < 0 ? -1 : above &* width &+ place
              next += 1
            }
          }
        }
      }
    }
  }

  /// Points of a tile: matrices that are multiplied.
  var points: Int { axes == 1 ? Self.inputs : Self.inputs * Self.inputs }
}

/// The tiles of one axis: with dilation d, positions that are d apart are neighbours.
private struct AxisTiles {
  let count: Int
  let sources: [Int32]
  let targets: [Int32]

  init(_ axis: WinogradGrid.Axis) {
    var (sources, targets): ([Int32], [Int32]) = ([], [])
    for phase in 0..<min(axis.dilation, axis.output) {
      let reach = WinogradTiles.results * axis.dilation
      for first in stride(from: phase, to: axis.output, by: reach) {
        targets += (0..<WinogradTiles.results).map {
          Self.place(first + $0 * axis.dilation, of: axis.output)
        }
        sources += (0..<WinogradTiles.inputs).map {
          Self.place(first + $0 * axis.dilation - axis.before, of: axis.input)
        }
      }
    }
    count = targets.count / WinogradTiles.results
    (self.sources, self.targets) = (sources, targets)
  }

  private static func place(_ place: Int, of size: Int) -> Int32 {
    place >= 0 && place < size ? Int32(truncatingIfNeeded: place) : -1
  }
}

extension WinogradTiles {
  /// Calls `body` with the places of tiles `range`, counted over all repeats, as rows over all
  /// repeats.
  func withPlaces(
    _ places: KeyPath<WinogradTiles, [Int32]>, of range: Range<Int>, rows: Int,
    _ body: (UnsafePointer<Int32>) -> Void
  ) {
    let all = self[keyPath: places]
    let length = count == 0 ? 0 : all.count / count
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(1, range.count * length)) {
      buffer in
      guard let base = buffer.baseAddress else { return }
      all.withUnsafeBufferPointer { all in
        var next = 0
        for tile in range {
          let (part, start) = (tile / count, tile % count * length)
          let offset = Int32(truncatingIfNeeded: part * rows)
          for index in start..<start + length {
            base[next] = all[index] < 0 ? -1 : all[index] &+ offset
            next += 1
          }
        }
      }
      body(base)
    }
  }
}
