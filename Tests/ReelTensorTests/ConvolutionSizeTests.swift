import ReelTensor
import Testing

/// Worked examples of the field, sizes, counts, and what is said about sizes that cannot be.
@Suite struct ConvolutionSizeTests {
  /// A binary image and a diagonal cross, as the field's introductions show it.
  @Test func fiveByFiveAndThreeByThree() throws {
    let image = Tensor(
      shape: [1, 1, 5, 5],
      values: [
        1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0,
      ])
    let kernel = Tensor(shape: [1, 1, 3, 3], values: [1, 0, 1, 0, 1, 0, 1, 0, 1])
    let y = try image.convolved(weight: kernel)
    #expect(y.shape == [1, 1, 3, 3])
    #expect(y.values == [4, 3, 4, 2, 4, 3, 2, 3, 4])
    #expect(try image.convolved(weight: kernel, stride: [2, 2]).values == [4, 4, 2, 4])
    #expect(try image.convolved(weight: kernel, padding: .same).shape == [1, 1, 5, 5])
  }

  /// N = 7, F = 3.
  @Test func strides() throws {
    func size(_ stride: Int) throws -> Int {
      try Convolution.outputSize(input: 7, kernel: 3, stride: stride, exact: true)
    }
    #expect(try size(1) == 5)
    #expect(try size(2) == 3)
    #expect(
      throws: ConvolutionError(
        "input 7, kernel 3 and stride 3 does not fit: the last window ends 1 position before the end"
      )
    ) { try size(3) }
    #expect(try Convolution.outputSize(input: 7, kernel: 3, stride: 3) == 2)
  }

  static let kernel: [Float] = [1, 4, 1, 1, 4, 3, 3, 3, 1]

  /// The convolution as a product with a 4×16 matrix C, and the way back as a product with Cᵀ.
  @Test func transposedIsTheTransposedMatrix() throws {
    let weight = Tensor(shape: [1, 1, 3, 3], values: Self.kernel)
    let input: [Float] = [4, 5, 8, 7, 1, 8, 8, 8, 3, 6, 6, 4, 6, 5, 7, 8]
    let y = try Tensor(shape: [1, 1, 4, 4], values: input).convolved(weight: weight)
    #expect(y.shape == [1, 1, 2, 2])
    #expect(y.values == [122, 148, 126, 134])

    var c = [[Float]](repeating: [Float](repeating: 0, count: 16), count: 4)
    for position in 0..<4 {
      for tap in 0..<9 {
        let (row, column) = (position / 2 + tap / 3, position % 2 + tap % 3)
        c[position][row * 4 + column] = Self.kernel[tap]
      }
    }
    #expect(c.map { zip($0, input).reduce(0) { $0 + $1.0 * $1.1 } } == y.values)

    let small: [Float] = [2, 1, 4, 4]
    let back = try Tensor(shape: [1, 1, 2, 2], values: small).transposedConvolved(weight: weight)
    #expect(back.shape == [1, 1, 4, 4])
    let expected = (0..<16).map { place in (0..<4).reduce(0) { $0 + c[$1][place] * small[$1] } }
    #expect(back.values == expected)
    #expect(
      back.values == [2, 9, 6, 1, 6, 29, 30, 7, 10, 29, 33, 13, 12, 24, 16, 4])
  }

  /// Each pixel less its left neighbour: 320×280 pixels (width × height), a kernel of two.
  @Test func edgeDetection() throws {
    let (input, kernel) = ([280, 320], [1, 2])
    #expect(try Convolution.operationCount(input: input, kernel: kernel) == 267_960)
    let dense = try Convolution.denseOperationCount(input: input, kernel: kernel)
    #expect(dense > 16_000_000_000)
    var values: [Float] = []
    for row in 0..<280 {
      for column in 0..<320 { values.append(Float(column * (row % 7))) }
    }
    let ramp = Tensor(shape: [1, 1, 280, 320], values: values)
    let edges = try ramp.convolved(weight: Tensor(shape: [1, 1, 1, 2], values: [-1, 1]))
    #expect(edges.shape == [1, 1, 280, 319])
    let expected: [Float] = (0..<280).flatMap { [Float](repeating: Float($0 % 7), count: 319) }
    #expect(edges.values == expected)
  }

  @Test func counts() throws {
    // 64 to 64 channels, 3×3, 56×56: K = 576 products and 575 sums for each of the outputs.
    let size = ConvolutionPadding.both([1, 1])
    #expect(
      try Convolution.operationCount(
        input: [56, 56], kernel: [3, 3], padding: size, inputChannels: 64, outputChannels: 64)
        == 56 * 56 * 64 * 1151)
    #expect(
      try Convolution.operationCount(
        input: [56, 56], kernel: [3, 3], padding: size, inputChannels: 64, outputChannels: 64,
        groups: 64, bias: true) == 56 * 56 * 64 * 18)
    let huge = [Int](repeating: 1 << 30, count: 3)
    #expect(throws: ConvolutionError.self) {
      try Convolution.operationCount(input: huge, kernel: [1, 1, 1])
    }
    #expect(throws: ConvolutionError.self) {
      try Convolution.denseOperationCount(input: [2_147_483_647], kernel: [1])
    }
  }

  @Test func outputSizes() throws {
    func size(
      _ input: Int, _ kernel: Int, stride: Int = 1, dilation: Int = 1,
      _ padding: ConvolutionPadding
    ) throws -> Int {
      try Convolution.outputSize(
        input: input, kernel: kernel, stride: stride, dilation: dilation, padding: padding)
    }
    for input in 1...12 {
      for kernel in 1...4 {
        for stride in 1...5 {
          for dilation in 1...3 {
            #expect(
              try size(input, kernel, stride: stride, dilation: dilation, .same)
                == (input + stride - 1) / stride)
            #expect(
              try size(input, kernel, stride: stride, dilation: dilation, .causal)
                == (input - 1) / stride + 1)
            // The way back meets the same geometry.
            for padding in [ConvolutionPadding.valid, .causal, .same] {
              let back = try Convolution.transposedOutputSize(
                input: input, kernel: kernel, stride: stride, dilation: dilation, padding: padding)
              #expect(
                try size(back, kernel, stride: stride, dilation: dilation, padding) == input)
            }
          }
        }
      }
    }
    #expect(try size(0, 3, .same) == 0)
    #expect(try size(0, 3, .causal) == 0)
    #expect(try size(0, 3, .both([2])) == 2)
    #expect(try size(10, 3, .explicit([AxisPadding(before: 0, after: 3)])) == 11)
  }

  @Test func errorsQuoteBothShapes() {
    func message(_ body: () throws -> some Any) -> String {
      do {
        _ = try body()
        return "no error"
      } catch { return "\(error)" }
    }
    func size(
      _ input: Int, _ kernel: Int, stride: Int = 1, dilation: Int = 1,
      _ padding: ConvolutionPadding = .valid
    ) -> String {
      message {
        try Convolution.outputSize(
          input: input, kernel: kernel, stride: stride, dilation: dilation, padding: padding)
      }
    }
    #expect(size(4, 5) == "kernel 5 is larger than input 4")
    #expect(
      size(4, 3, dilation: 4, .both([2]))
        == "kernel 3 with dilation 4, a window of 9, is larger than input 4 with padding 2, 8 in all"
    )
    #expect(size(4, 3, stride: 0) == "stride 0 of a convolution: 1 or more expected")
    #expect(size(4, 0) == "kernel 0 of a convolution: 1 or more expected")
    #expect(size(4, 3, dilation: -1) == "dilation -1 of a convolution: 1 or more expected")
    #expect(size(-4, 3) == "input -4 of a convolution: 0 or more expected")
    #expect(size(4, 3, .both([-1])) == "padding -1 of a convolution: 0 or more expected")
    #expect(size(.max, 3).hasPrefix("input 9223372036854775807"))
    #expect(size(4, 3, dilation: .max).hasPrefix("dilation 9223372036854775807"))
    #expect(
      size(4, 3, .both([1, 1])) == "padding [1, 1] of 2 axes for a convolution of 1 axes")

    let x = Tensor(zeros: [2, 6, 5, 4])
    #expect(
      message { try x.convolved(weight: Tensor(zeros: [8, 6, 3, 5])) }
        == "axis 1 of input [5, 4], kernel [3, 5]: kernel 5 is larger than input 4")
    #expect(
      message { try x.convolved(weight: Tensor(zeros: [8, 3, 3, 3])) }
        == "input [2, 6, 5, 4] and weight [8, 3, 3, 3] with 1 group: 3 input channels expected, 6 came"
    )
    #expect(
      message { try x.convolved(weight: Tensor(zeros: [8, 3, 3, 3]), groups: 4) }
        == "4 groups do not divide 6 input and 8 output channels")
    #expect(
      message { try x.convolved(weight: Tensor(zeros: [8, 6, 3])) }
        == "input [2, 6, 5, 4] and weight [8, 6, 3]: "
        + "[batch, channel, 1 to 3 axes] and a weight of as many axes expected")
    #expect(
      message { try x.convolved(weight: Tensor(zeros: [8, 6, 3, 3]), bias: Tensor(zeros: [6])) }
        == "bias [6] and weight [8, 6, 3, 3]: a bias of shape [8] expected")
    #expect(
      message { try x.convolved(weight: Tensor(zeros: [8, 6, 3, 3]), stride: [1]) }
        == "stride [1] for input [5, 4]: one size for each axis expected")
    #expect(
      message { try x.transposedConvolved(weight: Tensor(zeros: [4, 8, 3, 3])) }
        == "input [2, 6, 5, 4] and weight [4, 8, 3, 3] of a transposed convolution: "
        + "4 input channels expected, 6 came")
    #expect(
      message {
        try x.transposedConvolved(
          weight: Tensor(zeros: [6, 8, 3, 3]), stride: [2, 2], outputPadding: [2, 0])
      }
        == "axis 0 of input [5, 4], kernel [3, 3]: output padding 2 of a transposed convolution "
        + "with stride 2 and dilation 1: 0 to 1 expected")
  }
}
