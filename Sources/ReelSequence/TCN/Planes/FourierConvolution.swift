import CReelKernels
import ReelLayers
import ReelTensor

extension FourierTiles {
  /// Vectors of a strip, and bytes of its transform: of the results, and of gradients, whose sums over a
  /// strip are worth longer rows.
  private static let (resultVectors, resultBytes) = (4, 1 << 18)
  private static let (gradientVectors, gradientBytes) = (8, 1 << 19)
  /// Sums of products that threads make of their own, added in order.
  private static let shares = 8
  /// Strips of a share at least where other groups of the batch may keep threads busy: its sums have to be
  /// cleared and added.
  private static let fewestStrips = 2

  /// y = W ∗ x and what `finish` makes of it, from the weights of the products.
  func convolve(
    _ x: PlaneSource, _ weights: Storage, inputs: Int, outputs: Int, finish: PlaneFinish,
    into y: Tensor
  ) {
    let source = FourierSource(
      tiles: self, planes: Shared(UnsafePointer(x.steps.storage.pointer)), stride: x.stride,
      channels: inputs)
    let result = FourierResult(
      tiles: self, weights: weights, inputs: inputs, outputs: outputs, finish: finish,
      y: Shared(y.storage.pointer), stride: x.stride)
    let widest = strip(
      channels: max(inputs, outputs), most: Self.resultVectors, bytes: Self.resultBytes)
    let step = widest * kernels.vector_width
    Threads.forEachFlushingDenormals((vectors + widest - 1) / widest) { index in
      let range = index * widest..<min((index + 1) * widest, vectors)
      let read = Storage(count: size * inputs * step)
      let made = Storage(count: size * outputs * step)
      source.transform(range, into: read.pointer, step: step)
      result.make(range, from: read.pointer, scratch: made.pointer, step: step)
      withExtendedLifetime((read, made)) {}
    }
    withExtendedLifetime((x, y)) {}
  }

  /// On the turned tiles: dW [out, in, k] = Σ dy·x and db [out] = Σ dy over the columns that they cover,
  /// and dx = Wᵀ ∗ dy with what `finish` makes of it. One transform of dy serves both.
  ///
  /// With the taps turned round dx is a convolution of dy, and dW the gradient in its weights: the sum
  /// over tiles of x, padded, times the inputs dy of those tiles.
  ///
  /// - Parameters:
  ///   - weights: those of the products, transposed.
  ///   - inputs: of the convolution whose way back this is.
  ///   - isAlone: whether the batch has no other groups.
  func backward(
    _ x: PlaneSource, _ weights: Storage, dy: Tensor, gate: PlaneGate?, inputs: Int, outputs: Int,
    isAlone: Bool, finish: PlaneFinish, into dx: Tensor?
  ) -> (weight: Tensor, bias: Tensor) {
    let source = FourierSource(
      tiles: self, planes: Shared(UnsafePointer(dy.storage.pointer)), stride: x.stride,
      channels: outputs, gate: gate)
    let padded = FourierSource(
      tiles: self, planes: Shared(UnsafePointer(x.steps.storage.pointer)), stride: x.stride,
      channels: inputs)
    let result = dx.map { dx in
      FourierResult(
        tiles: self, weights: weights, inputs: outputs, outputs: inputs, finish: finish,
        y: Shared(dx.storage.pointer), stride: x.stride)
    }
    let widest = strip(
      channels: max(inputs, outputs), most: Self.gradientVectors, bytes: Self.gradientBytes)
    let step = widest * kernels.vector_width
    let strips = (vectors + widest - 1) / widest
    let shares = max(1, min(Self.shares, isAlone ? strips : strips / Self.fewestStrips))
    let sumCount = products * outputs * inputs
    // Behind the sums a product of planes may read.
    let sums = Storage(count: shares * sumCount + Planes.widestVector)
    let biases = Storage(count: shares * outputs * kernels.vector_width)
    let (productSums, biasSums) = (Shared(sums.pointer), Shared(biases.pointer))
    Threads.forEachFlushingDenormals(shares) { share in
      let place = productSums.pointer + share * sumCount
      place.update(repeating: 0, count: sumCount)
      let bias = biasSums.pointer + share * outputs * kernels.vector_width
      bias.update(repeating: 0, count: outputs * kernels.vector_width)
      let arrived = Storage(count: size * outputs * step)
      let values = Storage(count: size * inputs * step)
      for index in share * strips / shares..<(share + 1) * strips / shares {
        let range = index * widest..<min((index + 1) * widest, vectors)
        source.transform(range, sums: bias, into: arrived.pointer, step: step)
        padded.transform(range, isPadded: true, into: values.pointer, step: step)
        kernels.add_frequency_products(
          size, outputs, inputs, range.count, arrived.pointer, values.pointer, step, place)
        result?.make(range, from: arrived.pointer, scratch: values.pointer, step: step)
      }
      withExtendedLifetime((arrived, values)) {}
    }
    for share in 1..<shares {
      kernels.add(sumCount, sums.pointer, sums.pointer + share * sumCount, sums.pointer)
    }
    withExtendedLifetime((x, dy, dx, gate)) {}
    let bias = Tensor.build(shape: [outputs]) { target in
      for output in 0..<outputs {
        target[output] = (0..<shares).reduce(0) { sum, share in
          let place = (share * outputs + output) * kernels.vector_width
          return sum + kernels.sum(kernels.vector_width, biases.pointer + place)
        }
      }
    }
    withExtendedLifetime(biases) {}
    return (gradient(sums, outputs: outputs, inputs: inputs), bias)
  }
}

/// Planes that are transformed, strip by strip.
private struct FourierSource: @unchecked Sendable {
  let tiles: FourierTiles
  let planes: Shared<UnsafePointer<Float>>
  /// Floats between two planes.
  let stride: Int
  let channels: Int
  /// What passes of the planes.
  var gate: PlaneGate?

  /// The transform of some vectors of tiles, `step` floats for each channel, on the calling thread.
  ///
  /// - Parameters:
  ///   - isPadded: the tiles' own places alone, zeros behind them.
  ///   - sums: receives in addition the sums of those places, a vector for each channel.
  func transform(
    _ range: Range<Int>, isPadded: Bool = false, sums: UnsafeMutablePointer<Float>? = nil,
    into numbers: UnsafeMutablePointer<Float>, step: Int
  ) {
    var (geometry, gateArguments) = (tiles.geometry, (gate ?? PlaneGate()).arguments)
    withUnsafePointer(to: &gateArguments) { arguments in
      kernels.tiles_to_fourier(
        &geometry, range.lowerBound, range.count, isPadded, channels, gate == nil ? nil : arguments,
        planes.pointer, stride, sums, numbers, step, channels * step)
    }
    withExtendedLifetime(self) {}
  }
}

/// A convolution by tiles, strip by strip.
private struct FourierResult: @unchecked Sendable {
  let tiles: FourierTiles
  /// Those of the products.
  let weights: Storage
  let inputs: Int
  let outputs: Int
  let finish: PlaneFinish
  let y: Shared<UnsafeMutablePointer<Float>>
  /// Floats between two planes of y.
  let stride: Int

  /// Makes the results of some vectors of tiles from the transform of what they read, on the calling thread.
  func make(
    _ range: Range<Int>, from read: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>,
    step: Int
  ) {
    var geometry = tiles.geometry
    kernels.multiply_frequencies(
      tiles.size, outputs, inputs, range.count, weights.pointer, read, scratch, step)
    finish.withArguments { arguments in
      kernels.fourier_to_tiles(
        &geometry, range.lowerBound, range.count, outputs, scratch, step, outputs * step, arguments,
        y.pointer, stride)
    }
    withExtendedLifetime(self) {}
  }
}
