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
    let axes = grid.axes.count
    points = axes == 1 ? WinogradGrid.points : WinogradGrid.points * WinogradGrid.points
    chunks = Self.chunks(of: outputs)
    var (counts, offsets, total): ([Int], [Int], Int) = ([], [], 0)
    for chunk in chunks {
      counts.append(kernels.packed_count(inputs, chunk.count))
      offsets.append(total)
      total += points * (counts.last ?? 0)
    }
    (self.counts, self.offsets) = (counts, offsets)
    packed = Storage(count: total)

    let ordered = TapOrder(weight, groups: 1, direction: direction)
    let taps = grid.tapNumbers
    let step = ordered.channelStep / ordered.tapStep
    let rows = (0..<inputs).flatMap { channel in
      taps.map { Int32(truncatingIfNeeded: channel * step) + $0 }
    }
    let (inputs, points, chunks) = (inputs, points, chunks)
    let target = Shared(packed.pointer)
    Threads.forEach(chunks.count) { [counts, offsets] number in
      let chunk = chunks[number]
      let matrix = inputs * chunk.count
      let values = Storage(count: points * matrix)
      kernels.tiles_to_points(
        grid.taps, axes, inputs, chunk.count,
        ordered.pointer(group: 0) + chunk.lowerBound, ordered.tapStep, rows, values.pointer, matrix,
        chunk.count)
      for point in 0..<points {
        kernels.pack(
          inputs, chunk.count, values.pointer + point * matrix, chunk.count, false,
          target.pointer + offsets[number] + point * counts[number])
      }
      withExtendedLifetime(values) {}
    }
    withExtendedLifetime(ordered) {}
  }

  /// The matrix of one point in one chunk.
  func matrix(point: Int, chunk: Int) -> UnsafePointer<Float> {
    UnsafePointer(packed.pointer + offsets[chunk] + point * counts[chunk])
  }
}
