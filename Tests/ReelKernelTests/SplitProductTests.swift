import CReelKernels
import Testing

/// Products in bfloat16 parts, on processors with a matrix unit, or with one part on their vectors.
@Suite struct SplitProductTests {
  static let products: [reel_split_products] = KernelSet.available.flatMap(products)

  static func products(of set: KernelSet) -> [reel_split_products] {
    (0..<Int(REEL_PRECISIONS)).compactMap { set.kernels.split?[$0]?.pointee }
  }

  /// Of sums of k products of values from -1 to 1: by the bits that the parts keep of each operand. One
  /// part errs by a root mean square of 0.0004 in each product, so six times that by chance in a sum.
  static func tolerance(_ products: reel_split_products, _ k: Int) -> Double {
    products.parts == 3
      ? 2e-5 : products.parts == 2 ? 2e-4 : 0.008 + 0.0025 * Double(k).squareRoot()
  }

  @Test(arguments: KernelSet.available)
  func haveAsManyPartsAsTheirPrecisionSays(_ set: KernelSet) {
    let expected = ["amx": [3, 2, 1], "avx512bf16": [1]][set.name] ?? []
    #expect(Self.products(of: set).map(\.parts) == expected)
  }

  static func left(
    _ products: reel_split_products, _ m: Int, _ k: Int, _ a: [Float], _ lda: Int
  ) -> [Float] {
    let count = (m + 15) / 16 * 16 * products.row_length(k)
    var parts = [Float](repeating: 0, count: count + 1)
    parts[m * products.row_length(k)] = .nan
    products.split_rows(m, k, a, lda, &parts, products.row_length(k))
    #expect(parts[m * products.row_length(k)].isNaN, "split_rows wrote too much")
    parts[m * products.row_length(k)] = 0
    return parts
  }

  static func right(
    _ products: reel_split_products, _ k: Int, _ n: Int, _ b: [Float], _ ldb: Int,
    transposed: Bool
  ) -> [Float] {
    let count = products.columns_length(k, n)
    var parts = [Float](repeating: .nan, count: count + 1)
    products.split_columns(k, n, b, ldb, transposed, &parts, products.columns_length(k, 16))
    #expect(parts[count].isNaN, "split_columns wrote too much")
    return parts
  }

  @Test(arguments: products.indices)
  func equalsThePlainLoop(_ index: Int) {
    let products = Self.products[index]
    var generator = TestGenerator(seed: 211)
    for shape in PackedProductTests.shapes {
      let (m, n, k) = (shape.m, shape.n, shape.k)
      let transposed = Bool.random(using: &generator)
      let accumulate = Bool.random(using: &generator)
      let hasBias = Bool.random(using: &generator)
      let lda = k + Int.random(in: 1...5, using: &generator)
      let ldb = (transposed ? k : n) + Int.random(in: 1...5, using: &generator)
      let ldc = n + Int.random(in: 1...5, using: &generator)
      let a = generator.matrix(m, k, leadingDimension: lda)
      let b =
        transposed
        ? generator.matrix(n, k, leadingDimension: ldb)
        : generator.matrix(k, n, leadingDimension: ldb)
      let bias = generator.values(n)
      var c = generator.matrix(m, n, leadingDimension: ldc)
      let expected = exactProduct(m, n, k, a, lda, b, ldb, transposed: transposed) {
        accumulate ? c[$0 * ldc + $1] : hasBias ? bias[$1] : 0
      }
      let left = Self.left(products, m, k, a, lda)
      let right = Self.right(products, k, n, b, ldb, transposed: transposed)
      bias.withUnsafeBufferPointer {
        products.multiply(
          m, n, k, left, right, hasBias ? $0.baseAddress : nil, &c, ldc, accumulate)
      }
      let error = greatestError(packedRows(c, m, n, leadingDimension: ldc), expected)
      #expect(
        error < Self.tolerance(products, k),
        "\(products.parts) parts, \(shape), transposed \(transposed)")
      #expect(gapsUntouched(c, n, leadingDimension: ldc), "\(shape)")
    }
  }

  /// Added to rows of a table a product has the bits that it has on top of a copy of them.
  @Test(arguments: products.indices)
  func isAddedToRowsElsewhere(_ index: Int) {
    let products = Self.products[index]
    guard let add = products.add_product else {
      #expect(products.on_tiles)
      return
    }
    var generator = TestGenerator(seed: 215)
    for (m, n, k) in [(1, 5, 3), (20, 100, 300), (70, 49, 600), (9, 16, 31)] {
      let ldc = n + 3
      let (a, b, table) = (
        generator.values(m * k), generator.values(k * n), generator.values(7 * n)
      )
      let left = Self.left(products, m, k, a, k)
      let right = Self.right(products, k, n, b, n, transposed: false)
      var c = [Float](repeating: .nan, count: m * ldc)
      var expected = c
      for row in 0..<m {
        for column in 0..<n { expected[row * ldc + column] = table[row % 7 * n + column] }
      }
      table.withUnsafeBufferPointer { table in
        guard let base = table.baseAddress else { return }
        add(m, n, k, left, right, (0..<m).map { base + $0 % 7 * n }, &c, ldc)
      }
      products.multiply(m, n, k, left, right, nil, &expected, ldc, true)
      #expect(identical(c, expected), "\(m)×\(k)×\(n)")
    }
  }

  /// Root mean square errors of products and of a chain of rounded multiply-adds, beside the root mean
  /// square of the sums.
  static func errors(
    _ products: reel_split_products
  ) -> (split: Double, chain: Double, size: Double) {
    var generator = TestGenerator(seed: 212)
    let (m, n, k) = (40, 40, 1000)
    let (a, b) = (generator.values(m * k), generator.values(k * n))
    var c = [Float](repeating: 0, count: m * n)
    products.multiply(
      m, n, k, Self.left(products, m, k, a, k),
      Self.right(products, k, n, b, n, transposed: false), nil, &c, n, false)
    var (split, chain, size) = (0.0, 0.0, 0.0)
    for i in 0..<m {
      for j in 0..<n {
        var (exact, sum) = (0.0, Float(0))
        for l in 0..<k {
          exact += Double(a[i * k + l]) * Double(b[l * n + j])
          sum.addProduct(a[i * k + l], b[l * n + j])
        }
        split += (Double(c[i * n + j]) - exact) * (Double(c[i * n + j]) - exact)
        chain += (Double(sum) - exact) * (Double(sum) - exact)
        size += exact * exact
      }
    }
    return (split.squareRoot(), chain.squareRoot(), size.squareRoot())
  }

  /// Six of the nine products of three parts keep a float's precision: over long sums the result is nearer
  /// to the exact one than a chain of rounded multiply-adds. Fewer parts keep the bits they have.
  @Test(arguments: products.indices)
  func isAsExactAsItsParts(_ index: Int) {
    let products = Self.products[index]
    let (split, chain, size) = Self.errors(products)
    switch products.parts {
    case 3: #expect(split > 0 && split < chain, "\(split) \(chain)")
    case 2: #expect(split > chain && split < size * 0x1p-16, "\(split / size)")
    default: #expect(split > size * 0x1p-12 && split < size * 0x1p-8, "\(split / size)")
    }
  }

  /// However a batch is divided, each row has the same bits; so has a sum in two stretches.
  @Test(arguments: products.indices)
  func rowsDoNotDependOnTheirCompany(_ index: Int) {
    let products = Self.products[index]
    var generator = TestGenerator(seed: 213)
    for (n, k, accumulate) in [(83, 300, false), (48, 129, true), (17, 64, false), (200, 7, true)] {
      let m = 140
      let a = generator.values(m * k)
      let start = generator.values(m * n)
      let b = generator.values(k * n)
      let right = Self.right(products, k, n, b, n, transposed: false)
      func product(_ piece: Int) -> [Float] {
        var c = start
        for row in stride(from: 0, to: m, by: piece) {
          let rows = min(piece, m - row)
          let left = Self.left(products, rows, k, Array(a[(row * k)..<(row + rows) * k]), k)
          c.withUnsafeMutableBufferPointer {
            guard let c = $0.baseAddress else { return }
            products.multiply(rows, n, k, left, right, nil, c + row * n, n, accumulate)
          }
        }
        return c
      }
      let whole = product(m)
      for piece in [1, 5, 16, 17, 32, 40, 139] {
        #expect(identical(product(piece), whole), "\(piece) rows at a time, n \(n), k \(k)")
      }
      if k > 64 {
        var c = start
        let (first, second) = (Array(a), a)
        products.multiply(
          m, n, 64, Self.left(products, m, 64, first, k),
          Self.right(products, 64, n, b, n, transposed: false), nil, &c, n, accumulate)
        products.multiply(
          m, n, k - 64,
          Self.left(
            products, m, k - 64, Array(second[64...]) + [Float](repeating: 0, count: 64), k),
          Self.right(products, k - 64, n, Array(b[(64 * n)...]), n, transposed: false), nil, &c, n,
          true)
        #expect(identical(c, whole), "in two stretches, n \(n), k \(k)")
      }
    }
  }

  @Test(arguments: products.indices)
  func productsThroughATable(_ index: Int) {
    let products = Self.products[index]
    var generator = TestGenerator(seed: 214)
    for example in ConvolutionKernelTests.Case.random(&generator) {
      let (m, n, taps, channels) = (
        example.rows, example.outputs, example.taps, example.channels
      )
      var sources = example.sources
      if Bool.random(using: &generator), m > 0, m + taps <= example.inputRows {
        // Rows that lie evenly, as those of a sequence do.
        for row in 0..<m {
          for tap in 0..<taps { sources[row * taps + tap] = Int32(row + tap) }
        }
      }
      let length = products.row_length(channels)
      let parts = Self.left(
        products, example.inputRows, channels, example.source, example.lds)
      var right = [Float](
        repeating: .nan, count: taps * products.columns_length(channels, n) + 1)
      products.split_tap_columns(
        taps, channels, n, example.weights, (0..<Int32(taps)).map { $0 }, channels * n, n, &right)
      #expect(right.last?.isNaN == true)
      var scratch = [Float](repeating: 0, count: products.tap_scratch(taps, channels) + 1)
      scratch[scratch.count - 1] = .nan
      for (hasBias, accumulate) in [(true, false), (false, false), (false, true)] {
        let start = generator.matrix(m, n, leadingDimension: example.ldc)
        var c = start
        example.bias.withUnsafeBufferPointer { bias in
          products.multiply_taps(
            m, n, taps, channels, parts, length, sources, taps, right,
            hasBias ? bias.baseAddress : nil, &c, example.ldc, accumulate, &scratch)
        }
        var expected: [Double] = []
        for row in 0..<m {
          for column in 0..<n {
            var sum = hasBias ? Double(example.bias[column]) : 0
            if accumulate { sum = Double(start[row * example.ldc + column]) }
            for tap in 0..<taps {
              let number = Int(sources[row * taps + tap])
              for channel in 0..<channels where number >= 0 {
                sum +=
                  Double(example.source[number * example.lds + channel])
                  * Double(example.weights[(tap * channels + channel) * n + column])
              }
            }
            expected.append(sum)
          }
        }
        let error = greatestError(packedRows(c, m, n, leadingDimension: example.ldc), expected)
        #expect(
          error < Self.tolerance(products, taps * channels),
          "\(products.parts) parts, \(m)×\(n), \(taps) taps of \(channels)")
        #expect(gapsUntouched(c, n, leadingDimension: example.ldc))
        #expect(scratch.last?.isNaN == true, "more scratch was used than said")
      }
    }
  }

  /// A NaN in one row stays in that row, and numbers of every size keep their precision.
  @Test(arguments: products.indices)
  func specialValuesStayInTheirRow(_ index: Int) {
    let products = Self.products[index]
    let (m, n, k) = (20, 20, 9)
    let bound = 1e-6 + (products.parts == 3 ? 0 : products.parts == 2 ? 0x1p-15 : 0x1p-7)
    var generator = TestGenerator(seed: 215)
    var a = generator.values(m * k)
    let b = generator.values(k * n)
    a[3 * k + 2] = .nan
    a[4 * k + 2] = 3e38
    for column in 0..<k { a[5 * k + column] *= 1e-30 }
    var c = [Float](repeating: 0, count: m * n)
    products.multiply(
      m, n, k, Self.left(products, m, k, a, k),
      Self.right(products, k, n, b, n, transposed: false), nil, &c, n, false)
    for i in 0..<m {
      for j in 0..<n {
        #expect(c[i * n + j].isNaN == (i == 3))
        guard i == 4 || i == 5 else { continue }
        let sums = (0..<k).map { Double(a[i * k + $0]) * Double(b[$0 * n + j]) }
        let size = sums.map(abs).reduce(0, +)
        #expect(abs(Double(c[i * n + j]) - sums.reduce(0, +)) <= bound * size)
      }
    }
  }
}
