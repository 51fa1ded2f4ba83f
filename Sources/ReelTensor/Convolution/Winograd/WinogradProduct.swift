import CReelKernels

/// The products of a convolution in fewer multiplications: Winograd's minimal filtering (Lavin and Gray 2016)
/// on one axis or two.
///
/// Tiles of as many inputs as there are points go to their points, each point is a product of its own,
/// V = Bᵀ·d·B, M = V·U, and the points go to the results, y = Aᵀ·M·A. With six points on an axis those are
/// 4 results of three taps or 2 of five, F(4, 3) and F(2, 5): 36 products where 144 stand in the sum of 3×3
/// taps, 36 in place of 100 for 5×5, on one axis 6 in place of 12 and of 10. With eight, on one axis, they
/// are 6 and 4: 8 products in place of 18 and of 20. The transforms grow with the channels, the products with
/// their square.
enum WinogradProduct {
  /// Channels below which the transforms cost what the products save, on one axis and on two.
  private static let fewestChannels = [64, 8]
  /// Results on an axis, as tiles of six points have them, below which the weights' points cost too much: to
  /// make them, or to read them alone.
  private static let (fewestTiles, fewestTilesPacked) = (24, 12)
  /// Floats at points that one block holds, about: what stays in a second-level cache.
  private static let blockFloats = 350_000
  private static let tallest = 112
  private static let lowest = 32
  /// Shares of the work that there should be at least.
  private static let fewestShares = 4

  /// Whether this way is the faster one.
  ///
  /// - Parameter isPacked: the weights' points are there already.
  static func pays(
    _ grid: WinogradGrid, repeats: Int, inputs: Int, outputs: Int, groups: Int, isPacked: Bool
  ) -> Bool {
    guard groups == 1,
      min(inputs, outputs) >= fewestChannels[grid.axisCount - 1]
    else {
      return false
    }
    let tiles = repeats * grid.tiles * grid.results / grid.resultsOfSixPoints
    return tiles >= (isPacked ? fewestTilesPacked : fewestTiles)
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

  /// y [repeats·outputRows, outputs] = x through the tiles · weights + bias, then the epilogue.
  static func multiply(
    _ tiles: WinogradTiles, repeats: Int, _ x: UnsafePointer<Float>,
    _ weights: WinogradWeights, _ target: TapProduct.Target
  ) {
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
      tiles.withRows(of: range, tiles.sources) {
        kernels.tiles_to_points(
          tiles.sources.length, tiles.side, tiles.axes, range.count, inputs, x.pointer, inputs, $0,
          points.pointer, step, inputs)
      }
      let productStep = (range.count * widest + 15) / 16 * 16 + 16
      let products = Storage(count: tiles.points * productStep)
      tiles.withRows(of: range, tiles.targets) { rows in
        for chunk in part * chunks.count / parts..<(part + 1) * chunks.count / parts {
          let outputs = chunks[chunk]
          for point in 0..<tiles.points {
            kernels.multiply_packed(
              range.count, outputs.count, inputs, points.pointer + point * step, inputs,
              weights.matrix(point: point, chunk: chunk), products.pointer + point * productStep,
              outputs.count, false)
          }
          target.finish(
            tiles, range.count, outputs, products.pointer, productStep, rows)
        }
      }
      withExtendedLifetime((points, products)) {}
    }
  }
}

extension TapProduct.Target {
  /// From the points of `count` tiles to columns `outputs` of their rows.
  fileprivate func finish(
    _ tiles: WinogradTiles, _ count: Int, _ outputs: Range<Int>, _ points: UnsafePointer<Float>,
    _ step: Int, _ rows: UnsafePointer<Int32>
  ) {
    func write(_ finish: UnsafePointer<reel_row_finish>?) {
      kernels.points_to_tiles(
        tiles.targets.length, tiles.side, tiles.axes, count, outputs.count, points, step,
        outputs.count, rows,
        bias.map { $0 + outputs.lowerBound }, finish, outputs.lowerBound, pointer, columns)
    }
    if epilogue.isEmpty {
      write(nil)
    } else {
      epilogue.withKernelForm(row: 0, columns: columns, positive: positive) { write($0) }
    }
  }
}
