import ReelTensor
import ReelTestSupport
import Synchronization
import Testing

/// What less exact products leave of the result. Where the processor multiplies no bfloat16 numbers,
/// or has only vectors for it and the precision is not medium, it makes no difference.
@Suite struct ProductPrecisionTests {
  static let errors: [(ProductPrecision, least: Double, most: Double)] = [
    (.highest, 0, 0x1p-18), (.high, 0x1p-24, 0x1p-16), (.medium, 0x1p-12, 0x1p-7),
  ]

  /// The precisions at which a processor with this instruction set has products of bfloat16 parts.
  static let differing: [String: [ProductPrecision]] = [
    "amx": [.highest, .high, .medium], "avx512bf16": [.medium],
  ]

  /// Of `body`, relative to its exact result.
  private func expectErrors(
    _ name: String, exact: [Double],
    differing: [ProductPrecision] = differing[Processor.instructionSet] ?? [], _ body: () -> Tensor
  ) {
    let size = exact.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let highest = bits(ProductPrecision.with(.highest, body))
    for (precision, least, most) in Self.errors {
      let result = ProductPrecision.with(precision, body)
      guard differing.contains(precision) else {
        #expect(bits(result) == highest, "\(name) \(precision)")
        continue
      }
      let error = zip(result.values, exact).reduce(0) {
        $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1)
      }.squareRoot()
      #expect(error > least * size && error < most * size, "\(name) \(precision) \(error / size)")
    }
  }

  @Test func products() {
    var random = TestRandom(90)
    let (a, b) = (random.tensor([150, 130]), random.tensor([130, 120]))
    expectErrors("product", exact: DoubleTensor(a).product(DoubleTensor(b)).values) {
      .matrixProduct(a, b)
    }
  }

  /// A sum over more rows than are split at a time, as a gradient of weights is.
  @Test func longSums() {
    var random = TestRandom(92)
    let (a, b) = (random.tensor([1100, 530]), random.tensor([1100, 40]))
    let exact = DoubleTensor(a).transposed().product(DoubleTensor(b)).values
    expectErrors("Aᵀ·B", exact: exact) { .matrixProduct(a, b, transposingA: true) }
  }

  /// Taps that are summed plainly at every precision, and 3×3 ones, which go Winograd's way: with a matrix
  /// unit above medium precision, elsewhere always.
  @Test(arguments: [[2, 3], [3, 3]])
  func convolutions(_ kernel: [Int]) throws {
    var random = TestRandom(91)
    let (x, weight) = (random.tensor([4, 64, 14, 14]), random.tensor([64, 64] + kernel))
    let settings = ConvolutionSettings(
      stride: [1, 1], dilation: [1, 1], before: [0, 0], after: [0, 0])
    let exact = DoubleTensor(x).convolved(DoubleTensor(weight), nil, settings)
    let isPlain = kernel != [3, 3] || Processor.hasMatrixUnit
    expectErrors(
      "convolution \(kernel)", exact: exact.values,
      differing: isPlain ? Self.differing[Processor.instructionSet] ?? [] : []
    ) {
      (try? x.convolved(weight: weight)) ?? Tensor(repeating: .nan, shape: [exact.values.count])
    }
  }

  /// Threads that help have the precision of whoever divides the work.
  @Test func isThatOfTheCallerInAllPieces() {
    let seen = Mutex<[ProductPrecision]>([])
    ProductPrecision.with(.medium) {
      Threads.with(4) {
        Threads.forEach(64) { _ in seen.withLock { $0.append(.current) } }
      }
    }
    #expect(seen.withLock { $0 } == Array(repeating: .medium, count: 64))
    #expect(ProductPrecision.current == .highest)
    Threads.with(4) {
      Threads.forEach(64) { _ in #expect(ProductPrecision.current == .highest) }
    }
  }
}
