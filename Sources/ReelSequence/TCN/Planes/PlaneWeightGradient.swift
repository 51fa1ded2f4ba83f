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
  private static let columnShares = 8

  /// As the sum over the columns.
  ///
  /// - Parameters:
  ///   - pieces: all columns, in pieces in which the convolution reads x; `turned`, some columns of x, in
  ///     pieces in which the way back reads dy.
  ///   - dy: planes of the result's gradient.
  init(
    _ pieces: [PlanePiece], turned: Bool = false, _ x: PlaneSource, dy: PlaneSource, inputs: Int,
    outputs: Int, taps: Int
  ) {
    let count = outputs * taps * inputs
    let byOutputs = outputs >= Self.manyOutputs && !turned
    let shares = byOutputs ? 1 : min(Self.columnShares, max(1, pieces.count))
    let sums = Storage(count: shares * (count + outputs))
    sums.pointer.update(repeating: 0, count: sums.count)
    let target = Shared(sums.pointer)
    let products = RowProducts(
      x: x, dy: dy, isTurned: turned, inputs: inputs, outputs: outputs, taps: taps)
    if byOutputs {
      products.sumByOutputs(pieces, into: sums.pointer)
    } else {
      Threads.forEachFlushingDenormals(shares) { share in
        let place = target.pointer + share * (count + outputs)
        for index in share * pieces.count / shares..<(share + 1) * pieces.count / shares {
          products.add(pieces[index], to: place)
          products.addBias(pieces[index], 0..<outputs, to: place + count)
        }
      }
      for share in 1..<max(1, shares) {
        kernels.add(
          count + outputs, sums.pointer, sums.pointer + share * (count + outputs), sums.pointer)
      }
    }
    weight = PlaneWeights.gradient(sums.pointer, outputs: outputs, inputs: inputs, taps: taps)
    bias = Tensor.build(shape: [outputs]) { target in
      target.baseAddress?.update(from: sums.pointer + count, count: outputs)
    }
    withExtendedLifetime((sums, dy)) {}
  }
}

/// The products that a weight gradient is the sum of.
private struct RowProducts: Sendable {
  let x: PlaneSource
  let dy: PlaneSource
  /// Whether pieces are columns of x, in which taps read dy.
  let isTurned: Bool
  let inputs: Int
  let outputs: Int
  let taps: Int

  /// Outputs that one thread takes.
  private static let outputsTogether = 48

  private func gradient(_ output: Int, _ piece: PlanePiece) -> UnsafePointer<Float> {
    UnsafePointer(dy.steps.storage.pointer) + output * dy.stride + piece.columns.lowerBound
  }

  /// Adds one piece's part, as products of planes with planes.
  func add(_ piece: PlanePiece, to sums: UnsafeMutablePointer<Float>) {
    if isTurned {
      let values = UnsafePointer(x.steps.storage.pointer) + piece.columns.lowerBound
      dy.forEachTap(piece, channels: outputs) { sources in
        for source in sources {
          kernels.multiply_rows(
            outputs, inputs, piece.columns.count, source.x, source.stride, values, x.stride,
            sums + source.tap * inputs, taps * inputs)
        }
      }
    } else {
      x.forEachTap(piece, channels: inputs) { sources in
        for source in sources {
          kernels.multiply_rows(
            outputs, inputs, piece.columns.count, gradient(0, piece), dy.stride, source.x,
            source.stride, sums + source.tap * inputs, taps * inputs)
        }
      }
    }
  }

  func addBias(_ piece: PlanePiece, _ outputs: Range<Int>, to sums: UnsafeMutablePointer<Float>) {
    for output in outputs {
      sums[output] += kernels.sum(piece.columns.count, gradient(output, piece))
    }
  }

  /// All of it, for many outputs: x is turned round and packed once, all taps read it from there at
  /// a row of their own, and each thread takes some outputs and some inputs over all columns.
  func sumByOutputs(_ pieces: [PlanePiece], into sums: UnsafeMutablePointer<Float>) {
    let width = kernels.panel_columns
    let panels = (inputs + width - 1) / width
    let (columns, inputs, taps) = (x.columns, inputs, taps)
    let packed = Storage(count: kernels.packed_count(columns, inputs))
    Threads.forEach(panels) { panel in
      kernels.pack(
        columns, min(width, inputs - panel * width),
        x.steps.storage.pointer + panel * width * x.stride, x.stride, true,
        packed.pointer + panel * width * columns)
    }
    let groups = (outputs + Self.outputsTogether - 1) / Self.outputsTogether
    let target = Shared(sums)
    Threads.forEachFlushingDenormals(groups * panels) { index in
      let (group, panel) = index.quotientAndRemainder(dividingBy: panels)
      let outputs =
        group * Self.outputsTogether..<min(outputs, (group + 1) * Self.outputsTogether)
      let channels = panel * width..<min(inputs, (panel + 1) * width)
      let padded = kernels.packed_count(1, channels.count)
      for piece in pieces {
        if panel == 0 { addBias(piece, outputs, to: target.pointer + self.outputs * taps * inputs) }
        for (tap, runs) in piece.taps.enumerated() {
          let sums =
            target.pointer + (outputs.lowerBound * taps + tap) * inputs + channels.lowerBound
          for run in runs {
            let dy = gradient(outputs.lowerBound, piece) + run.target
            if run.isHistory {
              let (plane, planeStride) = x.plane(of: run)
              kernels.multiply_rows(
                outputs.count, channels.count, run.count, dy, self.dy.stride,
                plane + channels.lowerBound * planeStride + run.source, planeStride, sums,
                taps * inputs)
            } else {
              kernels.multiply_packed(
                outputs.count, channels.count, run.count, dy, self.dy.stride,
                packed.pointer + panel * width * columns + run.source * padded, sums,
                taps * inputs, true)
            }
          }
        }
      }
    }
    withExtendedLifetime((packed, x)) {}
  }
}
