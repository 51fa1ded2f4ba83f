import CReelKernels

/// The products of a convolution in fewer multiplications: F(4×4, 3×3) and F(4, 3) of Winograd's
/// minimal filtering (Lavin and Gray 2016).
///
/// Tiles of 6 inputs on each axis go to their points, each point is a product of its own,
/// V = Bᵀ·d·B, M = V·U, and the points go to 4 results on each axis, y = Aᵀ·M·A. That takes 36
/// products where 144 stand in the sum, or 6 in place of 12; the transforms grow with the channels,
/// the products with their square.
enum WinogradProduct {
  /// Channels below which the transforms cost what the products save.
  private static let fewestChannels = 16
  /// Tiles below which the transform of the weights costs too much.
  private static let fewestTiles = 24
  /// Floats at points that one block holds, about: what stays in a second-level cache.
  private static let blockFloats = 350_000
  private static let tallest = 112
  private static let lowest = 32
  /// Shares of the work that there should be at least.
  private static let fewestShares = 4
  private static let fewestOutputs = 32

  /// Whether this way is the faster one.
  static func pays(_ table: TapTable, repeats: Int, inputs: Int, outputs: Int, groups: Int) -> Bool
  {
    guard let grid = table.grid, groups == 1, min(inputs, outputs) >= fewestChannels else {
      return false
    }
    let tiles = grid.axes.reduce(repeats) { $0 * (($1.output + 3) / 4) }
    return tiles >= fewestTiles
  }

  /// Tiles of a block.
  static func blockTiles(_ tiles: Int, points: Int, columns: Int) -> Int {
    let most = min(tallest, max(lowest, blockFloats / (points * columns) / 8 * 8))
    guard tiles < 32 * most else { return most }
    var best = (size: most, cost: Int.max)
    for size in stride(from: most, through: lowest, by: -8) {
      let blocks = (tiles + size - 1) / size
      let cost = (blocks + 1) / 2 * 2 * size
      if cost < best.cost { best = (size, cost) }
    }
    return best.size
  }

  /// y [repeats·outputRows, outputs] = x through the grid · weights + bias, then the epilogue.
  static func multiply(
    _ grid: WinogradGrid, repeats: Int, _ x: UnsafePointer<Float>, inputRows: Int, outputRows: Int,
    _ weights: WinogradWeights, _ target: TapProduct.Target
  ) {
    let tiles = WinogradTiles(grid)
    let total = repeats * tiles.count
    let (inputs, chunks) = (weights.inputs, weights.chunks)
    let widest = chunks.map(\.count).max() ?? 0
    let size = blockTiles(total, points: tiles.points, columns: inputs + widest)
    let blocks = (total + size - 1) / size
    // With few tiles, threads share the outputs; each then goes to the points by itself.
    let parts = blocks >= fewestShares ? 1 : min(chunks.count, (fewestShares + blocks - 1) / blocks)
    let x = Shared(x)
    Threads.forEachFlushingDenormals(blocks * parts) { index in
      let (block, part) = (index / parts, index % parts)
      let range = block * size..<min(total, (block + 1) * size)
      // A line more than the matrix has: its rows would otherwise all fall into one set of the cache.
      let step = (range.count * inputs + 15) / 16 * 16 + 16
      let points = Storage(count: tiles.points * step)
      tiles.withPlaces(\.sources, of: range, rows: inputRows) {
        kernels.tiles_to_points(
          REEL_WINOGRAD_INPUT, tiles.axes, range.count, inputs, x.pointer, inputs, $0,
          points.pointer, step, inputs)
      }
      let productStep = (range.count * widest + 15) / 16 * 16 + 16
      let products = Storage(count: tiles.points * productStep)
      tiles.withPlaces(\.targets, of: range, rows: outputRows) { places in
        for chunk in part * chunks.count / parts..<(part + 1) * chunks.count / parts {
          let outputs = chunks[chunk]
          for point in 0..<tiles.points {
            kernels.multiply_packed(
              range.count, outputs.count, inputs, points.pointer + point * step, inputs,
              weights.matrix(point: point, chunk: chunk), products.pointer + point * productStep,
              outputs.count, false)
          }
          target.finish(
            tiles.axes, range.count, outputs, products.pointer, productStep, places)
        }
      }
      withExtendedLifetime((points, products)) {}
    }
  }
}

extension TapProduct.Target {
  /// From the points of tiles to columns `outputs` of the rows at `places`.
  fileprivate func finish(
    _ axes: Int, _ tiles: Int, _ outputs: Range<Int>, _ points: UnsafePointer<Float>, _ step: Int,
    _ places: UnsafePointer<Int32>
  ) {
    func write(_ finish: UnsafePointer<reel_row_finish>?) {
      kernels.points_to_tiles(
        REEL_WINOGRAD_OUTPUT, axes, tiles, outputs.count, points, step, outputs.count, places,
        bias.map { $0 + outputs.lowerBound }, finish, outputs.lowerBound, pointer, columns)
    }
    if epilogue.isEmpty {
      write(nil)
    } else {
      epilogue.withKernelForm(row: 0, columns: columns, positive: positive) { write($0) }
    }
  }
}
