import CReelKernels

/// The weights of a convolution at Winograd's points, U = G·g·Gᵀ, packed as right operands
/// [channel, output] in chunks of the outputs.
struct WinogradWeights: @unchecked Sendable {
  let inputs: Int
  let outputs: Int
  let points: Int
  /// Outputs of each chunk.
  let chunks: [Range<Int>]
  private let packed: Storage
  /// Floats of a point's matrix in a chunk, and where the chunk begins.
  private let counts: [Int]
  private let offsets: [Int]

  /// Outputs that are computed together, at most.
  private static let chunkOutputs = 96

  /// Chunks of as equal size as whole vectors allow.
  static func chunks(of outputs: Int) -> [Range<Int>] {
    let count = (outputs + chunkOutputs - 1) / chunkOutputs
    let size = ((outputs + count - 1) / count + 15) / 16 * 16
    return stride(from: 0, to: outputs, by: size).map { $0..<min(outputs, $0 + size) }
  }

  /// - Parameter weight: [out, in, taps…] of the convolution, whichever the direction.
  init(_ weight: Tensor, direction: TapWeights.Direction, grid: WinogradGrid) {
    let isForward = direction == .forward
    (inputs, outputs) =
      isForward ? (weight.shape[1], weight.shape[0]) : (weight.shape[0], weight.shape[1])
    let axes = grid.axisCount
    points = axes == 1 ? grid.points : grid.points * grid.points
    chunks = Self.chunks(of: outputs)
    var (counts, offsets, total): ([Int], [Int], Int) = ([], [], 0)
    for chunk in chunks {
      // A line more than the matrix has: the points of one weight would otherwise fall into one set of
      // the cache.
      counts.append(kernels.packed_count(inputs, chunk.count) + 16)
      offsets.append(total)
      total += points * (counts.last ?? 0)
    }
    (self.counts, self.offsets) = (counts, offsets)
    packed = Storage(count: total)

    // From the points straight to the packed panels.
    let ordered = TapOrder(weight, groups: 1, direction: direction)
    let taps = grid.tapNumbers
    let step = ordered.channelStep / ordered.tapStep
    let rows = (0..<inputs).flatMap { channel in
      taps.map { Int32(truncatingIfNeeded: channel * step) + $0 }
    }
    let (inputs, panels) = (inputs, panels)
    let blocks = (inputs + Self.blockInputs - 1) / Self.blockInputs
    let target = Shared(packed.pointer)
    rows.withUnsafeBufferPointer { rows in
      let rows = Shared(rows.baseAddress)
      Threads.forEach(panels.count * blocks) { index in
        guard let rows = rows.pointer else { return }
        let panel = panels[index / blocks]
        let first = index % blocks * Self.blockInputs
        kernels.tiles_to_points(
          grid.taps, grid.points, axes, min(Self.blockInputs, inputs - first), panel.columns.count,
          ordered.pointer(group: 0) + panel.columns.lowerBound, ordered.tapStep,
          rows + first * taps.count, target.pointer + panel.offset + first * panel.width,
          panel.pointStep, panel.width)
      }
    }
    withExtendedLifetime(ordered) {}
  }

  /// Input channels that one thread takes at a time.
  private static let blockInputs = 64

  /// Some columns of a chunk, as they are packed.
  private struct Panel {
    let columns: Range<Int>
    let width: Int
    /// Where its first point begins, and from point to point.
    let offset: Int
    let pointStep: Int
  }

  private var panels: [Panel] {
    var panels: [Panel] = []
    for (number, chunk) in chunks.enumerated() {
      var column = chunk.lowerBound
      while column < chunk.upperBound {
        let width = kernels.panel_width(chunk.upperBound - column)
        panels.append(
          Panel(
            columns: column..<min(chunk.upperBound, column + width), width: width,
            offset: offsets[number] + inputs * (column - chunk.lowerBound),
            pointStep: counts[number]))
        column += width
      }
    }
    return panels
  }

  /// The matrix of one point in one chunk.
  func matrix(point: Int, chunk: Int) -> UnsafePointer<Float> {
    UnsafePointer(packed.pointer + offsets[chunk] + point * counts[chunk])
  }
}
