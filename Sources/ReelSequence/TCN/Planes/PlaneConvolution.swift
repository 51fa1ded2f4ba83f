import CReelKernels
import ReelLayers
import ReelTensor

/// Planes that a convolution reads: those of a batch, and of what came before it.
struct PlaneSource: @unchecked Sendable {
  let steps: Tensor
  /// Columns of the steps.
  let columns: Int
  let stride: Int
  let history: Tensor?
  let historyStride: Int

  init(_ steps: Tensor, _ layout: SequenceLayout, history: Tensor? = nil, historyLength: Int = 0) {
    self.steps = steps.detached()
    self.history = history?.detached()
    columns = layout.total
    stride = Planes.stride(columns: layout.total)
    historyStride = Planes.stride(columns: historyLength * layout.batch)
  }

  func plane(of run: PlanePiece.Run) -> (UnsafePointer<Float>, stride: Int) {
    guard run.isHistory, let history else { return (UnsafePointer(steps.storage.pointer), stride) }
    return (UnsafePointer(history.storage.pointer), historyStride)
  }

  /// Calls `body` with each tap that reads anything of a piece: its number, its first channel and the
  /// floats between two channels. What is not one stretch of columns is put together first.
  func forEachTap(
    _ piece: PlanePiece, channels: Int,
    _ body: (UnsafeBufferPointer<(tap: Int, x: UnsafePointer<Float>, stride: Int)>) -> Void
  ) {
    let width = piece.columns.count
    let present = piece.taps.indices.filter { !piece.taps[$0].isEmpty }
    let isDirect = piece.isDirect
    let scratchStride = (width + 31) / 16 * 16
    let scratch = isDirect ? nil : Storage(count: present.count * channels * scratchStride)
    withUnsafeTemporaryAllocation(
      of: (tap: Int, x: UnsafePointer<Float>, stride: Int).self, capacity: present.count
    ) { found in
      for (index, tap) in present.enumerated() {
        let runs = piece.taps[tap]
        guard let scratch else {
          let (plane, stride) = plane(of: runs[0])
          found[index] = (tap, plane + runs[0].source, stride)
          continue
        }
        let target = scratch.pointer + index * channels * scratchStride
        if runs.reduce(0, { $0 + $1.count }) < width {
          target.update(repeating: 0, count: channels * scratchStride)
        }
        // One copy for the runs of the history, one for the others.
        for isHistory in [true, false] {
          let list = runs.filter { $0.isHistory == isHistory }.map {
            reel_plane_run(source: $0.source, target: $0.target, count: $0.count)
          }
          guard let first = runs.first(where: { $0.isHistory == isHistory }) else { continue }
          let (plane, stride) = plane(of: first)
          kernels.copy_plane_runs(
            channels, list.count, list, plane, stride, target, scratchStride)
        }
        found[index] = (tap, UnsafePointer(target), scratchStride)
      }
      body(UnsafeBufferPointer(rebasing: found[..<present.count]))
    }
    withExtendedLifetime(scratch) {}
  }
}

/// The weights of a convolution in the order in which planes are multiplied: [out, tap, in].
struct PlaneWeights: @unchecked Sendable {
  let outputs: Int
  let inputs: Int
  let taps: Int
  private let storage: Storage

  /// - Parameters:
  ///   - weight: [out, in, k] as PyTorch stores it.
  ///   - transposed: whether inputs and outputs change places, for the gradient in the input.
  init(_ weight: Tensor, transposed: Bool = false) {
    let (out, input, taps) = (weight.shape[0], weight.shape[1], weight.shape[2])
    self.taps = taps
    (outputs, inputs) = transposed ? (input, out) : (out, input)
    storage = Storage(count: weight.count)
    let (source, target) = (Shared(weight.storage.pointer), Shared(storage.pointer))
    let inputs = inputs
    let (outputStep, inputStep) = transposed ? (taps, input * taps) : (input * taps, taps)
    Threads.forEachRange(of: outputs, size: max(1, (1 << 14) / max(inputs * taps, 1))) { range in
      for output in range {
        for tap in 0..<taps {
          let from = source.pointer + output * outputStep + tap
          let to = target.pointer + (output * taps + tap) * inputs
          for channel in 0..<inputs { to[channel] = from[channel * inputStep] }
        }
      }
    }
    withExtendedLifetime(weight) {}
  }

  /// A gradient in this order, summed into [out, in, k].
  static func gradient(
    _ sums: UnsafePointer<Float>, outputs: Int, inputs: Int, taps: Int
  ) -> Tensor {
    Tensor.build(shape: [outputs, inputs, taps]) { target in
      for output in 0..<outputs {
        for tap in 0..<taps {
          let from = sums + (output * taps + tap) * inputs
          let to = output * inputs * taps + tap
          for input in 0..<inputs { target[to + input * taps] = from[input] }
        }
      }
    }
  }

  /// Floats between the weights of two outputs.
  var stride: Int { taps * inputs }

  func pointer(tap: Int) -> UnsafePointer<Float> {
    UnsafePointer(storage.pointer + tap * inputs)
  }

  /// y = W ∗ x + bias on the columns of one piece, on the calling thread; at least 0 where `rectified`.
  ///
  /// - Parameter y: the first output, at the first column of the piece.
  func convolve(
    _ piece: PlanePiece, _ x: PlaneSource, bias: Tensor? = nil, rectified: Bool = false,
    into y: UnsafeMutablePointer<Float>, stride ldy: Int
  ) {
    x.forEachTap(piece, channels: inputs) { sources in
      withUnsafeTemporaryAllocation(of: reel_plane_tap.self, capacity: sources.count) { taps in
        for (index, source) in sources.enumerated() {
          taps[index] = reel_plane_tap(
            x: source.x, ld: source.stride, w: pointer(tap: source.tap), ldw: stride)
        }
        kernels.convolve_planes(
          outputs, piece.columns.count, inputs, sources.count, taps.baseAddress,
          bias?.storage.pointer, rectified, y, ldy)
      }
    }
    withExtendedLifetime((self, x, bias)) {}
  }
}
