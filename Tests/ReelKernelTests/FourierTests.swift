import CReelKernels
import Foundation
import Testing

/// The Fourier transform of tiles of planes, its way back and the products between them against their
/// definitions in Double.
@Suite struct FourierTests {
  /// Runs of a batch: columns of one place, columns in all, taps, where the first reads.
  private struct Case: Sendable {
    let channels: Int
    let run: Int
    let columns: Int
    let taps: Int
    let first: Int
    var start = 0
    var inputs = 16

    var results: Int { inputs + 1 - taps }
    var tiles: Int { (columns - start + run * results - 1) / (run * results) }
    var geometry: reel_fourier_tiles {
      reel_fourier_tiles(
        run: run, columns: columns, start: start, inputs: inputs, results: results, first: first)
    }
    /// Whether the results stand among the inputs, so that these may be summed there.
    var hasOwn: Bool { (0...taps - 1).contains(-first) }
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

  private static let cases =
    [16, 32].flatMap { inputs in
      basicCases.map { test in
        var test = test
        test.inputs = inputs
        return test
      }
    }
    + [
      // More taps than a tile of 16 has inputs.
      Case(channels: 2, run: 17, columns: 17 * 40, taps: 25, first: -11, inputs: 32),
      Case(channels: 1, run: 64, columns: 64 * 31, taps: 32, first: -31, inputs: 32),
    ]
  private static let basicCases = [
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
  func numbers(_ set: KernelSet) {
    var generator = TestGenerator(seed: 91)
    let width = set.kernels.vector_width
    for test in Self.cases {
      for (isPadded, isGated) in [(false, false), (true, false), (true, true), (false, true)] {
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
        var numbers = [Float](repeating: .nan, count: test.inputs * step)
        let isSummed = !isPadded && test.hasOwn
        var sums = [Float](repeating: 0.5, count: test.channels * width)
        var geometry = test.geometry
        open.withUnsafeBufferPointer { open in
          mask.withUnsafeBufferPointer { mask in
            var gate = reel_plane_gate(
              signs: open.baseAddress, bits: 3, mask: mask.baseAddress, ldmask: ldmask,
              period: period)
            // In two parts, as threads share them.
            for (first, count) in [(0, vectors / 2), (vectors / 2, vectors - vectors / 2)] {
              numbers.withUnsafeMutableBufferPointer { numbers in
                sums.withUnsafeMutableBufferPointer { sums in
                  guard let numbers = numbers.baseAddress else { return }
                  withUnsafePointer(to: &gate) { gate in
                    set.kernels.tiles_to_fourier(
                      &geometry, first, count, isPadded, test.channels, isGated ? gate : nil, x, ld,
                      isSummed ? sums.baseAddress : nil, numbers + first * width, ldp, step)
                  }
                }
              }
            }
          }
        }
        for channel in 0..<test.channels {
          var sum = Double(width) * 0.5
          var magnitude = 1.0
          for vector in 0..<vectors {
            for lane in 0..<width {
              guard let (tile, column) = test.position(vector, lane, width) else {
                // Products add up these lanes too.
                for number in 0..<test.inputs {
                  #expect(numbers[number * step + channel * ldp + vector * width + lane] == 0)
                }
                continue
              }
              let values = (0..<(isPadded ? test.results : test.inputs)).map { place -> Double in
                let at = test.column(tile, place + (isPadded ? 0 : test.first), column)
                guard (0..<test.columns).contains(at) else { return 0 }
                let value = Double(x[channel * ld + at])
                guard isGated else { return value }
                return open[channel * ld + at] == 3
                  ? value * Double(mask[channel * ldmask + column]) : 0
              }
              if isSummed {
                for value in values[(-test.first)...].prefix(test.results) {
                  sum += value
                  magnitude += abs(value)
                }
              }
              let expected = Self.transform(values, inputs: test.inputs)
              let scale = values.reduce(1) { $0 + abs($1) }
              for number in 0..<test.inputs {
                let came = numbers[number * step + channel * ldp + vector * width + lane]
                #expect(
                  abs(Double(came) - expected[number]) <= 1e-6 * scale,
                  "\(set.name) number \(number) of \(test)")
              }
            }
          }
          let came = sums[channel * width..<(channel + 1) * width].reduce(0) { $0 + Double($1) }
          #expect(abs(came - sum) <= 1e-6 * magnitude, "\(set.name) sums of \(test)")
        }
      }
    }
  }

  /// X₀ and X_{N/2} of N places, zeros behind the values, then both parts of each other frequency.
  private static func transform(_ values: [Double], inputs: Int) -> [Double] {
    func at(_ frequency: Int) -> (Double, Double) {
      var (real, imaginary) = (0.0, 0.0)
      for (place, value) in values.enumerated() {
        let angle = 2 * Double.pi * Double(frequency * place) / Double(inputs)
        real += value * cos(angle)
        imaginary -= value * sin(angle)
      }
      return (real, imaginary)
    }
    return [at(0).0, at(inputs / 2).0]
      + (1..<inputs / 2).flatMap { frequency in
        let (real, imaginary) = at(frequency)
        return [real, imaginary]
      }
  }

  @Test(arguments: KernelSet.available)
  func results(_ set: KernelSet) {
    var generator = TestGenerator(seed: 92)
    let width = set.kernels.vector_width
    for test in Self.cases {
      let (vectors, ld) = (test.vectors(width), test.columns + 9)
      let ldp = vectors * width
      let step = test.channels * ldp
      let numbers = generator.values(test.inputs * step)
      let bias = generator.values(test.channels)
      var y = [Float](repeating: .nan, count: test.channels * ld)
      var geometry = test.geometry
      bias.withUnsafeBufferPointer { bias in
        var finish = reel_plane_finish()
        finish.bias = bias.baseAddress
        for (first, count) in [(0, vectors / 2), (vectors / 2, vectors - vectors / 2)] {
          numbers.withUnsafeBufferPointer { numbers in
            guard let numbers = numbers.baseAddress else { return }
            set.kernels.fourier_to_tiles(
              &geometry, first, count, test.channels, numbers + first * width, ldp, step, &finish,
              &y, ld)
          }
        }
      }
      for channel in 0..<test.channels {
        for vector in 0..<vectors {
          for lane in 0..<width {
            guard let (tile, column) = test.position(vector, lane, width) else { continue }
            let values = (0..<test.inputs).map {
              Double(numbers[$0 * step + channel * ldp + vector * width + lane])
            }
            for place in 0..<test.results {
              let at = test.column(tile, place, column)
              guard at < test.columns else { continue }
              var sum = Double(bias[channel]) + values[0] + (place % 2 == 0 ? 1 : -1) * values[1]
              for frequency in 1..<test.inputs / 2 {
                let (real, imaginary) = (values[2 * frequency], values[2 * frequency + 1])
                let angle = 2 * Double.pi * Double(frequency * place) / Double(test.inputs)
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

  /// Sizes of a product of frequencies: inputs of a tile, outputs, channels, vectors.
  private static let shapes = [
    (16, 25, 25, 3), (32, 25, 25, 4), (16, 1, 3, 2), (32, 7, 1, 1), (16, 6, 9, 5), (32, 0, 2, 1),
    (16, 2, 0, 2), (32, 3, 26, 8),
  ]

  /// Each product against complex numbers in Double.
  @Test(arguments: KernelSet.available)
  func products(_ set: KernelSet) {
    var generator = TestGenerator(seed: 93)
    for (inputs, m, channels, vectors) in Self.shapes {
      let ld = vectors * set.kernels.vector_width
      // W at each frequency as the kernel wants it.
      let parts = (0..<inputs / 2 + 1).map { _ in
        (generator.values(m * channels), generator.values(m * channels))
      }
      var weights = parts[0].0 + parts[inputs / 2].0
      for (a, b) in parts[1..<inputs / 2] {
        weights += a + zip(a, b).map { $1 - $0 } + zip(a, b).map { $0 + $1 }
      }
      let x = generator.values(inputs * channels * ld)
      var y = [Float](repeating: .nan, count: inputs * m * ld)
      set.kernels.multiply_frequencies(inputs, m, channels, vectors, weights, x, &y, ld)
      for output in 0..<m {
        for column in 0..<ld {
          func number(_ index: Int, _ channel: Int) -> Double {
            Double(x[(index * channels + channel) * ld + column])
          }
          var expected = [Double](repeating: 0, count: inputs)
          for channel in 0..<channels {
            let at = output * channels + channel
            expected[0] += Double(parts[0].0[at]) * number(0, channel)
            expected[1] += Double(parts[inputs / 2].0[at]) * number(1, channel)
            for f in 1..<inputs / 2 {
              let (a, b) = (Double(parts[f].0[at]), Double(parts[f].1[at]))
              let (r, s) = (number(2 * f, channel), number(2 * f + 1, channel))
              expected[2 * f] += a * r - b * s
              expected[2 * f + 1] += a * s + b * r
            }
          }
          for index in 0..<inputs {
            #expect(
              abs(Double(y[(index * m + output) * ld + column]) - expected[index]) < 1e-4,
              "\(set.name) \((inputs, m, channels, vectors)) number \(index)")
          }
        }
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func gradientProducts(_ set: KernelSet) {
    var generator = TestGenerator(seed: 94)
    for (inputs, m, p, vectors) in Self.shapes {
      let ld = vectors * set.kernels.vector_width
      let a = generator.values(inputs * m * ld)
      let b = generator.values(inputs * p * ld)
      let matrix = m * p
      var sums = [Float](repeating: 0.25, count: (3 * inputs / 2 - 1) * matrix + 16)
      set.kernels.add_frequency_products(inputs, m, p, vectors, a, b, ld, &sums)
      for row in 0..<m {
        for column in 0..<p {
          func left(_ index: Int, _ at: Int) -> Double { Double(a[(index * m + row) * ld + at]) }
          func right(_ index: Int, _ at: Int) -> Double {
            Double(b[(index * p + column) * ld + at])
          }
          var expected = [Double](repeating: 0.25, count: 3 * inputs / 2 - 1)
          for at in 0..<ld {
            expected[0] += left(0, at) * right(0, at)
            expected[1] += left(1, at) * right(1, at)
            for f in 1..<inputs / 2 {
              let (r, s) = (left(2 * f, at), left(2 * f + 1, at))
              let (real, imaginary) = (right(2 * f, at), right(2 * f + 1, at))
              expected[3 * f - 1] += (r + s) * (real + imaginary)
              expected[3 * f] += r * imaginary
              expected[3 * f + 1] += s * real
            }
          }
          for index in expected.indices {
            let came = Double(sums[index * matrix + row * p + column])
            #expect(
              abs(came - expected[index]) < 2e-4,
              "\(set.name) \((inputs, m, p, vectors)) product \(index)")
          }
        }
      }
    }
  }
}
