import CReelKernels
import Foundation
import Testing

/// The Fourier transform of tiles of planes against its definition in Double, and a convolution by it
/// against the sum over the taps.
@Suite struct FourierTests {
  private static let points = 23

  /// Runs of a batch: columns of one place, columns in all, taps, where the first reads.
  private struct Case: Sendable {
    let channels: Int
    let run: Int
    let columns: Int
    let taps: Int
    let first: Int
    var start = 0

    var results: Int { 17 - taps }
    var tiles: Int { (columns - start + run * results - 1) / (run * results) }
    var geometry: reel_fourier_tiles {
      reel_fourier_tiles(run: run, columns: columns, start: start, results: results, first: first)
    }
    func vectors(_ width: Int) -> Int { tiles * ((run + width - 1) / width) }

    /// The place of lane `lane` of vector `vector`: its tile and its column in the run, if any.
    func position(_ vector: Int, _ lane: Int, _ width: Int) -> (tile: Int, column: Int)? {
      let perTile = (run + width - 1) / width
      let column = vector % perTile * width + lane
      return column < run ? (vector / perTile, column) : nil
    }

    /// Column of place `place` of a tile's results.
    func column(_ tile: Int, _ place: Int, _ column: Int) -> Int {
      start + (tile * results + place) * run + column
    }
  }

  private static let cases = [
    Case(channels: 3, run: 64, columns: 64 * 45, taps: 7, first: -6),
    Case(channels: 2, run: 5, columns: 5 * 33, taps: 3, first: -1),
    Case(channels: 1, run: 40, columns: 40 * 10, taps: 5, first: 0),
    // The last run is cut off, as where the length is no multiple of the dilation.
    Case(channels: 2, run: 48, columns: 24 * 31, taps: 4, first: -3),
    Case(channels: 4, run: 7, columns: 7, taps: 15, first: -14),
    Case(channels: 1, run: 16, columns: 16 * 3, taps: 2, first: -2),
    // What comes first is left to others.
    Case(channels: 2, run: 24, columns: 24 * 23, taps: 7, first: -6, start: 24 * 3),
    Case(channels: 1, run: 64, columns: 16 * 65, taps: 3, first: -1, start: 48),
  ]

  @Test(arguments: KernelSet.available)
  func points(_ set: KernelSet) {
    var generator = TestGenerator(seed: 91)
    let width = set.kernels.vector_width
    for test in Self.cases {
      for (gradients, isGated) in [(false, false), (true, false), (true, true), (false, true)] {
        let ld = test.columns + 9
        let x = generator.matrix(test.channels, test.columns, leadingDimension: ld)
        let open = generator.values(test.channels * ld).map { UInt8(abs($0) * 3.99) }
        let period = test.run
        let ldmask = period + 16
        let mask = (0..<test.channels * ldmask).map {
          Float($0 / ldmask + 1) + Float($0 % ldmask % period) / 8
        }
        let vectors = test.vectors(width)
        let ldp = vectors * width
        let step = test.channels * ldp
        var points = [Float](repeating: .nan, count: Self.points * step)
        var geometry = test.geometry
        open.withUnsafeBufferPointer { open in
          mask.withUnsafeBufferPointer { mask in
            var gate = reel_plane_gate(
              signs: open.baseAddress, bits: 3, mask: mask.baseAddress, ldmask: ldmask,
              period: period)
            // In two parts, as threads share them.
            for (first, count) in [(0, vectors / 2), (vectors / 2, vectors - vectors / 2)] {
              points.withUnsafeMutableBufferPointer { points in
                guard let points = points.baseAddress else { return }
                withUnsafePointer(to: &gate) { gate in
                  set.kernels.tiles_to_fourier(
                    &geometry, first, count, gradients, test.channels, isGated ? gate : nil, x, ld,
                    points + first * width, ldp, step)
                }
              }
            }
          }
        }
        for channel in 0..<test.channels {
          for vector in 0..<vectors {
            for lane in 0..<width {
              guard let (tile, column) = test.position(vector, lane, width) else { continue }
              let values = (0..<(gradients ? test.results : 16)).map { place -> Double in
                let at = test.column(tile, place + (gradients ? 0 : test.first), column)
                guard (0..<test.columns).contains(at) else { return 0 }
                let value = Double(x[channel * ld + at])
                guard isGated else { return value }
                return open[channel * ld + at] == 3
                  ? value * Double(mask[channel * ldmask + column]) : 0
              }
              let expected = Self.transform(values, gradients: gradients)
              let scale = values.reduce(1) { $0 + abs($1) }
              for point in 0..<Self.points {
                let came = points[point * step + channel * ldp + vector * width + lane]
                #expect(
                  abs(Double(came) - expected[point]) <= 1e-6 * scale,
                  "\(set.name) point \(point) of \(test)")
              }
            }
          }
        }
      }
    }
  }

  /// The 23 points of values: X₀, X₈, and of each other frequency Re + Im and both alone.
  private static func transform(_ values: [Double], gradients: Bool) -> [Double] {
    func at(_ frequency: Int) -> (Double, Double) {
      var (real, imaginary) = (0.0, 0.0)
      for (place, value) in values.enumerated() {
        let angle = 2 * Double.pi * Double(frequency * place) / 16
        real += value * cos(angle)
        imaginary -= value * sin(angle)
      }
      return (real, imaginary)
    }
    var points = [at(0).0, at(8).0]
    for frequency in 1..<8 {
      let (real, imaginary) = at(frequency)
      points += [real + imaginary] + (gradients ? [imaginary, real] : [real, imaginary])
    }
    return points
  }

  @Test(arguments: KernelSet.available)
  func results(_ set: KernelSet) {
    var generator = TestGenerator(seed: 92)
    let width = set.kernels.vector_width
    for test in Self.cases {
      let (vectors, ld) = (test.vectors(width), test.columns + 9)
      let ldp = vectors * width
      let step = test.channels * ldp
      let points = generator.values(Self.points * step)
      let bias = generator.values(test.channels)
      var y = [Float](repeating: .nan, count: test.channels * ld)
      var geometry = test.geometry
      bias.withUnsafeBufferPointer { bias in
        var finish = reel_plane_finish()
        finish.bias = bias.baseAddress
        for (first, count) in [(0, vectors / 2), (vectors / 2, vectors - vectors / 2)] {
          points.withUnsafeBufferPointer { points in
            guard let points = points.baseAddress else { return }
            set.kernels.fourier_to_tiles(
              &geometry, first, count, test.channels, points + first * width, ldp, step, &finish,
              &y, ld)
          }
        }
      }
      for channel in 0..<test.channels {
        for vector in 0..<vectors {
          for lane in 0..<width {
            guard let (tile, column) = test.position(vector, lane, width) else { continue }
            let values = (0..<Self.points).map {
              Double(points[$0 * step + channel * ldp + vector * width + lane])
            }
            for place in 0..<test.results {
              let at = test.column(tile, place, column)
              guard at < test.columns else { continue }
              var sum = Double(bias[channel]) + values[0] + (place % 2 == 0 ? 1 : -1) * values[1]
              for frequency in 1..<8 {
                let three = values[(3 * frequency - 1)...]
                let first = three.startIndex
                let real = three[first] - three[first + 2]
                let imaginary = three[first] + three[first + 1]
                let angle = 2 * Double.pi * Double(frequency * place) / 16
                sum += 2 * (real * cos(angle) - imaginary * sin(angle))
              }
              #expect(
                abs(Double(y[channel * ld + at]) - sum) <= 2e-5, "\(set.name) \(test) \(place)")
            }
          }
        }
        #expect(y[(channel * ld + test.columns)..<(channel + 1) * ld].allSatisfy { $0.isNaN })
      }
    }
  }
}
