import CReelKernels

/// A convolution of one channel to few, with stride 1: the first layer of a network for grey
/// images.
///
/// As rows, a few outputs leave most of a vector empty. So vectors go along the positions: the
/// padded image is one long line, a tap is that line from another position on, and each output is a
/// plane of its own. Between lines the planes hold sums that belong to no position; they are left
/// out when the planes become rows.
struct PlaneTaps: @unchecked Sendable {
  private let runs: TapRuns
  private let outputs: Int
  /// The padded image: its size, and how far positions on each axis lie apart.
  private let size: [Int]
  private let steps: [Int]
  /// Columns of a plane, and floats from plane to plane.
  private let columns: Int
  private let stride: Int

  /// Planes there are room for, and what the kernels read behind the columns of a line.
  private static let (mostOutputs, slack) = (8, 16)
  private static let mostPieces = 8

  /// nil for every other convolution.
  init?(_ table: TapTable, channels: Int, outputs: Int) {
    guard let runs = table.runs, channels == 1, outputs <= Self.mostOutputs, !runs.isReversed,
      runs.axes.allSatisfy({ $0.stride == 1 && $0.output > 0 })
    else { return nil }
    (self.runs, self.outputs) = (runs, outputs)
    let size = runs.axes.map { $0.output + ($0.kernel - 1) * $0.dilation }
    let steps = size.indices.map { size[($0 + 1)...].reduce(1, *) }
    (self.size, self.steps) = (size, steps)
    columns = zip(runs.axes, steps).reduce(1) { $0 + ($1.0.output - 1) * $1.1 }
    stride = (columns + Self.slack - 1) / Self.slack * Self.slack
  }

  private var inner: TapRuns.Axis { runs.axes[runs.axes.count - 1] }
  private var positions: Int { runs.axes.reduce(1) { $0 * $1.output } }
  private var inputs: Int { runs.axes.reduce(1) { $0 * $1.input } }
  private var taps: Int { runs.axes.reduce(1) { $0 * $1.kernel } }

  /// For each combination on the outer axes of `counts`, the sum of `steps`.
  private func starts(_ counts: (TapRuns.Axis) -> Int, _ steps: [Int]) -> [Int] {
    zip(runs.axes, steps).dropLast().reduce([0]) { starts, axis in
      starts.flatMap { start in (0..<counts(axis.0)).map { start + $0 * axis.1 } }
    }
  }

  /// Where each line of the output, and each line of taps, begins.
  private var lines: [Int] { starts({ $0.output }, steps) }
  private var tapLines: [Int] {
    starts({ $0.kernel }, zip(runs.axes, steps).map { $0.dilation * $1 })
  }

  /// Room for a padded image, zeros everywhere; items only write their own positions.
  private func emptyImage() -> Storage {
    let image = Storage(count: size.reduce(1, *) + Self.slack)
    image.pointer.update(repeating: 0, count: image.count)
    return image
  }

  /// Writes the input's positions that are read.
  private func copy(_ x: UnsafePointer<Float>, to image: UnsafeMutablePointer<Float>) {
    var places = [(from: 0, to: 0)]
    for (axis, length) in zip(runs.axes, size).dropLast() {
      places = places.flatMap { place in
        (0..<axis.input).filter { $0 + axis.before < length }.map {
          (place.from * axis.input + $0, place.to * length + $0 + axis.before)
        }
      }
    }
    let count = max(0, min(inner.input, size[size.count - 1] - inner.before))
    for place in places {
      (image + place.to * size[size.count - 1] + inner.before).update(
        from: x + place.from * inner.input, count: count)
    }
  }

  /// The convolution's rows; see `TapProduct.multiply`.
  ///
  /// - Parameter weight: [outputs, 1, taps…]
  func multiply(
    _ repeats: Int, _ x: UnsafePointer<Float>, weight: Tensor, _ target: TapProduct.Target
  ) {
    let x = Shared(x)
    let pieces = min(repeats, max(Self.mostPieces, repeats / 8))
    Threads.forEachFlushingDenormals(pieces) { piece in
      let image = emptyImage()
      let planes = Storage(count: Self.mostOutputs * stride)
      let lines = lines
      let sources = tapLines.enumerated().map { number, start in
        reel_plane_tap(
          x: image.pointer + start, ld: 1, w: weight.storage.pointer + number * inner.kernel,
          ldw: taps)
      }
      for item in piece * repeats / pieces..<(piece + 1) * repeats / pieces {
        copy(x.pointer + item * inputs, to: image.pointer)
        kernels.convolve_planes(
          outputs, columns, inner.kernel, sources.count, sources, target.bias, false,
          planes.pointer, stride)
        let rows = target.pointer + item * positions * outputs
        for (number, start) in lines.enumerated() {
          kernels.planes_to_rows(
            outputs, inner.output, planes.pointer + start, stride,
            rows + number * inner.output * outputs)
        }
        target.finish(item * positions..<(item + 1) * positions)
      }
      withExtendedLifetime((image, planes, weight)) {}
    }
  }

  /// The gradient in the weights, [outputs, 1, taps…].
  func gradient(
    _ repeats: Int, _ x: UnsafePointer<Float>, dy: UnsafePointer<Float>, shape: [Int]
  ) -> Tensor {
    let result = Tensor(zeros: shape)
    let pieces = max(1, min(repeats, Self.mostPieces))
    let count = result.count
    let partial = Tensor(zeros: [pieces, count])
    let (x, dy, sums) = (Shared(x), Shared(dy), Shared(partial.storage.pointer))
    Threads.forEachFlushingDenormals(pieces) { piece in
      let image = emptyImage()
      let planes = Storage(count: Self.mostOutputs * stride)
      // What lies between lines stays 0.
      planes.pointer.update(repeating: 0, count: planes.count)
      let (lines, tapLines) = (lines, tapLines)
      for item in piece * repeats / pieces..<(piece + 1) * repeats / pieces {
        copy(x.pointer + item * inputs, to: image.pointer)
        let rows = dy.pointer + item * positions * outputs
        for (number, start) in lines.enumerated() {
          kernels.rows_to_planes(
            outputs, inner.output, rows + number * inner.output * outputs,
            planes.pointer + start, stride)
        }
        for (number, start) in tapLines.enumerated() {
          kernels.multiply_rows(
            outputs, inner.kernel, columns, planes.pointer, stride, image.pointer + start, 1,
            sums.pointer + piece * count + number * inner.kernel, taps)
        }
      }
      withExtendedLifetime((image, planes)) {}
    }
    for piece in 0..<pieces {
      kernels.add(
        count, result.storage.pointer, partial.storage.pointer + piece * count,
        result.storage.pointer)
    }
    withExtendedLifetime(partial) {}
    return result
  }
}
