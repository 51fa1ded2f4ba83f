import ReelTensor
import ReelTestSupport
import Testing

/// Convolutions of few channels, whose taps on the innermost axis are taken together.
@Suite struct JoinedTapsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var input: [Int]  // [batch, channel, size…]
    var outputs: Int
    var kernel: [Int]
    var stride: [Int]
    var dilation: [Int]
    var padding: [AxisPadding]

    var testDescription: String {
      "\(input) → \(outputs), kernel \(kernel), stride \(stride), dilation \(dilation), "
        + "padding \(padding)"
    }

    init(
      _ input: [Int], _ outputs: Int, _ kernel: [Int], stride: Int = 1, dilation: [Int]? = nil,
      padding: [AxisPadding]? = nil
    ) {
      let axes = kernel.count
      (self.input, self.outputs, self.kernel) = (input, outputs, kernel)
      self.stride = [Int](repeating: stride, count: axes)
      self.dilation = dilation ?? [Int](repeating: 1, count: axes)
      self.padding = padding ?? [AxisPadding](repeating: AxisPadding(), count: axes)
    }
  }

  private static func both(_ zeros: Int...) -> [AxisPadding] {
    zeros.map { AxisPadding(before: $0, after: $0) }
  }

  static let cases: [Case] = [
    // LeNet-5; the gradient in the input is scattered from eight items on.
    Case([9, 1, 12, 12], 6, [5, 5], padding: both(2, 2)), Case([9, 6, 9, 8], 16, [5, 5]),
    // First layers of AlexNet, ResNet and VGG, smaller.
    Case([2, 3, 23, 23], 8, [11, 11], stride: 4, padding: both(2, 2)),
    Case([8, 3, 15, 14], 10, [7, 7], stride: 2, padding: both(3, 3)),
    Case([2, 3, 9, 8], 20, [3, 3], padding: both(1, 1)),
    // One and three axes; a line that is read in part; a window as wide as the line.
    Case([8, 2, 11], 5, [4], stride: 3), Case([2, 2, 11], 5, [4], padding: both(3)),
    Case([8, 2, 4, 5, 6], 3, [2, 3, 2], padding: both(1, 0, 1)), Case([8, 4, 3, 5], 7, [2, 5]),
    // Dilation outside, and on the innermost axis, where nothing can be joined.
    Case([8, 3, 9, 7], 5, [3, 3], dilation: [2, 1], padding: both(2, 1)),
    Case([8, 3, 9, 7], 5, [3, 3], dilation: [1, 2]),
    // More zeros than the window reaches, on one side or both.
    Case([8, 2, 5, 4], 3, [2, 2], padding: both(3, 4)),
    Case(
      [8, 2, 5, 4], 3, [1, 3],
      padding: [AxisPadding(before: 1, after: 0), AxisPadding(before: 0, after: 5)]),
    // One channel to few: planes.
    Case([3, 1, 9, 13], 8, [3, 2], padding: both(1, 1)), Case([1, 1, 30], 3, [5]),
    Case([2, 1, 9, 7], 5, [3, 3], dilation: [2, 1], padding: both(0, 4)),
    Case([2, 1, 4, 3, 9], 1, [2, 2, 3]),
    Case([2, 1, 2, 3, 9], 7, [2, 1, 3], padding: both(1, 0, 1)),
    Case([2, 1, 3, 3], 6, [3, 3]), Case([20, 1, 6, 6], 2, [3, 3], padding: both(1, 1)),
    Case([0, 1, 6, 6], 2, [3, 3]),
    Case(
      [2, 1, 5, 6], 4, [2, 2],
      padding: [AxisPadding(before: 3, after: 0), AxisPadding(before: 0, after: 3)]),
    // More channels than are joined, and none of the items.
    Case([8, 40, 4, 5], 3, [2, 3]), Case([0, 3, 6, 6], 4, [3, 3]),
  ]

  @Test(arguments: cases) func oracle(_ test: Case) {
    var random = TestRandom(970)
    let settings = ConvolutionSettings(
      stride: test.stride, dilation: test.dilation, before: test.padding.map(\.before),
      after: test.padding.map(\.after))
    let found = problems(
      test.testDescription,
      [
        random.tensor(test.input), random.tensor([test.outputs, test.input[1]] + test.kernel),
        random.tensor([test.outputs]),
      ], tolerance: 3e-5, samples: 16,
      operation: { x in
        // Sizes are those of the case.
        (try? x[0].convolved(
          weight: x[1], bias: x[2], stride: test.stride, dilation: test.dilation,
          padding: .explicit(test.padding))) ?? Tensor(.nan)
      },
      oracle: { $0[0].convolved($0[1], $0[2], settings) })
    #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
  }

  @Test func threadsChangeNoBit() throws {
    var random = TestRandom(971)
    let (x, weight) = (random.tensor([19, 5, 17, 16]), random.tensor([9, 5, 5, 3]))
    func run(_ threads: Int) throws -> [[UInt32]] {
      try Threads.with(threads) {
        let (_, y, gradients) = try valueAndGradient(at: [x, weight]) { x in
          let y = try x[0].convolved(weight: x[1], padding: .same)
          return (y.squared().sum(), y)
        }
        return [bits(y)] + gradients.map { $0.map { bits($0.tensor) } ?? [] }
      }
    }
    let one = try run(1)
    #expect(try run(2) == one)
    #expect(try run(5) == one)
  }

  /// What a table keeps for one number of outputs must not serve one whose weights are too many.
  @Test func aTableServesAnyNumberOfOutputs() throws {
    var random = TestRandom(31)
    let table = TapTable(try ConvolutionGeometry(input: [9, 10], kernel: [5, 5]))
    let x = random.tensor([2 * 90, 5])
    for outputs in [4, 3000, 7] {
      let weight = random.tensor([outputs, 5, 5, 5])
      let expected = x.convolvedRows(table.plain, weight: weight, bias: nil).values
      let came = x.convolvedRows(table, weight: weight, bias: nil).values
      #expect(zip(came, expected).allSatisfy { abs($0 - $1) < 1e-4 })
    }
  }
}
