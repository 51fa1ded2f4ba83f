import CReelKernels
import ReelLayers
import ReelTensor

extension FourierTiles {
  /// Vectors of a strip, of the results and for the gradient in the weights, whose sums over a strip
  /// are worth longer rows.
  private static let (resultVectors, gradientVectors) = (6, 12)
  /// Sums of products that threads make of their own, added in order.
  private static let shares = 8

  /// y = W ∗ x and what `finish` makes of it.
  func convolve(_ x: PlaneSource, _ weight: Tensor, finish: PlaneFinish, into y: Tensor) {
    let weights = points(of: weight, transposed: false)
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let widest = strip(channels: max(inputs, outputs), most: Self.resultVectors)
    let result = FourierResult(
      tiles: self, x: Shared(UnsafePointer(x.steps.storage.pointer)), stride: x.stride,
      weights: weights, inputs: inputs, outputs: outputs, finish: finish,
      y: Shared(y.storage.pointer), strip: widest)
    Threads.forEachFlushingDenormals((vectors + widest - 1) / widest) { index in
      let scratch = Storage(count: result.scratch)
      result.make(index * widest..<min((index + 1) * widest, vectors), scratch: scratch.pointer)
      withExtendedLifetime(scratch) {}
    }
    withExtendedLifetime((x, y)) {}
  }

  /// dW [out, in, k] = Σ dy·x and db [out] = Σ dy over the results; and dx = Wᵀ ∗ dy with what `finish`
  /// makes of it, each strip of it while dy is in the cache.
  func backward(
    _ x: PlaneSource, _ weight: Tensor, dy: Tensor, gate: PlaneGate?, finish: PlaneFinish,
    into dx: Tensor?
  ) -> (weight: Tensor, bias: Tensor) {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let arrived = Shared(UnsafePointer(dy.storage.pointer))
    let result = dx.map { dx in
      FourierResult(
        tiles: turned, x: arrived, gate: gate, stride: x.stride,
        weights: points(of: weight, transposed: true), inputs: outputs, outputs: inputs,
        finish: finish, y: Shared(dx.storage.pointer),
        strip: strip(channels: max(inputs, outputs), most: Self.resultVectors))
    }
    let widest = strip(channels: max(inputs, outputs) / 2, most: Self.gradientVectors)
    let step = widest * kernels.vector_width
    let strips = (vectors + widest - 1) / widest
    let shares = min(Self.shares, strips)
    let (read, products) = (Self.points * inputs * step, Self.points * outputs * inputs)
    let scratchCount = max(read + Self.points * outputs * step, result?.scratch ?? 0)
    // Behind the sums a product of planes may read.
    let sums = Storage(count: shares * (products + outputs) + Planes.widestVector)
    sums.pointer.update(repeating: 0, count: sums.count)
    let (values, target) = (Shared(x.steps.storage.pointer), Shared(sums.pointer))
    Threads.forEachFlushingDenormals(shares) { share in
      let place = target.pointer + share * (products + outputs)
      let scratch = Storage(count: scratchCount)
      let gradients = scratch.pointer + read
      var (geometry, gateArguments) = (geometry, (gate ?? PlaneGate()).arguments)
      for index in share * strips / shares..<(share + 1) * strips / shares {
        let range = index * widest..<min((index + 1) * widest, vectors)
        let columns = range.count * kernels.vector_width
        kernels.tiles_to_fourier(
          &geometry, range.lowerBound, range.count, false, inputs, nil, values.pointer, x.stride,
          scratch.pointer, step, inputs * step)
        withUnsafePointer(to: &gateArguments) { arguments in
          kernels.tiles_to_fourier(
            &geometry, range.lowerBound, range.count, true, outputs, gate == nil ? nil : arguments,
            arrived.pointer, x.stride, gradients, step, outputs * step)
        }
        for point in 0..<Self.points {
          kernels.multiply_rows(
            outputs, inputs, columns, gradients + point * outputs * step, step,
            scratch.pointer + point * inputs * step, step, place + point * outputs * inputs, inputs)
        }
        // The first point of a tile is the sum of its values.
        for output in 0..<outputs {
          place[products + output] += kernels.sum(columns, gradients + output * step)
        }
        guard let result else { continue }
        for first in stride(from: range.lowerBound, to: range.upperBound, by: result.strip) {
          result.make(
            first..<min(first + result.strip, range.upperBound), scratch: scratch.pointer)
        }
      }
      withExtendedLifetime(scratch) {}
    }
    for share in 1..<max(1, shares) {
      kernels.add(
        products + outputs, sums.pointer, sums.pointer + share * (products + outputs), sums.pointer)
    }
    withExtendedLifetime((x, dy, dx, gate)) {}
    let bias = Tensor.build(shape: [outputs]) { target in
      target.baseAddress?.update(from: sums.pointer + products, count: outputs)
    }
    return (gradient(sums, outputs: outputs, inputs: inputs), bias)
  }
}

/// A convolution by tiles, strip by strip.
private struct FourierResult: @unchecked Sendable {
  let tiles: FourierTiles
  let x: Shared<UnsafePointer<Float>>
  /// What passes of x.
  var gate: PlaneGate?
  /// Floats between two planes, of x as of y.
  let stride: Int
  /// The points of W.
  let weights: Storage
  let inputs: Int
  let outputs: Int
  let finish: PlaneFinish
  let y: Shared<UnsafeMutablePointer<Float>>
  /// The most vectors of a strip.
  let strip: Int

  private var step: Int { strip * kernels.vector_width }
  private var read: Int { FourierTiles.points * inputs * step }

  /// Floats that `make` writes on the way.
  var scratch: Int { read + FourierTiles.points * outputs * step }

  /// Makes the results of some vectors of tiles, on the calling thread.
  func make(_ range: Range<Int>, scratch: UnsafeMutablePointer<Float>) {
    let made = scratch + read
    var (geometry, gateArguments) = (tiles.geometry, (gate ?? PlaneGate()).arguments)
    let columns = range.count * kernels.vector_width
    withUnsafePointer(to: &gateArguments) { arguments in
      kernels.tiles_to_fourier(
        &geometry, range.lowerBound, range.count, false, inputs, gate == nil ? nil : arguments,
        x.pointer, stride, scratch, step, inputs * step)
    }
    for point in 0..<FourierTiles.points {
      var tap = reel_plane_tap(
        x: scratch + point * inputs * step, ld: step,
        w: weights.pointer + point * outputs * inputs, ldw: inputs)
      kernels.convolve_planes(
        outputs, columns, inputs, 1, &tap, nil, false, made + point * outputs * step, step)
    }
    finish.withArguments { arguments in
      kernels.fourier_to_tiles(
        &geometry, range.lowerBound, range.count, outputs, made, step, outputs * step, arguments,
        y.pointer, stride)
    }
    withExtendedLifetime(self) {}
  }
}
