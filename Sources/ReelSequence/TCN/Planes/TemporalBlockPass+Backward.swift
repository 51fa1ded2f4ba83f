import CReelKernels
import ReelLayers
import ReelTensor

extension TemporalBlockPass {
  /// The gradients of the loss in the block's inputs, in the order in which `TemporalBlock.run` records
  /// them.
  ///
  /// With dz = dy where y > 0, the gradient at the sum:
  ///
  ///     da₂ = dz where a₂ > 0, times dropout;   dW₂ = Σ da₂·h,  dh = W₂ᵀ ∗ da₂
  ///     da₁ = dh where h > 0, times dropout;    dW₁ = Σ da₁·x,  dx = W₁ᵀ ∗ da₁ + dz (or Wᵀ·dz)
  ///
  /// - Parameters:
  ///   - output: dy; nil where the loss depends on the hidden values alone.
  ///   - hidden: what reaches the hidden values past the second convolution (a state that is part of
  ///     the loss); nil: nothing.
  func backward(
    _ saved: Saved, output: Tensor?, hidden: Tensor?, needs: [Bool]
  ) -> [Gradient?] {
    let dy = output ?? Tensor(zeros: [saved.output.count])
    let (stride, taps) = (stride, window.reads.count)

    // The second convolution.
    let second = Planes.make(channels: outputs, columns: total)
    let (value, arrived) = (Shared(saved.output.storage.pointer), Shared(dy.storage.pointer))
    let gate = Shared(UnsafeRawPointer(saved.active.pointer))
    let secondPointer = Shared(second.storage.pointer)
    let inSecond = PlaneWeightGradient(
      pieces, source(saved.hidden, history: histories?.1), dy: second, stride: stride,
      inputs: outputs, outputs: outputs, taps: taps
    ) { piece in
      let first = piece.columns.lowerBound
      kernels.residual_backward(
        outputs, piece.columns.count, value.pointer + first, stride, arrived.pointer + first,
        stride, gate.pointer.assumingMemoryBound(to: UInt8.self) + first, stride,
        secondPointer.pointer + first, stride)
      masks.second?.multiply(
        secondPointer.pointer + first, stride: stride, columns: piece.columns)
    }
    let secondHistory = historyGradient(
      second, weights.1, inputs: outputs, isNeeded: needs[8])

    // Its input, and the rectifier below.
    let inputPieces = window.inputPieces(channels: max(inputs, outputs))
    let first = inputGradient(second, weights.1, inputs: outputs, inputPieces) { planes, columns in
      let start = columns.lowerBound
      for channel in 0..<outputs {
        let place = planes + channel * stride
        let offset = channel * stride + start
        if let hidden {
          kernels.add(columns.count, place, hidden.storage.pointer + offset, place)
        }
        kernels.rectify_backward(
          columns.count, saved.hidden.storage.pointer + offset, place, place)
      }
      masks.first?.multiply(planes, stride: stride, columns: columns)
    }

    // The first convolution and the shortcut.
    let inFirst = PlaneWeightGradient(
      pieces, source(saved.x, history: histories?.0), dy: first, stride: stride, inputs: inputs,
      outputs: outputs, taps: taps)
    let firstHistory = historyGradient(first, weights.0, inputs: inputs, isNeeded: needs[7])
    var inShortcut: PlaneWeightGradient?
    var passed: Tensor?
    if downsample != nil {
      let dz = Planes.make(channels: outputs, columns: total)
      let target = Shared(dz.storage.pointer)
      let steps = PlanePiece.pieces(
        of: window.layout, reads: [0], history: 0, widest: pieces.first?.columns.count ?? 48)
      inShortcut = PlaneWeightGradient(
        steps, source(saved.x, history: nil), dy: dz, stride: stride, inputs: inputs,
        outputs: outputs, taps: 1
      ) { piece in
        for channel in 0..<outputs {
          let offset = channel * stride + piece.columns.lowerBound
          kernels.rectify_backward(
            piece.columns.count, value.pointer + offset, arrived.pointer + offset,
            target.pointer + offset)
        }
      }
      passed = dz
    }
    var inInput: Tensor?
    if needs[0] {
      let shortcut = downsample.map { PlaneWeights($0.weight, transposed: true) }
      let dz = passed
      inInput = inputGradient(
        first, weights.0, inputs: inputs, inputPieces,
        extra: { column in
          guard let shortcut, let dz else { return nil }
          return reel_plane_tap(
            x: dz.storage.pointer + column, ld: stride, w: shortcut.pointer(tap: 0),
            ldw: shortcut.stride)
        }
      ) { planes, columns in
        guard dz == nil else { return }
        let start = columns.lowerBound
        kernels.add_rectified(
          inputs, columns.count, value.pointer + start, stride, arrived.pointer + start, stride,
          planes, stride)
      }
    }
    withExtendedLifetime((dy, hidden, saved, first, second, passed)) {}
    func gradient(_ index: Int, _ tensor: Tensor?) -> Gradient? {
      needs[index] ? tensor.map { .dense($0) } : nil
    }
    return [
      gradient(0, inInput), gradient(1, inFirst.weight), gradient(2, inFirst.bias),
      gradient(3, inSecond.weight), gradient(4, inSecond.bias), gradient(5, inShortcut?.weight),
      gradient(6, inShortcut?.bias), gradient(7, firstHistory), gradient(8, secondHistory),
    ]
  }

  /// Wᵀ ∗ dy, planes of the gradient in a convolution's input, each piece handed to `finish` while it
  /// is in the cache.
  ///
  /// - Parameters:
  ///   - extra: one more tap for the piece that begins at a column.
  ///   - finish: gets the first channel at the first column, and the columns.
  private func inputGradient(
    _ dy: Tensor, _ weight: Tensor, inputs: Int, _ pieces: [PlanePiece],
    extra: (@Sendable (Int) -> reel_plane_tap?)? = nil,
    finish: @Sendable (UnsafeMutablePointer<Float>, Range<Int>) -> Void
  ) -> Tensor {
    let result = Planes.make(channels: inputs, columns: total)
    let weights = PlaneWeights(weight, transposed: true)
    let source = source(dy, history: nil)
    let (target, stride) = (Shared(result.storage.pointer), stride)
    Threads.forEachFlushingDenormals(pieces.count) { index in
      let piece = pieces[index]
      let place = target.pointer + piece.columns.lowerBound
      weights.convolve(
        piece, source, extra: extra?(piece.columns.lowerBound), into: place, stride: stride)
      finish(place, piece.columns)
    }
    withExtendedLifetime((dy, result)) {}
    return result
  }

  /// The gradient in what a convolution read before this batch; nil where nobody asks.
  private func historyGradient(
    _ dy: Tensor, _ weight: Tensor, inputs: Int, isNeeded: Bool
  ) -> Tensor? {
    guard isNeeded else { return nil }
    let columns = window.historyLength * window.layout.batch
    let result = Planes.make(channels: inputs, columns: columns)
    let weights = PlaneWeights(weight, transposed: true)
    let source = source(dy, history: nil)
    let pieces = window.historyPieces(channels: max(inputs, outputs))
    let (target, stride) = (Shared(result.storage.pointer), Planes.stride(columns: columns))
    Threads.forEachFlushingDenormals(pieces.count) { index in
      weights.convolve(
        pieces[index], source, into: target.pointer + pieces[index].columns.lowerBound,
        stride: stride)
    }
    withExtendedLifetime((dy, result)) {}
    return result
  }
}
