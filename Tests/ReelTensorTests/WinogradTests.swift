import ReelTensor
import ReelTestSupport
import Testing

/// Convolutions in fewer multiplications: shapes for which Winograd's way is taken.
@Suite struct WinogradTests {
  static let cases: [ConvolutionCase] = [
    // Sizes that fill their tiles and that do not: on one axis, with eight points…
    ConvolutionCase(batch: 5, 64, 65, size: [40], kernel: [3], before: [1]),
    ConvolutionCase(
      batch: 1, 65, 70, size: [131], kernel: [5], dilation: [8], before: [32], after: [0]),
    ConvolutionCase(
      batch: 4, 66, 64, size: [47], kernel: [5], dilation: [3], before: [0], after: [7]),
    ConvolutionCase(
      batch: 2, 64, 64, size: [90], kernel: [3], dilation: [5], before: [10], after: [0]),
    // … and with six, whose tiles these fill,
    ConvolutionCase(batch: 8, 64, 64, size: [16], kernel: [3], dilation: [2], before: [2]),
    ConvolutionCase(batch: 20, 64, 65, size: [12], kernel: [5], dilation: [2]),
    // too few channels for this way on one axis,
    ConvolutionCase(batch: 3, 16, 16, size: [40], kernel: [3], before: [1]),
    ConvolutionCase(
      batch: 1, 17, 33, size: [131], kernel: [3], dilation: [8], before: [16], after: [0]),
    ConvolutionCase(
      batch: 4, 20, 16, size: [37], kernel: [3], dilation: [5], before: [0], after: [3]),
    // and on two.
    ConvolutionCase(batch: 2, 16, 18, size: [16, 16], kernel: [3, 3], before: [1, 1]),
    ConvolutionCase(batch: 2, 19, 16, size: [15, 18], kernel: [3, 3], hasBias: false),
    ConvolutionCase(
      batch: 1, 16, 21, size: [23, 17], kernel: [3, 3], dilation: [2, 3], before: [0, 4],
      after: [5, 1]),
    // One position more and one less than a tile, and padding wider than the kernel.
    ConvolutionCase(batch: 26, 16, 16, size: [3, 5], kernel: [3, 3], before: [1, 1]),
    ConvolutionCase(batch: 9, 16, 16, size: [2, 2], kernel: [3, 3], before: [3, 4]),
  ]

  @Test(arguments: cases) func equalsTheOracle(_ example: ConvolutionCase) throws {
    let found = try example.problems(samples: 6)
    #expect(found.isEmpty, "\(example): \(found.joined(separator: "\n"))")
  }

  @Test(arguments: cases) func transposedEqualsTheOracle(_ example: ConvolutionCase) {
    let none = example.size.map { _ in 0 }
    let found = example.transposedProblems(outputPadding: none, samples: 6) ?? []
    #expect(found.isEmpty, "\(example): \(found.joined(separator: "\n"))")
  }

  /// Against the sum as it stands: many channels (chunks of outputs, parts of the gradient), and all
  /// that may follow the product.
  @Test(arguments: 0..<10) func equalsThePlainSum(_ number: Int) throws {
    var random = TestRandom(UInt64(1200 + number))
    let axes = 1 + number % 2
    let taps = number % 4 == 0 ? 5 : 3
    var (inputs, outputs) = [(16, 200), (130, 64), (260, 100), (48, 48), (97, 161)][number % 5]
    // On one axis this way takes more channels.
    if axes == 1 { (inputs, outputs) = (max(64, inputs), max(64, outputs)) }
    let size = (0..<axes).map { _ in Int.random(in: 9...(axes == 1 ? 90 : 19), using: &random) }
    let dilation = size.map { _ in Int.random(in: 1...3, using: &random) }
    let table = TapTable(
      try ConvolutionGeometry(
        input: size, kernel: size.map { _ in taps }, dilation: dilation, padding: .same))
    let repeats = 24 / size.reduce(1, *) + 5
    let rows = repeats * table.outputRows
    let inputsOf = [
      random.tensor([repeats * table.inputRows, inputs]),
      random.tensor([outputs, inputs] + size.map { _ in taps }), random.tensor([outputs]),
      random.tensor([rows, outputs]),
    ]
    let mask = random.tensor([2, outputs])
    let epilogue = { (residual: Tensor) in
      RowEpilogue(
        rectified: number % 3 != 0, mask: number % 4 == 0 ? mask : nil,
        maskRows: number % 4 == 0 ? (0..<rows).map { Int32($0 % 2) } : [],
        residual: number % 5 == 4 ? nil : residual, rectifiedSum: number % 7 == 0)
    }
    let weights = random.tensor([rows, outputs])
    func results(_ table: TapTable) -> [Tensor] {
      let (_, y, gradients) = valueAndGradient(at: inputsOf) { x in
        let y = x[0].convolvedRows(
          table, weight: x[1], bias: x[2], epilogue: epilogue(x[3]))
        return ((y * weights).sum(), y)
      }
      return [y] + gradients.compactMap { $0?.tensor }
    }
    for (index, (fast, plain)) in zip(results(table), results(table.plain)).enumerated() {
      // Where a value is nearly 0, the two ways may let it pass a maximum differently.
      let far = zip(fast.values, plain.values).filter { abs($0 - $1) > 2e-4 * (1 + abs($1)) }.count
      #expect(far <= fast.count / 2000, "\(index): \(far) of \(fast.count)")
    }
  }

  /// With weights that are multiples of 24² for six points on each of two axes, and of 90 for eight points on
  /// one, beside inputs that are multiples of 4, all numbers on the way are integers or have few binary
  /// places, and the way with fewer multiplications is exact: a digit in the wrong place would show.
  @Test(arguments: [[3, 3], [5, 5], [3], [5]]) func isExactInIntegers(_ kernel: [Int]) throws {
    var random = TestRandom(1300)
    func integers(_ shape: [Int], _ range: ClosedRange<Int>, times factor: Float) -> Tensor {
      Tensor(
        shape: shape,
        values: (0..<shape.reduce(1, *)).map { _ in
          factor * Float(Int.random(in: range, using: &random))
        })
    }
    let isFlat = kernel.count == 1
    let size = isFlat ? [211] : [18, 22]
    let channels = isFlat ? 64 : 16
    let most = kernel == [3, 3] ? 3 : 2
    let x = integers([2, channels] + size, -most...most, times: isFlat ? 4 : 1)
    let weight = integers([channels, channels] + kernel, -1...1, times: isFlat ? 90 : 576)
    let table = TapTable(try ConvolutionGeometry(input: size, kernel: kernel, padding: .same))
    let rows = x.channelsLast()
    let fast = rows.convolvedRows(table, weight: weight, bias: nil)
    #expect(fast.values == rows.convolvedRows(table.plain, weight: weight, bias: nil).values)
  }

  /// A layer that is packed for predictions, at lengths that take eight points and six.
  @Test func packedWeightsServeEveryLength() throws {
    var random = TestRandom(1600)
    let weight = random.tensor([64, 64, 3])
    let packed = PackedConvolution(weight, groups: 1)
    for length in [90, 8, 90] {
      let table = TapTable(
        try ConvolutionGeometry(input: [length], kernel: [3], padding: .same))
      let rows = random.tensor([20, 64, length]).channelsLast()
      let plain = rows.convolvedRows(table.plain, weight: weight, bias: nil)
      let fast = rows.convolvedRows(
        table, weight: weight, bias: nil, epilogue: RowEpilogue(), packed: packed)
      let worst = zip(fast.values, plain.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(worst < 1e-4, "\(length): \(worst)")
    }
  }

  /// How far the results are from the exact sum, beside how far the sum as it stands is: eight points on one
  /// axis lose hardly more digits than six, which two axes have.
  @Test(arguments: [([3], 4.5), ([5], 3.5), ([3, 3], 5.5), ([5, 5], 5.5)])
  func staysNearTheExactSum(_ kernel: [Int], atMost: Double) throws {
    var random = TestRandom(1500)
    let size = kernel.count == 1 ? [200] : [20, 20]
    let channels = kernel.count == 1 ? 64 : 32
    let x = random.tensor([1, channels] + size)
    let weight = random.tensor([channels, channels] + kernel)
    let table = TapTable(try ConvolutionGeometry(input: size, kernel: kernel, padding: .same))
    let before = kernel.map { $0 / 2 }
    let exact = DoubleTensor(x).convolved(
      DoubleTensor(weight), nil,
      ConvolutionSettings(
        stride: kernel.map { _ in 1 }, dilation: kernel.map { _ in 1 }, before: before,
        after: before, groups: 1))
    let rows = x.channelsLast()
    func error(_ table: TapTable) -> Double {
      let y = rows.convolvedRows(table, weight: weight, bias: nil).values
      let positions = size.reduce(1, *)
      let squares = y.indices.reduce(0.0) { sum, index in
        let difference =
          Double(y[index]) - exact.values[index % channels * positions + index / channels]
        return sum + difference * difference
      }
      return (squares / Double(y.count)).squareRoot()
    }
    let ratio = error(table) / error(table.plain)
    #expect(ratio > 1.1 && ratio < atMost, "\(kernel): \(ratio) of the plain sum's error")
  }

  @Test func threadsChangeNothing() throws {
    var random = TestRandom(1400)
    for (inputs, outputs, size, kernel) in [
      (64, 64, [30, 30], [3, 3]), (200, 250, [11, 11], [3, 3]), (32, 16, [7, 7], [3, 3]),
      (70, 130, [99], [5]), (64, 64, [400], [3]),
    ] {
      let x = random.tensor([4, inputs] + size)
      let weight = random.tensor([outputs, inputs] + kernel)
      let results = try [1, 2, 3].map { threads in
        try Threads.with(threads) {
          let (_, y, gradients) = try valueAndGradient(at: [x, weight]) { x in
            let y = try x[0].convolved(weight: x[1], padding: .same)
            return ((y * y).sum(), y)
          }
          return [bits(y)] + gradients.map { $0.map { bits($0.tensor) } ?? [] }
        }
      }
      #expect(results.allSatisfy { $0 == results[0] })
    }
  }
}
