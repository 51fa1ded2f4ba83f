import ReelTensor
import ReelTestSupport
import Testing

@Suite struct MatrixTests {
  static let sizes: [(m: Int, k: Int, n: Int)] = [
    (1, 1, 1), (1, 5, 1), (2, 3, 4), (5, 1, 7), (7, 16, 1), (1, 33, 9), (17, 9, 33), (0, 3, 4),
    (3, 0, 4), (3, 4, 0), (0, 0, 0), (0, 0, 2), (64, 20, 65), (300, 11, 20), (12, 7, 270),
  ]

  @Test(arguments: sizes)
  func allTransposes(size: (m: Int, k: Int, n: Int)) {
    var random = TestRandom(10)
    for transposingA in [false, true] {
      for transposingB in [false, true] {
        let a = random.tensor(transposingA ? [size.k, size.m] : [size.m, size.k])
        let b = random.tensor(transposingB ? [size.n, size.k] : [size.k, size.n])
        let found = problems(
          "product \(transposingA) \(transposingB)", [a, b], samples: 12,
          operation: {
            .matrixProduct(
              $0[0], $0[1], transposingA: transposingA, transposingB: transposingB)
          },
          oracle: {
            (transposingA ? $0[0].transposed() : $0[0])
              .product(transposingB ? $0[1].transposed() : $0[1])
          })
        #expect(found == [])
      }
    }
  }

  /// Large enough to be cut into pieces along the rows, along the columns, and along the sum.
  @Test(arguments: [
    (700, 130, 150), (150, 130, 700), (257, 300, 257), (257, 400, 100), (530, 1100, 40),
    (40, 1100, 530), (130, 1100, 70), (70, 800, 250), (84, 1700, 60), (1000, 45, 300),
    (300, 20, 1000),
  ])
  func inSeveralPieces(m: Int, k: Int, n: Int) {
    var random = TestRandom(11)
    for transposingA in [false, true] {
      for transposingB in [false, true] {
        let a = random.tensor(transposingA ? [k, m] : [m, k])
        let b = random.tensor(transposingB ? [n, k] : [k, n])
        let product = Tensor.matrixProduct(
          a, b, transposingA: transposingA, transposingB: transposingB)
        let (exactA, exactB) = (DoubleTensor(a), DoubleTensor(b))
        let expected = (transposingA ? exactA.transposed() : exactA)
          .product(transposingB ? exactB.transposed() : exactB)
        let line = difference(product, expected, tolerance: 1e-5, what: "product")
        #expect(line == nil)
        // With ones for the gradient: dA = 1·Bᵀ, dB = Aᵀ·1.
        let gradients = valueAndGradient(at: [a, b]) {
          Tensor.matrixProduct(
            $0[0], $0[1], transposingA: transposingA, transposingB: transposingB
          ).sum()
        }.gradients
        let ones = DoubleTensor([m, n]) { _ in 1 }
        let plainA = transposingA ? exactA.transposed() : exactA
        let plainB = transposingB ? exactB.transposed() : exactB
        let dA = ones.product(plainB.transposed())
        let dB = plainA.transposed().product(ones)
        for (gradient, wanted) in zip(
          gradients, [transposingA ? dA.transposed() : dA, transposingB ? dB.transposed() : dB])
        {
          let line = gradient.map {
            difference($0.tensor, wanted, tolerance: 1e-5, what: "gradient")
          }
          #expect(line == .some(nil))
        }
      }
    }
  }

  @Test(arguments: [
    [1, 1], [0, 3], [3, 0], [2, 3], [16, 16], [17, 33], [40, 5], [300, 250],
  ])
  func transposed(shape: [Int]) {
    var random = TestRandom(12)
    let found = problems(
      "transposed", [random.tensor(shape)], samples: 5, operation: { $0[0].transposed() },
      oracle: { $0[0].transposed() })
    #expect(found == [])
  }

  /// A product that is added to what is there, by each of the ways: small, packed, along the sum, with
  /// operands of bfloat16 parts.
  @Test(arguments: [
    (3, 4, 5), (40, 30, 17), (64, 0, 65), (90, 150, 100), (257, 600, 40), (40, 1100, 257),
    (84, 1700, 60),
  ])
  func addedToWhatIsThere(m: Int, k: Int, n: Int) {
    var random = TestRandom(13)
    for transposed in [false, true] {
      let a = random.tensor(transposed ? [k, m] : [m, k])
      let (b, before) = (random.tensor([k, n]), random.tensor([m, n + 3], in: -10...10))
      let exact = (transposed ? DoubleTensor(a).transposed() : DoubleTensor(a)).product(
        DoubleTensor(b))
      for precision in [ProductPrecision.highest, .medium] {
        var sum = before
        ProductPrecision.with(precision) {
          sum.withUnsafeMutableValues { c in
            MatrixProduct.compute(
              m: m, n: n, k: k,
              MatrixOperand(a.storage.pointer, stride: max(1, a.shape[1]), transposed: transposed),
              MatrixOperand(b.storage.pointer, stride: n), into: c.baseAddress!, stride: n + 3,
              accumulates: true, keptIn: transposed ? nil : b.storage)
          }
        }
        var worst = 0.0
        for row in 0..<m {
          for column in 0..<n {
            let expected = Double(before[row, column]) + exact.values[row * n + column]
            worst = max(worst, abs(Double(sum[row, column]) - expected))
          }
          // What lies between the rows is nobody's.
          for column in n..<n + 3 { #expect(sum[row, column] == before[row, column]) }
        }
        let tolerance =
          precision == .highest ? 1e-6 * Double(max(k, 16)) : 2e-2 * Double(max(k, 1)).squareRoot()
        #expect(worst < tolerance, "\(precision)")
      }
    }
  }

  @Test func innerLengthsThatDifferEndTheProgram() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor.matrixProduct(Tensor(zeros: [2, 3]), Tensor(zeros: [2, 3]))
    }
  }

  /// What a recurrent step multiplies with: the same products with packed and plain weights.
  @Test(arguments: [(1, 1, 1), (4, 7, 9), (7, 5, 3), (8, 64, 48), (9, 33, 49), (50, 17, 100)])
  func ofOneTimeStep(rows: Int, k: Int, n: Int) {
    var random = TestRandom(13)
    let a = random.tensor([rows, k])
    for transposed in [false, true] {
      // The operand lies two rows into a larger buffer.
      let stored = transposed ? [n, k] : [k, n]
      let whole = random.tensor([stored[0] + 2, stored[1]])
      let b = DoubleTensor(whole.slice(2..<stored[0] + 2))
      let exact = DoubleTensor(a).product(transposed ? b.transposed() : b)
      for uses in [1, 5] {
        let step = StepProduct(
          k: k, n: n, whole.storage, offset: 2 * stored[1], stride: stored[1],
          transposed: transposed, use: StepProduct.Use(times: uses, rows: rows))
        for accumulate in [false, true] {
          let start = random.tensor([rows, n])
          var c = start
          c.withUnsafeMutableValues { c in
            a.withUnsafeValues { a in
              guard let a = a.baseAddress, let c = c.baseAddress else { return }
              step.multiply(rows: rows, a, stride: k, into: c, stride: n, accumulate: accumulate)
            }
          }
          let expected = accumulate ? exact + DoubleTensor(start) : exact
          let line = difference(
            c, expected, tolerance: 1e-5, what: "step \(transposed) \(uses) \(accumulate)")
          #expect(line == nil)
        }
      }
    }
  }

  /// Two products as one give the bits of one after the other.
  @Test(
    arguments: [(100, 64, 40, 100), (96, 700, 33, 130), (80, 100, 96, 64)],
    ProductPrecision.allCases)
  func stackedProductsAreThoseOneAfterTheOther(
    size: (rows: Int, k: Int, states: Int, n: Int), precision: ProductPrecision
  ) {
    ProductPrecision.with(precision) {
      expectStackedProducts(rows: size.rows, k: size.k, states: size.states, n: size.n)
    }
  }

  private func expectStackedProducts(rows: Int, k: Int, states: Int, n: Int) {
    var random = TestRandom(14)
    let (x, h) = (random.tensor([rows, k]), random.tensor([rows, states]))
    let (w, u) = (random.tensor([n, k]), random.tensor([n, states]))
    let bias = random.tensor([n])
    let use = StepProduct.Use(times: 9, rows: rows)
    guard
      let stacked = StackedProduct(
        weights: [w, u], bias: bias, rows: rows, total: rows, use: use)
    else {
      #expect(splitProducts == nil)
      return
    }
    var expected = x.affineMap(weight: w, bias: bias)
    let step = StepProduct(
      k: states, n: n, u.storage, offset: 0, stride: states, transposed: true,
      use: use)
    var c = Tensor(zeros: [rows, n])
    expected.withUnsafeMutableValues { expected in
      c.withUnsafeMutableValues { c in
        guard let expected = expected.baseAddress, let c = c.baseAddress else { return }
        step.multiply(
          rows: rows, h.storage.pointer, stride: states, into: expected, stride: n,
          accumulate: true)
        stacked.multiply(
          rows: rows, stacked.input(x, isShared: true), from: 0,
          (UnsafePointer(h.storage.pointer), states), begun: rows, into: c, stride: n)
      }
    }
    #expect(bits(c) == bits(expected))
    let exact =
      DoubleTensor(x).product(DoubleTensor(w).transposed())
      + DoubleTensor(h).product(DoubleTensor(u).transposed()) + DoubleTensor(bias)
    let tolerance =
      switch ProductPrecision.current {
      case .highest: 1e-5
      case .high: 1e-3
      case .medium: 0.1
      }
    #expect(difference(c, exact, tolerance: tolerance, what: "stacked") == nil)
  }
}
