import CReelKernels

/// The products of a convolution on rows.
///
/// Work goes over blocks of output rows that depend on shapes alone. The kernel reads a block's left
/// operand where the input rows lie: nothing is gathered, and no buffer of the size of the batch
/// exists beside the result.
enum TapProduct {
  /// Floats of a block's result, about: with the weights of a chunk, what a second-level cache holds.
  private static let blockFloats = 1 << 17
  private static let tallest = 448

  /// Shares of the work that there should be at least, so that two or four threads have equal ones.
  private static let fewestShares = 4
  private static let lowest = 48

  /// Rows of a block. Few rows are cut into equal blocks, as many as there are shares or a multiple.
  static func blockRows(_ rows: Int, columns: Int, step: Int = 8) -> Int {
    let most = min(tallest, max(64, blockFloats / max(columns, 1) / step * step))
    guard rows < 32 * most else { return most }
    let needed = (rows + most - 1) / most
    let blocks = max(
      1, min((needed + fewestShares - 1) / fewestShares * fewestShares, rows / lowest))
    return ((rows + blocks - 1) / blocks + step - 1) / step * step
  }

  /// Columns that threads take by themselves where there are too few blocks of rows for all: whole
  /// panels of the weights, which are then read once.
  private static func columnParts(
    _ columns: Int, blocks: Int, _ weights: TapWeights
  ) -> [Range<Int>] {
    guard blocks < fewestShares else { return [0..<columns] }
    var panels = [0]
    while let last = panels.last, last < columns {
      panels.append(min(columns, last + weights.panelWidth(columns - last)))
    }
    let parts = max(1, min((fewestShares + blocks - 1) / blocks, panels.count - 1))
    return (0..<parts).map { part in
      let (first, end) = (part * (panels.count - 1), (part + 1) * (panels.count - 1))
      return panels[first / parts]..<panels[end / parts]
    }
  }

  /// y [repeats·outputRows, groups·outputs] = x through the table · weights + bias, then `epilogue`.
  ///
  /// - Parameters:
  ///   - weight: [out, in/groups, taps…] of the convolution, whichever the direction.
  ///   - positive: receives where the epilogue's first maximum let values pass.
  ///   - packed: the same weights, packed before, for the forward direction.
  static func multiply(
    _ table: TapTable, repeats: Int, _ x: UnsafePointer<Float>, weight: Tensor, groups: Int,
    direction: TapWeights.Direction, bias: UnsafePointer<Float>?, epilogue: RowEpilogue,
    positive: PositiveMarks?, packed: PackedConvolution? = nil,
    into y: UnsafeMutablePointer<Float>
  ) {
    let isForward = direction == .forward
    let (out, within) = (weight.shape[0], weight.shape[1])
    let columns = isForward ? out : within * groups
    guard repeats * table.outputRows > 0, columns > 0 else { return }
    let target = Target(
      pointer: y, columns: columns, bias: bias, epilogue: epilogue, positive: positive)
    if within == 1 && out == groups {
      DepthwiseProduct.multiply(table, repeats: repeats, x, weight: weight, target)
      return
    }
    let stride = isForward ? within * groups : out
    if let (grid, tiles) = table.winogradProductTiles(
      repeats: repeats, inputs: stride, outputs: columns, groups: groups, isPacked: packed != nil)
    {
      WinogradProduct.multiply(
        tiles, repeats: repeats, x,
        packed?.winogradWeights(grid)
          ?? WinogradWeights(weight, direction: direction, grid: grid), target)
      return
    }
    if groups == 1, isForward, let planes = PlaneTaps(table, channels: stride, outputs: columns) {
      planes.multiply(repeats, x, weight: weight, target)
      return
    }
    if groups == 1,
      let joined = JoinedTaps(table, repeats: repeats, x, channels: stride, outputs: columns)
    {
      joined.multiply(
        repeats * table.outputRows,
        packed?.tapWeights()
          ?? TapWeights(weight, groups: 1, direction: direction, taps: joined.layout.order), target)
      return
    }
    let products = SplitRows.products(
      rows: repeats * table.outputRows, inputs: stride, outputs: columns, groups: groups)
    let source = Source(
      pointer: x, stride: stride,
      split: products.map {
        SplitRows(x, rows: repeats * table.inputRows, channels: stride, $0)
      })
    for phase in table.phases {
      let weights =
        packed?.tapWeights(for: products)
        ?? TapWeights(
          weight, groups: groups, direction: direction, taps: phase.tapNumbers, for: products)
      multiply(phase, repeats: repeats, source, weights, target)
    }
  }

  /// Where rows of a result go, and what is done to them.
  struct Target: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Float>
    let columns: Int
    let bias: UnsafePointer<Float>?
    let epilogue: RowEpilogue
    let positive: PositiveMarks?

    func finish(_ rows: Range<Int>) {
      guard !epilogue.isEmpty else { return }
      epilogue.withKernelForm(row: rows.lowerBound, columns: columns, positive: positive) {
        kernels.finish_rows(
          rows.count, columns, $0, pointer + rows.lowerBound * columns, columns)
      }
    }
  }

  /// The rows that taps read, `stride` floats apart, and their parts where those are multiplied.
  private struct Source: @unchecked Sendable {
    let pointer: UnsafePointer<Float>
    let stride: Int
    let split: SplitRows?
  }

  private static func multiply(
    _ phase: TapPhase, repeats: Int, _ x: Source, _ weights: TapWeights, _ target: Target
  ) {
    let table = phase.table
    let rows = repeats * table.outputRows
    let columns = target.columns
    let size = blockRows(rows, columns: columns, step: x.split == nil ? 8 : SplitTile.side)
    let blocks = (rows + size - 1) / size
    let parts =
      phase.rows == nil && weights.groups == 1
      ? columnParts(columns, blocks: blocks, weights) : [0..<weights.outputs]
    Threads.forEachFlushingDenormals(blocks * parts.count) { index in
      let block = index / parts.count
      let range = block * size..<min(rows, (block + 1) * size)
      table.withSources(of: range) { sources, firstRow in
        guard let places = phase.rows else {
          multiply(
            range.count, weights, parts[index % parts.count],
            x, firstRow, sources, sourceStride: table.taps, bias: target.bias,
            into: target.pointer + range.lowerBound * columns, columns)
          if parts.count == 1 { target.finish(range) }
          return
        }
        let scratch = Storage(count: range.count * columns)
        multiply(
          range.count, weights, 0..<weights.outputs, x, firstRow, sources, sourceStride: table.taps,
          bias: target.bias, into: scratch.pointer, columns)
        for row in range {
          let place =
            row / table.outputRows * phase.allRows + Int(places[row % table.outputRows])
          (target.pointer + place * columns).update(
            from: scratch.pointer + (row - range.lowerBound) * columns, count: columns)
          target.finish(place..<place + 1)
        }
        withExtendedLifetime(scratch) {}
      }
    }
    if parts.count > 1 { target.finish(0..<rows) }
  }

  /// One block and some columns of each group, all groups and chunks.
  private static func multiply(
    _ rows: Int, _ weights: TapWeights, _ part: Range<Int>, _ x: Source, _ firstRow: Int,
    _ sources: UnsafePointer<Int32>, sourceStride: Int,
    bias: UnsafePointer<Float>?, into target: UnsafeMutablePointer<Float>, _ columns: Int
  ) {
    if weights.chunks.isEmpty {
      // No tap reaches these rows.
      for row in 0..<rows {
        if let bias {
          (target + row * columns).update(from: bias, count: columns)
        } else {
          (target + row * columns).update(repeating: 0, count: columns)
        }
      }
      return
    }
    for group in 0..<weights.groups {
      let first = group * weights.outputs + part.lowerBound
      for (number, chunk) in weights.chunks.enumerated() {
        let (taps, channels) = (chunk.taps.count, chunk.channels.count)
        let panels = weights.panels(group: group, chunk: chunk, column: part.lowerBound)
        let bias = bias.map { $0 + first }
        if let split = x.split, let products = weights.splitProducts {
          let scratch = Storage(count: products.tap_scratch(taps, channels))
          products.multiply_taps(
            rows, part.count, taps, channels,
            split.pointer(row: firstRow, channel: chunk.channels.lowerBound), split.stride,
            sources + chunk.taps.lowerBound, sourceStride, panels, bias, target + first, columns,
            number > 0, scratch.pointer)
          withExtendedLifetime(scratch) {}
        } else {
          kernels.multiply_taps(
            rows, part.count, taps, channels,
            x.pointer + firstRow * x.stride + group * weights.inputs + chunk.channels.lowerBound,
            x.stride, sources + chunk.taps.lowerBound, sourceStride, panels, bias, target + first,
            columns, number > 0)
        }
      }
    }
  }
}
