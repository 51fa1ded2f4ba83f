import CReelKernels

/// The gradient of a convolution in its weights, at the points of Winograd's minimal filtering: the
/// map from weights to results, turned round.
///
///     dM = A·dy·Aᵀ, dU = Σ_tiles Vᵀ·dM for each point, dg = Gᵀ·dU·G
struct WinogradGradient: @unchecked Sendable {
  let grid: WinogradGrid
  let tiles: WinogradTiles
  let repeats: Int
  /// What the convolution read [repeats·inputRows, inputs].
  let x: UnsafePointer<Float>
  /// The gradient that arrives [repeats·outputRows, outputs].
  let dy: UnsafePointer<Float>
  let inputs: Int
  let outputs: Int

  /// Floats of all points up to which each piece of the tiles has a sum of its own.
  private static let smallGradient = 1 << 18
  private static let mostPieces = 4
  /// Channels of a part of a larger gradient, about.
  private static let partChannels = 128
  private static let stretch = 56

  /// Adds the gradient to `sum` [tap, input, output], which was zeros.
  func add(to sum: UnsafeMutablePointer<Float>) {
    let total = repeats * tiles.count
    let count = tiles.points * inputs * outputs
    let isSmall = count <= Self.smallGradient
    let pieces = isSmall ? max(1, min(Self.mostPieces, total / Self.stretch)) : 1
    let parts = isSmall ? 1 : max(2, (inputs + Self.partChannels - 1) / Self.partChannels)
    let size = ((inputs + parts - 1) / parts + 15) / 16 * 16
    let sums = Storage(count: pieces * count)
    let points = Shared(sums.pointer)
    Threads.forEachFlushingDenormals(pieces * parts) { index in
      let (piece, part) = (index / parts, index % parts)
      let channels = min(inputs, part * size)..<min(inputs, (part + 1) * size)
      guard !channels.isEmpty else { return }
      add(
        piece * total / pieces..<(piece + 1) * total / pieces, channels,
        to: points.pointer + piece * count)
    }
    for piece in 1..<max(pieces, 1) {
      kernels.add(count, sums.pointer, sums.pointer + piece * count, sums.pointer)
    }
    // From the points to [tap, input, output].
    let taps = grid.tapNumbers
    let target = Shared(sum)
    Threads.forEachRange(of: inputs, size: 32) { range in
      let places = range.flatMap { channel in
        taps.map { $0 * Int32(truncatingIfNeeded: inputs) + Int32(truncatingIfNeeded: channel) }
      }
      kernels.points_to_tiles(
        grid.taps, grid.points, tiles.axes, range.count, outputs,
        points.pointer + range.lowerBound * outputs, inputs * outputs, outputs, places, nil, nil, 0,
        target.pointer, outputs)
    }
    withExtendedLifetime(sums) {}
  }

  /// Writes what `range` of the tiles gives to the gradient of `channels`, to `sums`
  /// [point, input, output].
  private func add(
    _ range: Range<Int>, _ channels: Range<Int>,
    to sums: UnsafeMutablePointer<Float>
  ) {
    let matrix = inputs * outputs
    let chunks = WinogradWeights.chunks(of: outputs)
    let widest = chunks.map(\.count).max() ?? 0
    let rows = Array(0..<Int32(Self.stretch))
    let step = (Self.stretch * channels.count + 15) / 16 * 16 + 16
    let gradientStep = (Self.stretch * widest + 15) / 16 * 16 + 16
    let values = Storage(count: tiles.points * step)
    let gradients = Storage(count: tiles.points * gradientStep)
    let packed = Storage(count: kernels.packed_count(Self.stretch, widest))
    var isFirst = true
    for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.stretch) {
      let part = start..<min(range.upperBound, start + Self.stretch)
      tiles.withRows(of: part, tiles.sources) {
        kernels.tiles_to_points(
          tiles.sources.length, tiles.side, tiles.axes, part.count, channels.count,
          x + channels.lowerBound,
          inputs, $0, values.pointer, step, channels.count)
      }
      tiles.withRows(of: part, tiles.targets) { places in
        for chunk in chunks {
          kernels.tiles_to_points(
            tiles.targets.length, tiles.side, tiles.axes, part.count, chunk.count,
            dy + chunk.lowerBound,
            outputs, places, gradients.pointer, gradientStep, chunk.count)
          for point in 0..<tiles.points {
            kernels.pack(
              part.count, chunk.count, gradients.pointer + point * gradientStep, chunk.count, false,
              packed.pointer)
            kernels.multiply_turned_taps(
              part.count, chunk.count, 1, channels.count, values.pointer + point * step,
              channels.count, rows, 1, packed.pointer,
              sums + point * matrix + channels.lowerBound * outputs + chunk.lowerBound, outputs,
              !isFirst)
          }
        }
      }
      isFirst = false
    }
    withExtendedLifetime((values, gradients, packed)) {}
  }
}
