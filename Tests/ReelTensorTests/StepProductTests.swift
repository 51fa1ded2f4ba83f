import ReelTensor
import Testing

@Suite struct StepProductTests {
  /// Threads that help take columns, which changes no bit: whatever is left for the last piece, and
  /// with weights packed for several rows, in bfloat16 parts where there are such products, or read by one
  /// row.
  @Test(arguments: [1, 16, 17, 96, 112, 113, 145, 160, 161, 512], [1, 2, 5, 7])
  func helpChangesNothing(columns n: Int, rows: Int) {
    for precision in ProductPrecision.allCases {
      ProductPrecision.with(precision) { expectHelpChangesNothing(columns: n, rows: rows) }
    }
  }

  private func expectHelpChangesNothing(columns n: Int, rows: Int) {
    var generator = RandomGenerator(seed: 9)
    // Enough weights for help to pay.
    let k = max(64, ((1 << 17) + n - 1) / n)
    let weight = generator.uniform(shape: [n, k], in: -1...1)
    let x = generator.uniform(shape: [rows, k], in: -1...1)
    let start = generator.uniform(shape: [rows, n], in: -1...1)
    for isTransposed in [true, false] {
      let source = isTransposed ? weight : weight.transposed()
      func product(isShared: Bool) -> Tensor {
        let use = StepProduct.Use(times: 4, rows: rows, isShared: isShared)
        let product = StepProduct(
          k: k, n: n, source.storage, offset: 0, stride: isTransposed ? k : n,
          transposed: isTransposed, use: use)
        var result = start
        result.withUnsafeMutableValues { values in
          x.withUnsafeValues { x in
            guard let target = values.baseAddress, let x = x.baseAddress else { return }
            product.multiply(rows: rows, x, stride: k, into: target, stride: n, accumulate: true)
          }
        }
        return result
      }
      let alone = product(isShared: false)
      for threads in 1...3 {
        let helped = Threads.with(threads) { product(isShared: true) }
        #expect(
          helped == alone,
          "\(n) columns, \(rows) rows, \(threads) threads, \(ProductPrecision.current)")
      }
    }
  }
}
