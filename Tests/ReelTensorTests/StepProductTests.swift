import ReelTensor
import ReelTestSupport
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

  /// The order in which single rows read the weights changes no bit.
  @Test(arguments: [1, 2, 3]) func turnsChangeNothing(rows: Int) {
    var random = TestRandom(5)
    let (k, n) = (300, 600)
    let weight = random.tensor([n, k])
    let x = random.tensor([rows, k])
    let product = StepProduct(
      k: k, n: n, weight.storage, offset: 0, stride: k, transposed: true,
      use: StepProduct.Use(times: 1, rows: rows))
    let start = random.tensor([rows, n])
    let results = [0, 1, 2].map { turn in
      var result = start
      result.withUnsafeMutableValues { values in
        guard let base = values.baseAddress else { return }
        product.multiply(
          rows: rows, x.storage.pointer, stride: k, into: base, stride: n, accumulate: true,
          turn: turn)
      }
      return result
    }
    #expect(results.allSatisfy { $0 == results[0] })
    let expected = oracleProduct(x, weight)
    for (index, value) in results[0].values.enumerated() {
      #expect(abs(Double(value - start.values[index]) - expected[index]) < 1e-4)
    }
  }

  /// Products that are summed, threads helping or not, against one after the other: all of them packed, or
  /// some read by single rows.
  @Test(arguments: [1, 3, 5, 20], [260, 304]) func sumsProducts(rows: Int, columns n: Int) {
    for precision in ProductPrecision.allCases {
      for threads in 1...3 {
        ProductPrecision.with(precision) {
          Threads.with(threads) { expectSum(rows: rows, columns: n) }
        }
      }
    }
  }

  private func expectSum(rows: Int, columns n: Int) {
    var random = TestRandom(UInt64(rows + n))
    let start = random.tensor([rows, n])
    // The second has two stretches of k.
    for (depths, usedRows) in [([600], rows), ([600, 530, 30], rows), ([600, 20], 1)] {
      let operands = depths.map { (x: random.tensor([rows, $0]), w: random.tensor([n, $0])) }
      let products = operands.enumerated().map { index, operand in
        StepProduct(
          k: operand.w.shape[1], n: n, operand.w.storage, offset: 0, stride: operand.w.shape[1],
          transposed: true,
          use: StepProduct.Use(
            times: 9, rows: index == 0 ? rows : usedRows, isShared: true))
      }
      for accumulate in [true, false] {
        func sum(_ multiply: (UnsafeMutablePointer<Float>) -> Void) -> Tensor {
          var result = start
          result.withUnsafeMutableValues { if let base = $0.baseAddress { multiply(base) } }
          return result
        }
        let together = sum { target in
          StepProduct.multiply(
            rows: rows,
            zip(products, operands).map {
              ($0, UnsafePointer($1.x.storage.pointer), $1.x.shape[1])
            },
            into: target, stride: n, accumulate: accumulate)
        }
        let apart = sum { target in
          for (index, (product, operand)) in zip(products, operands).enumerated() {
            product.multiply(
              rows: rows, operand.x.storage.pointer, stride: operand.x.shape[1], into: target,
              stride: n, accumulate: accumulate || index > 0)
          }
        }
        #expect(together == apart, "\(depths), \(ProductPrecision.current)")
        var expected = (accumulate ? start : Tensor(zeros: [rows, n])).values.map { Double($0) }
        for operand in operands {
          let product = oracleProduct(operand.x, operand.w)
          for index in expected.indices { expected[index] += product[index] }
        }
        let tolerance = ProductPrecision.current == .highest ? 1e-4 : 0.2
        let worst = zip(together.values, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
        #expect(worst < tolerance, "\(depths): \(worst)")
      }
    }
  }

  /// x·wᵀ as the sum stands.
  private func oracleProduct(_ x: Tensor, _ w: Tensor) -> [Double] {
    let (rows, n, k) = (x.shape[0], w.shape[0], x.shape[1])
    let (x, w) = (x.values.map { Double($0) }, w.values.map { Double($0) })
    return (0..<rows * n).map { index in
      (0..<k).reduce(0) { $0 + x[index / n * k + $1] * w[index % n * k + $1] }
    }
  }
}
