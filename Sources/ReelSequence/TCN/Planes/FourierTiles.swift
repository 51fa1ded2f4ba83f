import CReelKernels
import Foundation
import ReelTensor

/// The columns of a batch of equally long sequences in tiles of 16 inputs along the time, as a
/// convolution by the discrete Fourier transform reads them (overlap-save): with k taps a tile has
/// 17 − k results.
struct FourierTiles: @unchecked Sendable {
  /// Inputs of a tile.
  static let inputs = 16
  /// Products of a tile: 2 for the two real frequencies, 3 for each of the 7 complex ones.
  static let points = 23

  let geometry: reel_fourier_tiles
  let taps: Int
  /// Vectors of tiles in all.
  let vectors: Int
  /// Columns of results that are left to the sum over the taps: at the beginning, where most taps read
  /// zeros, it may take less work than one more tile.
  let rest: Range<Int>

  /// Tiles for the convolutions of `window`; nil where the sum over the taps takes less work, or the
  /// batch is no one block of columns.
  init?(_ window: TemporalWindow, inputs: Int, outputs: Int) {
    let (layout, reads, dilation) = (window.layout, window.reads, window.dilation)
    guard layout.isUniform, !window.hasHistory, (2..<Self.inputs).contains(reads.count),
      layout.total > 0, reads[0] % dilation == 0
    else { return nil }
    let (batch, results) = (layout.batch, Self.inputs + 1 - reads.count)
    let run = dilation * batch
    let width = kernels.vector_width
    // In vectors of multiply-adds: the products of both ways, and what the transforms take beside them.
    let products = inputs * outputs
    guard products <= Self.mostProducts else { return nil }
    func sum(of steps: Int) -> Int {
      reads.reduce(0) { $0 + max(0, min(steps, layout.longest - $1) - max(0, -$1)) } * batch / width
        * products
    }
    let perTile =
      ((run + width - 1) / width) * (Self.points * products + Self.transform * (inputs + outputs))
    let (whole, steps) = layout.longest.quotientAndRemainder(dividingBy: results * dilation)
    // Where nothing reads ahead; and no vector of inputs may reach from before the first column into it.
    let mayCut =
      reads.allSatisfy { $0 <= 0 }
      && (steps % dilation == 0 || batch % Planes.widestVector == 0)
    let isCut = mayCut && steps > 0 && sum(of: steps) < perTile
    let count = isCut || steps == 0 ? whole : whole + 1
    guard count > 0, count * perTile + (isCut ? sum(of: steps) : 0) < sum(of: layout.longest) else {
      return nil
    }
    vectors = count * ((run + width - 1) / width)
    taps = reads.count
    rest = 0..<(isCut ? steps * batch : 0)
    geometry = reel_fourier_tiles(
      run: run, columns: layout.total, start: rest.upperBound, results: results,
      first: reads[0] / dilation)
  }

  private init(_ geometry: reel_fourier_tiles, taps: Int, vectors: Int, rest: Range<Int>) {
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

  /// Multiply-adds that take as long as one transform of a vector of tiles.
  private static let transform = 250

  /// Vectors that are taken through all steps together, so that their points stay in the second-level
  /// cache.
  func strip(channels: Int, most: Int) -> Int {
    let bytes = Self.points * max(channels, 1) * kernels.vector_width * MemoryLayout<Float>.stride
    return max(3, min(most, Self.cached / bytes / 3 * 3))
  }

  private static let cached = 1 << 18

  /// The points of weights, from [out, in, k]: [23, out, in] for the result, [23, in, out] with the
  /// taps turned round for the gradient in the input.
  ///
  /// With w_k read from place k of a tile, W_f = Σ_k w_k·exp(2πi·f·k/16)/16 = a + ib has the points a,
  /// b − a and a + b.
  func points(of weight: Tensor, transposed: Bool) -> Storage {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let products = outputs * inputs
    let planes = Storage(count: taps * products + Planes.widestVector)
    kernels.transpose(products, taps, weight.storage.pointer, taps, planes.pointer, products)
    let matrix = Self.matrix(taps: taps)
    var factors = [Float](repeating: 0, count: Self.points * taps)
    for point in 0..<Self.points {
      for tap in 0..<taps {
        let place = transposed ? taps - 1 - tap : tap
        factors[point * taps + tap] = Float(matrix[point][place])
      }
    }
    let points = Storage(count: Self.points * products)
    Self.multiply(factors, rows: Self.points, planes, count: taps, products, into: points)
    withExtendedLifetime(weight) {}
    guard transposed else { return points }
    let turned = Storage(count: Self.points * products)
    for point in 0..<Self.points {
      kernels.transpose(
        outputs, inputs, points.pointer + point * products, inputs,
        turned.pointer + point * products, outputs)
    }
    withExtendedLifetime(points) {}
    return turned
  }

  /// The gradient in weights [out, in, k] from the sums of products of points [23, out, in], whose
  /// gradients are those that `tiles_to_fourier` leaves: dP₁ = 2(Re + Im), dP₂ = 2 Im, dP₃ = −2 Re.
  func gradient(_ sums: Storage, outputs: Int, inputs: Int) -> Tensor {
    let products = outputs * inputs
    let matrix = Self.matrix(taps: taps)
    var factors = [Float](repeating: 0, count: taps * Self.points)
    for tap in 0..<taps {
      for point in 0..<Self.points {
        let factor: Double = point < 2 ? 1 : point % 3 == 1 ? -2 : 2
        factors[tap * Self.points + point] = Float(factor * matrix[point][tap])
      }
    }
    let planes = Storage(count: taps * products)
    Self.multiply(factors, rows: taps, sums, count: Self.points, products, into: planes)
    let result = Tensor(
      shape: [outputs, inputs, taps], storage: Storage(count: products * taps))
    kernels.transpose(taps, products, planes.pointer, products, result.storage.pointer, taps)
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

  /// What each tap is worth at each point, [23][taps].
  private static func matrix(taps: Int) -> [[Double]] {
    var rows: [[Double]] = []
    for frequency in [0, 8] + Array(1...7) {
      let angles = (0..<taps).map { 2 * Double.pi * Double(frequency * $0) / Double(inputs) }
      let a = angles.map { cos($0) / Double(inputs) }
      let b = angles.map { sin($0) / Double(inputs) }
      rows.append(a)
      guard frequency % 8 != 0 else { continue }
      rows.append(zip(a, b).map { $1 - $0 })
      rows.append(zip(a, b).map { $0 + $1 })
    }
    return rows
  }
}
