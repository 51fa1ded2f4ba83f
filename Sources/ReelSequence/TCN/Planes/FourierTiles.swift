import CReelKernels
import Foundation
import ReelTensor

/// The columns of a batch of equally long sequences in tiles of 16 or 32 inputs along the time, as a
/// convolution by the discrete Fourier transform reads them (overlap-save): with k taps a tile of N
/// inputs has N + 1 − k results.
struct FourierTiles: @unchecked Sendable {
  let geometry: reel_fourier_tiles
  let taps: Int
  /// Vectors of tiles in all.
  let vectors: Int
  /// Columns of results that are left to the sum over the taps: at the beginning, where most taps read
  /// zeros, it may take less work than one more tile.
  let rest: Range<Int>

  /// Inputs of a tile.
  var size: Int { geometry.inputs }
  /// Products of a tile: one for each of the two real frequencies, 3 for each of the complex ones.
  var products: Int { 3 * size / 2 - 1 }

  /// The tiles that take the least work for the convolutions of `window`; nil where the sum over the
  /// taps takes less, or the batch is no one block of columns.
  init?(_ window: TemporalWindow, inputs: Int, outputs: Int) {
    let (layout, reads) = (window.layout, window.reads)
    guard layout.isUniform, !window.hasHistory, reads.count > 1, layout.total > 0,
      reads[0] % window.dilation == 0, inputs * outputs <= Self.mostProducts
    else { return nil }
    let products = PlaneProducts(window, inputs: inputs, outputs: outputs)
    let sizes = Self.sizes.filter { $0 > reads.count }
    let choices = sizes.compactMap { Self.choice($0, window, products) }
    guard let best = choices.min(by: { $0.work < $1.work }),
      best.work < products.sum(of: layout.longest)
    else { return nil }
    self = best.tiles
  }

  /// Numbers of inputs that kernels know, powers of two.
  private static let sizes = [16, largest]
  private static let largest = 32

  /// Tiles of one size and the work that they take; nil where a sequence has no room for one.
  private static func choice(
    _ size: Int, _ window: TemporalWindow, _ products: PlaneProducts
  ) -> (tiles: FourierTiles, work: Int)? {
    let (layout, reads, dilation) = (window.layout, window.reads, window.dilation)
    let (batch, results) = (layout.batch, size + 1 - reads.count)
    let run = dilation * batch
    let perTile = (run + kernels.vector_width - 1) / kernels.vector_width
    let work = perTile * products.ofTile(size)
    let (whole, steps) = layout.longest.quotientAndRemainder(dividingBy: results * dilation)
    // Where nothing reads ahead; and no vector of inputs may reach from before the first column into it.
    let mayCut =
      reads.allSatisfy { $0 <= 0 }
      && (steps % dilation == 0 || batch % Planes.widestVector == 0)
    let isCut = mayCut && steps > 0 && products.sum(of: steps) < work
    let count = isCut || steps == 0 ? whole : whole + 1
    guard count > 0 else { return nil }
    let rest = 0..<(isCut ? steps * batch : 0)
    let geometry = reel_fourier_tiles(
      run: run, columns: layout.total, start: rest.upperBound, inputs: size, results: results,
      first: reads[0] / dilation)
    return (
      FourierTiles(geometry, taps: reads.count, vectors: count * perTile, rest: rest),
      count * work + (isCut ? products.sum(of: steps) : 0) + products.ofWeights(size)
    )
  }

  private init(
    _ geometry: reel_fourier_tiles, taps: Int, vectors: Int, rest: Range<Int>
  ) {
    self.geometry = geometry
    self.taps = taps
    self.vectors = vectors
    self.rest = rest
  }

  /// The same tiles of the gradient in what the convolution reads: the taps are turned round, and read
  /// as far ahead as they read back; what they leave out is at the end.
  var turned: FourierTiles {
    var other = geometry
    other.first = 1 - taps - geometry.first
    other.start = 0
    let total = geometry.columns
    return FourierTiles(
      other, taps: taps, vectors: vectors, rest: total - rest.upperBound..<total)
  }

  /// Products of a tap for which the sums of a gradient, one for each share of the work, stay small.
  private static let mostProducts = 1 << 14

  /// Vectors that are taken through all steps together, so that their transform stays in the
  /// second-level cache: `most` where `bytes` are enough for it.
  func strip(channels: Int, most: Int, bytes: Int) -> Int {
    let each = size * max(channels, 1) * kernels.vector_width * MemoryLayout<Float>.stride
    return max(2, min(most, bytes / each / 2 * 2))
  }

  /// The weights of the products, from [out, in, k]: [products, out, in] for the result, [products, in,
  /// out] with the taps turned round for the gradient in the input.
  ///
  /// With w_k read from place k of a tile of N, W_f = Σ_k w_k·exp(2πi·f·k/N)/N = a + ib has the weights
  /// a, b − a and a + b.
  func weights(of weight: Tensor, transposed: Bool) -> Storage {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let pairs = outputs * inputs
    let planes = Storage(count: taps * pairs + Planes.widestVector)
    kernels.transpose(pairs, taps, weight.storage.pointer, taps, planes.pointer, pairs)
    var factors = [Float](repeating: 0, count: products * taps)
    for product in 0..<products {
      for tap in 0..<taps {
        factors[product * taps + tap] = Float(
          factor(of: transposed ? taps - 1 - tap : tap, in: product))
      }
    }
    let result = Storage(count: products * pairs)
    Self.multiply(factors, rows: products, planes, count: taps, pairs, into: result)
    withExtendedLifetime(weight) {}
    guard transposed else { return result }
    let turned = Storage(count: products * pairs)
    for product in 0..<products {
      kernels.transpose(
        outputs, inputs, result.pointer + product * pairs, inputs,
        turned.pointer + product * pairs, outputs)
    }
    withExtendedLifetime(result) {}
    return turned
  }

  /// The gradient in weights [out, in, k] from the sums that `add_frequency_products` makes on the turned
  /// tiles, [products, out, in]. With dW_f the gradient in the transform, R + iI that of x padded, they
  /// stand for 2(R + I), 2I and −2R.
  func gradient(_ sums: Storage, outputs: Int, inputs: Int) -> Tensor {
    let pairs = outputs * inputs
    var factors = [Float](repeating: 0, count: taps * products)
    for tap in 0..<taps {
      for product in 0..<products {
        let times: Double = product < 2 ? 1 : product % 3 == 1 ? -2 : 2
        factors[tap * products + product] = Float(times * factor(of: taps - 1 - tap, in: product))
      }
    }
    let planes = Storage(count: taps * pairs)
    Self.multiply(factors, rows: taps, sums, count: products, pairs, into: planes)
    let result = Tensor(
      shape: [outputs, inputs, taps], storage: Storage(count: pairs * taps))
    kernels.transpose(taps, pairs, planes.pointer, pairs, result.storage.pointer, taps)
    withExtendedLifetime(planes) {}
    return result
  }

  /// result[r] = Σ_i factors[r][i] · planes[i], planes of n values.
  private static func multiply(
    _ factors: [Float], rows: Int, _ planes: Storage, count: Int, _ n: Int, into result: Storage
  ) {
    factors.withUnsafeBufferPointer { factors in
      guard let factors = factors.baseAddress else { return }
      var tap = reel_plane_tap(x: UnsafePointer(planes.pointer), ld: n, w: factors, ldw: count)
      kernels.convolve_planes(rows, n, count, 1, &tap, nil, false, result.pointer, n)
    }
    withExtendedLifetime((planes, result)) {}
  }

  /// With what a tap enters a product: of a real frequency a, of the complex ones in turns a, b − a and a + b.
  private func factor(of tap: Int, in product: Int) -> Double {
    let frequency = product < 2 ? product * size / 2 : (product + 1) / 3
    let (cosines, whole) = (Self.cosines, Self.cosines.count)
    let angle = frequency * tap * (whole / size) % whole
    let a = cosines[angle] / Double(size)
    let b = cosines[(angle + whole / 4 * 3) % whole] / Double(size)  // the sine
    guard product >= 2 else { return a }
    return switch (product - 2) % 3 {
    case 0: a
    case 1: b - a
    default: a + b
    }
  }

  /// Of the angles of the largest tiles, which are those of the smaller ones, too.
  private static let cosines = (0..<largest).map {
    cos(2 * Double.pi * Double($0) / Double(largest))
  }
}

/// Vectors of multiply-adds that ways of convolving take.
private struct PlaneProducts {
  let window: TemporalWindow
  let inputs: Int
  let outputs: Int

  init(_ window: TemporalWindow, inputs: Int, outputs: Int) {
    (self.window, self.inputs, self.outputs) = (window, inputs, outputs)
  }

  /// Multiply-adds that take as long as the transform of one vector of tiles does for each input.
  private static let transform = 16

  /// The first steps of all sequences, as the sum over the taps: no products of zeros.
  func sum(of steps: Int) -> Int {
    let read = window.reads.reduce(0) {
      $0 + max(0, min(steps, window.layout.longest - $1) - max(0, -$1))
    }
    return read * window.layout.batch / kernels.vector_width * inputs * outputs
  }

  /// The weights of tiles of `size` inputs, those for the way back, and the gradient's way from them.
  func ofWeights(_ size: Int) -> Int {
    3 * (3 * size / 2 - 1) * window.reads.count * inputs * outputs / kernels.vector_width
  }

  /// One vector of tiles of `size` inputs: the products, and what the transforms take beside them.
  func ofTile(_ size: Int) -> Int {
    (3 * size / 2 - 1) * inputs * outputs + size * Self.transform * (inputs + outputs)
  }
}
