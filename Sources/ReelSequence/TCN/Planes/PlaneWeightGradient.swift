import CReelKernels
import ReelLayers
import ReelTensor

/// dW [out, tap, in] and db [out] of a convolution: Σ over columns of dy · x and of dy.
struct PlaneWeightGradient {
  /// [out, in, k].
  let weight: Tensor
  /// [out].
  let bias: Tensor

  /// Outputs from which the work is shared out by outputs, each over all columns; below, by columns,
  /// with sums of their own that are added in order.
  private static let manyOutputs = 48
  /// Outputs that one thread takes: whole tiles of the product.
  private static let outputsTogether = 24
  private static let columnShares = 8

  /// - Parameters:
  ///   - pieces: all columns, in the pieces in which the convolution reads x.
  ///   - dy: planes of the result's gradient.
  ///   - prepare: makes the columns of `dy` of one piece, before they are read.
  init(
    _ pieces: [PlanePiece], _ x: PlaneSource, dy: Tensor, stride: Int, inputs: Int, outputs: Int,
    taps: Int, prepare: (@Sendable (PlanePiece) -> Void)? = nil
  ) {
    let gradient = Shared(dy.storage.pointer)
    let count = outputs * taps * inputs
    let byOutputs = outputs >= Self.manyOutputs
    let shares = byOutputs ? 1 : min(Self.columnShares, max(1, pieces.count))
    let sums = Storage(count: shares * (count + outputs))
    sums.pointer.update(repeating: 0, count: sums.count)
    let target = Shared(sums.pointer)

    @Sendable func add(_ piece: PlanePiece, outputs range: Range<Int>, share: Int) {
      let weights = target.pointer + share * (count + outputs)
      let dy = UnsafePointer(
        gradient.pointer + range.lowerBound * stride + piece.columns.lowerBound)
      x.forEachTap(piece, channels: inputs) { sources in
        for source in sources {
          kernels.multiply_rows(
            range.count, inputs, piece.columns.count, dy, stride, source.x, source.stride,
            weights + (range.lowerBound * taps + source.tap) * inputs, taps * inputs)
        }
      }
      for output in range {
        weights[count + output] += kernels.sum(
          piece.columns.count, dy + (output - range.lowerBound) * stride)
      }
    }

    if byOutputs {
      if let prepare {
        Threads.forEachFlushingDenormals(pieces.count) { prepare(pieces[$0]) }
      }
      let groups = (outputs + Self.outputsTogether - 1) / Self.outputsTogether
      Threads.forEachFlushingDenormals(groups) { group in
        let range =
          group * Self.outputsTogether..<min(outputs, (group + 1) * Self.outputsTogether)
        for piece in pieces { add(piece, outputs: range, share: 0) }
      }
    } else {
      Threads.forEachFlushingDenormals(shares) { share in
        for index in share * pieces.count / shares..<(share + 1) * pieces.count / shares {
          prepare?(pieces[index])
          add(pieces[index], outputs: 0..<outputs, share: share)
        }
      }
      for share in 1..<max(1, shares) {
        let place = sums.pointer + share * (count + outputs)
        kernels.add(count + outputs, sums.pointer, place, sums.pointer)
      }
    }
    weight = PlaneWeights.gradient(sums.pointer, outputs: outputs, inputs: inputs, taps: taps)
    bias = Tensor.build(shape: [outputs]) { target in
      target.baseAddress?.update(from: sums.pointer + count, count: outputs)
    }
    withExtendedLifetime((sums, dy)) {}
  }
}
