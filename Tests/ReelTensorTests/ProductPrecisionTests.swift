import ReelTensor
import ReelTestSupport
import Synchronization
import Testing

/// What less exact products leave of the result. Only a matrix unit makes a difference.
@Suite struct ProductPrecisionTests {
  static let errors: [(ProductPrecision, least: Double, most: Double)] = [
    (.highest, 0, 0x1p-18), (.high, 0x1p-24, 0x1p-16), (.medium, 0x1p-12, 0x1p-7),
  ]

  /// Of `body`, relative to its exact result; without a matrix unit all are of the highest precision.
  private func expectErrors(_ name: String, exact: [Double], _ body: () -> Tensor) {
    let size = exact.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let highest = bits(ProductPrecision.with(.highest, body))
    for (precision, least, most) in Self.errors {
      let result = ProductPrecision.with(precision, body)
      guard Processor.instructionSet == "amx" else {
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

  /// Taps that the matrix unit sums plainly at every precision, and 3×3 ones, which go Winograd's way above
  /// medium.
  @Test(arguments: [[2, 3], [3, 3]])
  func convolutions(_ kernel: [Int]) throws {
    var random = TestRandom(91)
    let (x, weight) = (random.tensor([4, 64, 14, 14]), random.tensor([64, 64] + kernel))
    let settings = ConvolutionSettings(
      stride: [1, 1], dilation: [1, 1], before: [0, 0], after: [0, 0])
    let exact = DoubleTensor(x).convolved(DoubleTensor(weight), nil, settings)
    expectErrors("convolution \(kernel)", exact: exact.values) {
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
