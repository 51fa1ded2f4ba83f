import ReelTensor
import ReelTestSupport
import Testing

/// One convolution that the tests compute.
struct ConvolutionCase: Sendable, CustomStringConvertible {
  var batch = 2
  var inputs: Int
  var outputs: Int
  var size: [Int]
  var kernel: [Int]
  var settings: ConvolutionSettings
  var hasBias = true

  init(
    batch: Int = 2, _ inputs: Int, _ outputs: Int, size: [Int], kernel: [Int], stride: [Int]? = nil,
    dilation: [Int]? = nil, before: [Int]? = nil, after: [Int]? = nil, groups: Int = 1,
    hasBias: Bool = true
  ) {
    let ones = size.map { _ in 1 }
    let zeros = size.map { _ in 0 }
    (self.batch, self.inputs, self.outputs, self.size, self.kernel) = (
      batch, inputs, outputs, size, kernel
    )
    settings = ConvolutionSettings(
      stride: stride ?? ones, dilation: dilation ?? ones, before: before ?? zeros,
      after: after ?? before ?? zeros, groups: groups)
    self.hasBias = hasBias
  }

  var padding: ConvolutionPadding {
    .explicit(
      zip(settings.before, settings.after).map { AxisPadding(before: $0, after: $1) })
  }

  var description: String {
    "\(batch)×\(inputs)→\(outputs) \(size) kernel \(kernel) \(settings)"
  }

  func tensors(transposed: Bool = false) -> [Tensor] {
    var random = TestRandom(UInt64(inputs * 7 + outputs * 31 + size.reduce(0, +)))
    let (first, second) = transposed ? (inputs, outputs) : (outputs, inputs)
    let weight = random.tensor([first, second / settings.groups] + kernel)
    let input = random.tensor([batch, inputs] + size)
    return [input, weight] + (hasBias ? [random.tensor([outputs])] : [])
  }

  static let cases: [ConvolutionCase] = [
    // 1-D: odd sizes, stride larger than the kernel, even kernels with dilation, causal padding.
    ConvolutionCase(1, 1, size: [5], kernel: [1]),
    ConvolutionCase(3, 5, size: [11], kernel: [3]),
    ConvolutionCase(25, 25, size: [20], kernel: [7], dilation: [2], before: [12], after: [0]),
    ConvolutionCase(4, 6, size: [13], kernel: [2], stride: [3]),
    ConvolutionCase(4, 6, size: [17], kernel: [4], dilation: [3], before: [2], after: [5]),
    ConvolutionCase(6, 4, size: [19], kernel: [4], stride: [2], dilation: [2], before: [3]),
    ConvolutionCase(8, 12, size: [9], kernel: [3], before: [1], groups: 4),
    ConvolutionCase(6, 6, size: [9], kernel: [3], before: [1], groups: 6),
    ConvolutionCase(6, 18, size: [9], kernel: [3], stride: [2], groups: 6, hasBias: false),
    ConvolutionCase(batch: 1, 70, 50, size: [6], kernel: [5], before: [2]),
    // 2-D.
    ConvolutionCase(3, 8, size: [7, 5], kernel: [3, 3]),
    ConvolutionCase(3, 8, size: [7, 9], kernel: [3, 2], stride: [2, 3], before: [1, 0]),
    ConvolutionCase(16, 33, size: [5, 6], kernel: [1, 1]),
    ConvolutionCase(16, 17, size: [5, 6], kernel: [1, 1], stride: [2, 2]),
    ConvolutionCase(2, 3, size: [8, 8], kernel: [2, 2], stride: [3, 4], dilation: [2, 1]),
    ConvolutionCase(
      5, 4, size: [6, 7], kernel: [3, 4], dilation: [2, 1], before: [2, 1], after: [1, 3]),
    ConvolutionCase(batch: 1, 64, 64, size: [4, 5], kernel: [3, 3], before: [1, 1]),
    ConvolutionCase(20, 20, size: [6, 6], kernel: [3, 3], before: [1, 1], groups: 20),
    ConvolutionCase(20, 40, size: [6, 6], kernel: [3, 3], stride: [2, 2], groups: 20),
    ConvolutionCase(24, 12, size: [6, 6], kernel: [3, 3], before: [1, 1], groups: 3),
    // 3-D.
    ConvolutionCase(2, 3, size: [4, 5, 3], kernel: [2, 3, 3], before: [0, 1, 1]),
    ConvolutionCase(
      4, 6, size: [5, 4, 6], kernel: [3, 2, 2], stride: [2, 1, 3], dilation: [1, 2, 1],
      before: [1, 1, 0], groups: 2),
    // Nothing in the batch.
    ConvolutionCase(batch: 0, 3, 4, size: [6], kernel: [3]),
    ConvolutionCase(batch: 0, 4, 4, size: [6, 5], kernel: [3, 3], groups: 4),
    ConvolutionCase(batch: 1, 1, 1, size: [1], kernel: [1]),
  ]
}

extension ConvolutionCase {
  /// What is wrong with the convolution and its gradients.
  func problems(samples: Int) throws -> [String] {
    // Sizes that do not fit are said here, and not in the closure below.
    _ = try ConvolutionGeometry(
      input: size, kernel: kernel, stride: settings.stride, dilation: settings.dilation,
      padding: padding)
    return ReelTestSupport.problems(
      "convolved", tensors(), tolerance: 3e-5, samples: samples,
      operation: { x in
        (try? x[0].convolved(
          weight: x[1], bias: x.count > 2 ? x[2] : nil, stride: settings.stride,
          dilation: settings.dilation, padding: padding, groups: settings.groups)) ?? x[0]
      },
      oracle: { $0[0].convolved($0[1], $0.count > 2 ? $0[2] : nil, settings) })
  }

  /// The same for the transposed convolution; nil where these settings have none.
  func transposedProblems(outputPadding: [Int], samples: Int) -> [String]? {
    guard
      let geometry = try? ConvolutionGeometry(
        transposing: size, kernel: kernel, stride: settings.stride, dilation: settings.dilation,
        padding: padding, outputPadding: outputPadding)
    else { return nil }
    return ReelTestSupport.problems(
      "transposedConvolved", tensors(transposed: true), tolerance: 3e-5, samples: samples,
      operation: { x in
        (try? x[0].transposedConvolved(
          weight: x[1], bias: x.count > 2 ? x[2] : nil, stride: settings.stride,
          dilation: settings.dilation, padding: padding, outputPadding: outputPadding,
          groups: settings.groups)) ?? x[0]
      },
      oracle: {
        $0[0].transposedConvolved(
          $0[1], $0.count > 2 ? $0[2] : nil, settings, output: geometry.input)
      })
  }
}

@Suite struct ConvolutionTests {
  @Test(arguments: ConvolutionCase.cases)
  func equalsTheOracle(_ example: ConvolutionCase) throws {
    let found = try example.problems(samples: 10)
    #expect(found.isEmpty, "\(example): \(found.joined(separator: "\n"))")
  }

  /// The transposed convolutions of the same settings, without and with output padding.
  @Test(arguments: ConvolutionCase.cases)
  func transposedEqualsTheOracle(_ example: ConvolutionCase) {
    let settings = example.settings
    for more in 0...1 {
      let outputPadding = settings.stride.indices.map {
        min(more, max(settings.stride[$0], settings.dilation[$0]) - 1)
      }
      let found = example.transposedProblems(outputPadding: outputPadding, samples: 10) ?? []
      #expect(found.isEmpty, "\(example): \(found.joined(separator: "\n"))")
    }
  }
}
