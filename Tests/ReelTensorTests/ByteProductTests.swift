import ReelTensor
import ReelTestSupport
import Testing

/// Products of several rows with weights of 8 bits, where the processor sums products of bytes.
@Suite struct ByteProductTests {
  static var areThere: Bool { kernels.bytes != nil }

  private static func held(_ shape: [Int], _ random: inout TestRandom) throws -> Tensor {
    try random.tensor(shape).held(in: .int8)
  }

  /// The rounded weights as Floats, with an input rounded as far as the precision says.
  private static func tolerance(_ k: Int) -> Double {
    // A row of up to 1 has 127 or 32,767 steps, weights are up to 1.
    let step = ProductPrecision.current == .medium ? 1.0 / 127 : 1.0 / 32767
    return step * Double(k).squareRoot() * 2 + 1e-5
  }

  /// A row has the bits that it has in any company, by itself, and on any number of threads.
  @Test(
    .enabled(if: areThere),
    arguments: [
      (5, 30, 70), (5, 1000, 90), (40, 64, 512), (40, 500, 33), (300, 100, 96), (2000, 33, 40),
    ])
  func rowsAreTheirOwn(size: (rows: Int, outputs: Int, inputs: Int)) throws {
    var random = TestRandom(301)
    let weight = try Self.held([size.outputs, size.inputs], &random)
    let bias = random.tensor([size.outputs])
    let x = random.tensor([size.rows, size.inputs])
    let alone = Threads.with(1) { x.affineMap(weight: weight, bias: bias) }
    for threads in 2...3 {
      let came = Threads.with(threads) { x.affineMap(weight: weight, bias: bias) }
      #expect(bits(came) == bits(alone), "\(threads) threads")
    }
    for row in [0, size.rows / 2, size.rows - 1] {
      let one = x.slice(row..<row + 1).affineMap(weight: weight, bias: bias)
      #expect(bits(one) == bits(alone.slice(row..<row + 1)), "row \(row)")
    }
    #expect(weight.storage.narrow?.isWidened == false, "read as Floats")
  }

  @Test(.enabled(if: areThere), arguments: ProductPrecision.allCases)
  func isAsExactAsThePrecisionSays(_ precision: ProductPrecision) throws {
    try ProductPrecision.with(precision) {
      var random = TestRandom(302)
      for (rows, outputs, inputs) in [(6, 17, 20), (50, 40, 300), (20, 30, 900)] {
        let weight = try Self.held([outputs, inputs], &random)
        let x = random.tensor([rows, inputs])
        let exact = DoubleTensor(x).product(
          DoubleTensor(try weight.held(in: .float32)).transposed())
        let came = x.affineMap(weight: weight, bias: nil)
        #expect(
          difference(came, exact, tolerance: Self.tolerance(inputs), what: "product") == nil)
        if precision == .medium {
          #expect(
            difference(came, exact, tolerance: 1e-4, what: "of 16 bits") != nil,
            "medium has 8 bits of the rows")
        }
      }
    }
  }

  /// Gradients are those of the Floats.
  @Test func whoIsWatchedReadsFloats() throws {
    var random = TestRandom(303)
    let weight = try Self.held([12, 20], &random)
    let floats = try weight.held(in: .float32)
    let x = random.tensor([9, 20])
    func gradient(_ weight: Tensor) -> (Tensor, Tensor?) {
      let result = valueAndGradient(at: [x]) { watched -> Tensor in
        watched[0].affineMap(weight: weight, bias: nil).tanh().sum()
      }
      return (result.value, result.gradients[0]?.tensor)
    }
    let (came, expected) = (gradient(weight), gradient(floats))
    #expect(came.0 == expected.0 && came.1 == expected.1)
  }

  private static func step(
    _ weight: Tensor, rows: Int, isShared: Bool = false, times: Int = 9
  ) -> StepProduct {
    StepProduct(
      k: weight.shape[1], n: weight.shape[0], weight.storage, offset: 0, stride: weight.shape[1],
      transposed: true,
      use: StepProduct.Use(times: times, rows: rows, isShared: isShared, isKept: true))
  }

  private static func multiply(_ product: StepProduct, _ x: Tensor, onto start: Tensor) -> Tensor {
    var result = start
    result.withUnsafeMutableValues { values in
      guard let base = values.baseAddress else { return }
      product.multiply(
        rows: x.shape[0], x.storage.pointer, stride: x.shape[1], into: base,
        stride: start.shape[1], accumulate: true)
    }
    return result
  }

  /// The product of a step, with helping threads or without, is that of all steps at once.
  @Test(.enabled(if: areThere), arguments: [2, 5, 7, 40], ProductPrecision.allCases)
  func stepsAreTheSame(rows: Int, precision: ProductPrecision) throws {
    try ProductPrecision.with(precision) {
      var random = TestRandom(304)
      let weight = try Self.held([600, 260], &random)
      let (x, start) = (random.tensor([rows, 260]), random.tensor([rows, 600]))
      let all = Tensor.concatenated([x, x, x], axis: 0).affineMap(weight: weight, bias: nil)
      let expected = start + all.slice(0..<rows)
      for threads in 1...3 {
        let came = Threads.with(threads) {
          Self.multiply(Self.step(weight, rows: rows, isShared: true), x, onto: start)
        }
        #expect(bits(came) == bits(expected), "\(threads) threads")
      }
      #expect(weight.storage.narrow?.isWidened == false, "read as Floats")
    }
  }

  /// Rows of W that begin somewhere have their own scales.
  @Test(.enabled(if: areThere)) func partsOfTheWeights() throws {
    var random = TestRandom(305)
    let weight = try Self.held([90, 50], &random)
    let x = random.tensor([8, 30])
    let part = StepProduct(
      k: 30, n: 40, weight.storage, offset: 45 * 50 + 20, stride: 50, transposed: true,
      use: StepProduct.Use(times: 9, rows: 8, isKept: true))
    let came = Self.multiply(part, x, onto: Tensor(zeros: [8, 40]))
    let floats = try weight.held(in: .float32).slice(45..<85)
    let exact = DoubleTensor(x).product(
      DoubleTensor(floats.slice(20..<50, axis: 1)).transposed())
    #expect(difference(came, exact, tolerance: Self.tolerance(30), what: "part") == nil)
  }

  /// The first columns of W alone, with few rows and with many.
  @Test(arguments: [2, 9]) func firstColumns(rows: Int) throws {
    var random = TestRandom(308)
    let weight = try Self.held([30, 50], &random)
    let (x, bias) = (random.tensor([rows, 20]), random.tensor([30]))
    var came = Tensor(zeros: [rows, 30])
    came.withUnsafeMutableValues { values in
      guard let base = values.baseAddress else { return }
      AffineProduct.forward(
        rows: rows, x.storage.pointer, stride: 20, weight: weight, inputs: 20, bias: bias,
        into: base, isKept: true)
    }
    let floats = try weight.held(in: .float32).slice(0..<20, axis: 1)
    let exact = DoubleTensor(x).product(DoubleTensor(floats).transposed()) + DoubleTensor(bias)
    #expect(difference(came, exact, tolerance: Self.tolerance(20), what: "columns") == nil)
  }

  /// Rows of the result may be padded, and what is between them stays as it is: few rows, a small product, a large
  /// one; all but few are divided among threads.
  @Test(arguments: [2, 9, 600], WeightFormat.allCases)
  func paddedRows(rows: Int, format: WeightFormat) throws {
    var random = TestRandom(309)
    let (inputs, outputs, padding) = (96, 260, 16)
    let weight = try random.tensor([outputs, inputs]).held(in: format)
    let (x, bias) = (random.tensor([rows, inputs]), random.tensor([outputs]))
    let stride = outputs + padding
    var came = Tensor(repeating: 7, shape: [rows, stride])
    came.withUnsafeMutableValues { values in
      guard let base = values.baseAddress else { return }
      AffineProduct.forward(
        rows: rows, x.storage.pointer, stride: inputs, weight: weight, bias: bias, into: base,
        outputStride: stride, isKept: true)
    }
    let expected = x.affineMap(weight: weight, bias: bias)
    #expect(bits(came.slice(0..<outputs, axis: 1)) == bits(expected))
    let between = came.slice(outputs..<stride, axis: 1)
    #expect(between.values.allSatisfy { $0 == 7 })
  }

  /// Two products as one give the bits of one after the other, whether all states have begun, some, or none.
  @Test(.enabled(if: areThere), arguments: ProductPrecision.allCases, [70, 33, 0])
  func stackedProductsAreThoseOneAfterTheOther(_ precision: ProductPrecision, begun: Int) throws {
    try ProductPrecision.with(precision) {
      var random = TestRandom(306)
      let (rows, k, states, n) = (70, 100, 60, 130)
      let x = random.tensor([rows, k])
      let h = Tensor.concatenated([
        random.tensor([begun, states]), Tensor(zeros: [rows - begun, states]),
      ])
      let (w, u) = (try Self.held([n, k], &random), try Self.held([n, states], &random))
      let bias = random.tensor([n])
      let stacked = try #require(
        StackedProduct(
          weights: [w, u], bias: bias, rows: rows, total: rows,
          use: StepProduct.Use(times: 9, rows: rows)))
      var c = Tensor(zeros: [rows, n])
      c.withUnsafeMutableValues { c in
        guard let c = c.baseAddress else { return }
        stacked.multiply(
          rows: rows, stacked.input(x, isShared: true), from: 0,
          (UnsafePointer(h.storage.pointer), states), begun: begun, into: c, stride: n)
      }
      let expected = Self.multiply(
        Self.step(u, rows: rows), h, onto: x.affineMap(weight: w, bias: bias))
      #expect(bits(c) == bits(expected))
    }
  }
}

/// Products that are added to rows of a table.
@Suite struct RowStartTests {
  /// However the weights are read: in panels, in parts, in bytes, or as they lie; and by several threads.
  @Test(arguments: WeightFormat.allCases, ProductPrecision.allCases)
  func areAddedToRowsOfATable(_ format: WeightFormat, precision: ProductPrecision) throws {
    try ProductPrecision.with(precision) {
      var random = TestRandom(307)
      for (rows, k, n) in [(1, 40, 30), (3, 300, 500), (5, 256, 600), (20, 600, 96), (50, 64, 256)]
      {
        let weight = try random.tensor([n, k]).held(in: format)
        let (x, table) = (random.tensor([rows, k]), random.tensor([4, n]))
        let numbers = (0..<rows).map { Int32($0 * 7 % 4) }
        for isShared in [false, true] {
          let product = StepProduct(
            k: k, n: n, weight.storage, offset: 0, stride: k, transposed: true,
            use: StepProduct.Use(times: 9, rows: rows, isShared: isShared, isKept: true))
          var (came, expected) = (Tensor(zeros: [rows, n]), table.gatheredRows(numbers))
          came.withUnsafeMutableValues { came in
            expected.withUnsafeMutableValues { expected in
              guard let came = came.baseAddress, let expected = expected.baseAddress else { return }
              let starts = numbers.map {
                Optional(UnsafePointer(table.storage.pointer + Int($0) * n))
              }
              starts.withUnsafeBufferPointer { starts in
                guard let starts = starts.baseAddress else { return }
                product.multiply(
                  rows: rows, x.storage.pointer, stride: k, addedTo: starts, into: came, stride: n)
              }
              product.multiply(
                rows: rows, x.storage.pointer, stride: k, into: expected, stride: n,
                accumulate: true)
            }
          }
          #expect(bits(came) == bits(expected), "\(rows)×\(k)×\(n), shared \(isShared)")
        }
      }
    }
  }
}
