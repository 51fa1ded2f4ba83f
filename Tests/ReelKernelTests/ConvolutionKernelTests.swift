import CReelKernels
import Testing

@Suite struct ConvolutionKernelTests {
  /// A product through a table, with room between the rows.
  struct Case {
    var rows: Int
    var outputs: Int
    var taps: Int
    var channels: Int
    let inputRows = 37
    var lds: Int
    var ldc: Int
    var sources: [Int32]
    var source: [Float]
    var weights: [Float]
    var bias: [Float]

    init(
      rows: Int, outputs: Int, taps: Int, channels: Int, _ generator: inout TestGenerator
    ) {
      (self.rows, self.outputs, self.taps, self.channels) = (rows, outputs, taps, channels)
      lds = channels + Int.random(in: 0...3, using: &generator)
      ldc = outputs + Int.random(in: 0...3, using: &generator)
      sources = (0..<rows * taps).map { _ in Int32.random(in: -1..<37, using: &generator) }
      source = generator.matrix(inputRows, channels, leadingDimension: lds)
      weights = generator.values(taps * channels * outputs)
      bias = generator.values(outputs)
    }

    /// The value that row `row` has for channel `channel` of tap `tap`.
    func left(_ row: Int, _ tap: Int, _ channel: Int) -> Double {
      let number = Int(sources[row * taps + tap])
      return number < 0 ? 0 : Double(source[number * lds + channel])
    }

    static func random(_ generator: inout TestGenerator) -> [Case] {
      var shapes = [(0, 3, 2, 4), (3, 1, 1, 1), (9, 64, 9, 64), (130, 49, 3, 161), (70, 17, 7, 25)]
      // Channels of one tap that are read in several stretches.
      shapes += [(20, 50, 2, 300), (9, 33, 3, 512)]
      for size in 1...20 { shapes.append((size, 5 * size, 1 + size % 4, size)) }
      for _ in 0..<25 {
        shapes.append(
          (
            Int.random(in: 1...100, using: &generator), Int.random(in: 1...120, using: &generator),
            Int.random(in: 1...9, using: &generator), Int.random(in: 1...70, using: &generator)
          ))
      }
      return shapes.map {
        Case(rows: $0.0, outputs: $0.1, taps: $0.2, channels: $0.3, &generator)
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func productsThroughATable(_ set: KernelSet) {
    var generator = TestGenerator(seed: 91)
    for example in Case.random(&generator) {
      let (m, n, taps, channels) = (
        example.rows, example.outputs, example.taps, example.channels
      )
      let k = taps * channels
      var packed = [Float](repeating: .nan, count: set.kernels.packed_count(k, n) + 1)
      let numbers = (0..<Int32(taps)).map { $0 }
      set.kernels.pack_taps(
        taps, channels, n, example.weights, numbers, channels * n, n, &packed)
      #expect(packed.last?.isNaN == true && packed.dropLast().allSatisfy { !$0.isNaN })
      for (hasBias, accumulate) in [(true, false), (false, false), (false, true)] {
        let start = generator.matrix(m, n, leadingDimension: example.ldc)
        var c = start
        example.bias.withUnsafeBufferPointer { bias in
          set.kernels.multiply_taps(
            m, n, taps, channels, example.source, example.lds, example.sources, taps, packed,
            hasBias ? bias.baseAddress : nil, &c, example.ldc, accumulate)
        }
        var expected: [Double] = []
        for row in 0..<m {
          for column in 0..<n {
            var sum = hasBias ? Double(example.bias[column]) : 0
            if accumulate { sum = Double(start[row * example.ldc + column]) }
            for tap in 0..<taps {
              for channel in 0..<channels {
                sum +=
                  example.left(row, tap, channel)
                  * Double(example.weights[(tap * channels + channel) * n + column])
              }
            }
            expected.append(sum)
          }
        }
        let error = greatestError(packedRows(c, m, n, leadingDimension: example.ldc), expected)
        #expect(error < 2e-5, "\(set.name): \(m)×\(n), \(taps) taps of \(channels)")
        #expect(gapsUntouched(c, n, leadingDimension: example.ldc))
      }
    }
  }

  /// However the rows are divided, each has the same bits.
  @Test(arguments: KernelSet.available)
  func rowsDoNotDependOnTheirCompany(_ set: KernelSet) {
    var generator = TestGenerator(seed: 92)
    for (n, channels) in [(64, 30), (25, 25), (50, 170)] {
      let example = Case(rows: 90, outputs: n, taps: 5, channels: channels, &generator)
      var packed = [Float](repeating: 0, count: set.kernels.packed_count(5 * channels, n))
      set.kernels.pack_taps(
        5, channels, n, example.weights, [0, 1, 2, 3, 4], channels * n, n, &packed)
      func multiply(_ piece: Int) -> [Float] {
        var c = [Float](repeating: 0, count: 90 * n)
        c.withUnsafeMutableBufferPointer { c in
          example.sources.withUnsafeBufferPointer { sources in
            guard let c = c.baseAddress, let sources = sources.baseAddress else { return }
            for row in stride(from: 0, to: 90, by: piece) {
              set.kernels.multiply_taps(
                min(piece, 90 - row), n, 5, channels, example.source, example.lds,
                sources + row * 5, 5, packed, example.bias, c + row * n, n, false)
            }
          }
        }
        return c
      }
      let whole = multiply(90)
      for piece in [1, 3, 7, 8, 20, 64] {
        #expect(identical(multiply(piece), whole), "\(set.name): \(piece) rows, \(n) columns")
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func weightGradients(_ set: KernelSet) {
    var generator = TestGenerator(seed: 93)
    for example in Case.random(&generator) {
      let (n, taps, channels) = (example.outputs, example.taps, example.channels)
      let rows = min(example.rows, Int(REEL_MOST_TURNED_ROWS))
      let dy = generator.matrix(rows, n, leadingDimension: n + 2)
      var packed = [Float](repeating: .nan, count: set.kernels.packed_count(rows, n))
      set.kernels.pack(rows, n, dy, n + 2, false, &packed)
      let accumulate = Bool.random(using: &generator)
      let start = generator.matrix(taps * channels, n, leadingDimension: example.ldc)
      var c = start
      set.kernels.multiply_turned_taps(
        rows, n, taps, channels, example.source, example.lds, example.sources, taps, packed, &c,
        example.ldc, accumulate)
      var expected: [Double] = []
      for tap in 0..<taps {
        for channel in 0..<channels {
          for column in 0..<n {
            let place = (tap * channels + channel) * example.ldc + column
            var sum = accumulate ? Double(start[place]) : 0
            for row in 0..<rows {
              sum += example.left(row, tap, channel) * Double(dy[row * (n + 2) + column])
            }
            expected.append(sum)
          }
        }
      }
      let came = packedRows(c, taps * channels, n, leadingDimension: example.ldc)
      #expect(
        greatestError(came, expected) < 2e-5,
        "\(set.name): \(rows) rows, \(n) columns, \(taps) taps of \(channels)")
      #expect(gapsUntouched(c, n, leadingDimension: example.ldc))
    }
  }

  @Test(arguments: KernelSet.available)
  func depthwise(_ set: KernelSet) {
    var generator = TestGenerator(seed: 94)
    for channels in [1, 3, 4, 8, 15, 16, 17, 31, 63, 64, 65, 150] {
      for taps in [1, 3, 8, 9, 17] {
        let example = Case(rows: 23, outputs: channels, taps: taps, channels: channels, &generator)
        let weights = generator.values(taps * channels)
        var c = [Float](repeating: .nan, count: 23 * example.ldc)
        set.kernels.depthwise_taps(
          23, taps, channels, example.source, example.lds, example.sources, taps, weights,
          example.bias, &c, example.ldc)
        let expected = (0..<23 * channels).map { index in
          let (row, channel) = (index / channels, index % channels)
          return (0..<taps).reduce(Double(example.bias[channel])) {
            $0 + example.left(row, $1, channel) * Double(weights[$1 * channels + channel])
          }
        }
        let came = packedRows(c, 23, channels, leadingDimension: example.ldc)
        #expect(greatestError(came, expected) < 1e-5, "\(set.name): \(channels) channels")
        #expect(gapsUntouched(c, channels, leadingDimension: example.ldc))

        let dy = generator.matrix(23, channels, leadingDimension: channels + 1)
        let start = generator.values(taps * channels)
        var sums = start
        set.kernels.depthwise_turned_taps(
          23, taps, channels, example.source, example.lds, example.sources, taps, dy, channels + 1,
          &sums)
        let gradient = (0..<taps * channels).map { index in
          let (tap, channel) = (index / channels, index % channels)
          return (0..<23).reduce(Double(start[index])) {
            $0 + example.left($1, tap, channel) * Double(dy[$1 * (channels + 1) + channel])
          }
        }
        #expect(greatestError(sums, gradient) < 1e-5, "\(set.name): \(channels) channels")
      }
    }
  }
}
