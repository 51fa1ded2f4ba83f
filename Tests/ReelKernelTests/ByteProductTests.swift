import CReelKernels
import Testing

/// Products of rows with weights of 8 bits, on processors that sum products of bytes.
@Suite struct ByteProductTests {
  static let sets = KernelSet.available.filter { $0.kernels.bytes != nil }

  @Test(arguments: KernelSet.available)
  func areWhereTheInstructionIs(_ set: KernelSet) {
    let expected = ["avx512vnni", "avx512bf16"].contains(set.name)
    #expect((set.kernels.bytes != nil) == expected)
  }

  /// Weights of n columns and their arrangement.
  struct Right {
    let (k, n, ldw): (Int, Int, Int)
    let weights: [Int8]
    let scales: [Float]
    let arranged: [Float]

    init(
      _ products: reel_byte_products, k: Int, n: Int, _ generator: inout TestGenerator,
      weight: (inout TestGenerator) -> Int8
    ) {
      (self.k, self.n) = (k, n)
      ldw = k + Int.random(in: 0...4, using: &generator)
      weights = (0..<n * ldw).map { _ in weight(&generator) }
      scales = generator.values(n)
      let count = products.columns_length(k, n)
      var arranged = [Float](repeating: .nan, count: count + 1)
      products.arrange_columns(k, n, weights, ldw, scales, &arranged)
      #expect(arranged[count].isNaN, "arrange_columns wrote too much")
      self.arranged = arranged
    }
  }

  static func quantized(
    _ products: reel_byte_products, _ m: Int, _ k: Int, _ digits: Int, _ a: [Float], _ lda: Int
  ) -> [Float] {
    let count = m * products.row_length(k, digits)
    var rows = [Float](repeating: .nan, count: count + 1)
    products.quantize_rows(m, k, digits, a, lda, &rows)
    #expect(rows[count].isNaN, "quantize_rows wrote too much")
    return rows
  }

  /// The steps and the scale of a row.
  static func steps(_ row: ArraySlice<Float>, digits: Int) -> (values: [Int], scale: Float) {
    let largest = row.map(abs).max() ?? 0
    let most: Float = digits == 1 ? 127 : 32767
    guard largest > 0 else { return (row.map { _ in 0 }, 0) }
    let factor = most / largest
    return (row.map { Int(($0 * factor).rounded(.toNearestOrEven)) }, largest / most)
  }

  /// The products of a plain loop over integers, the sums of 512 terms added as floats.
  static func expected(
    _ row: ArraySlice<Float>, _ right: Right, digits: Int, from start: (Int) -> Float
  ) -> [Float] {
    let (values, scale) = steps(row, digits: digits)
    return (0..<right.n).map { column in
      stride(from: 0, to: right.k, by: 512).reduce(start(column)) { total, first in
        var sum = 0
        for l in first..<min(right.k, first + 512) {
          sum += Int(right.weights[column * right.ldw + l]) * values[l]
        }
        return total + Float(sum) * (right.scales[column] * scale)
      }
    }
  }

  static func multiply(
    _ products: reel_byte_products, m: Int, _ right: Right, _ digits: Int, _ left: [Float],
    from starts: [UnsafePointer<Float>?]?, _ c: inout [Float], _ ldc: Int
  ) {
    products.multiply(m, right.n, right.k, digits, left, right.arranged, starts, &c, ldc)
  }

  /// Begun from nothing, from rows of a table, and from where the result goes.
  @Test(arguments: sets, [1, 2])
  func equalsTheSumOfIntegers(_ set: KernelSet, digits: Int) throws {
    let products = try #require(set.kernels.bytes?.pointee)
    var generator = TestGenerator(seed: 231)
    let long = [(20, 50, 512), (9, 40, 1100)].map { PackedProductTests.Shape(m: $0, n: $1, k: $2) }
    for shape in PackedProductTests.shapes + long where shape.k > 0 {
      let (m, n, k) = (shape.m, shape.n, shape.k)
      let right = Right(products, k: k, n: n, &generator) {
        Int8.random(in: -128...127, using: &$0)
      }
      let (lda, ldc) = (
        k + Int.random(in: 0...4, using: &generator), n + Int.random(in: 1...5, using: &generator)
      )
      let a = generator.matrix(m, k, leadingDimension: lda, in: -3...3)
      let left = Self.quantized(products, m, k, digits, a, lda)
      let table = generator.values(5 * n)
      let rows = (0..<m).map { _ in Int.random(in: 0..<5, using: &generator) }
      for way in 0..<3 {
        var c = generator.matrix(m, n, leadingDimension: ldc)
        let before = c
        c.withUnsafeMutableBufferPointer { target in
          table.withUnsafeBufferPointer { table in
            guard let base = target.baseAddress, let first = table.baseAddress else { return }
            var starts: [UnsafePointer<Float>?] = []
            for row in 0..<m {
              starts.append(way == 1 ? first + rows[row] * n : UnsafePointer(base + row * ldc))
            }
            products.multiply(
              m, n, k, digits, left, right.arranged, way == 0 ? nil : starts, base, ldc)
          }
        }
        var exact: [Float] = []
        for row in 0..<m {
          exact += Self.expected(a[row * lda..<row * lda + k], right, digits: digits) { column in
            switch way {
            case 0: 0
            case 1: table[rows[row] * n + column]
            default: before[row * ldc + column]
            }
          }
        }
        #expect(
          packedRows(c, m, n, leadingDimension: ldc) == exact,
          "\(set.name) \(shape), way \(way)")
        #expect(gapsUntouched(c, n, leadingDimension: ldc), "\(set.name) \(shape)")
      }
    }
  }

  /// With 16 bits a row has the bits that it has as a vector.
  @Test(arguments: sets)
  func equalsTheProductWithAVector(_ set: KernelSet) throws {
    let products = try #require(set.kernels.bytes?.pointee)
    var generator = TestGenerator(seed: 232)
    for (m, n, k) in [(1, 1, 1), (7, 33, 100), (65, 100, 511), (30, 48, 512)] {
      let right = Right(products, k: k, n: n, &generator) {
        Int8.random(in: -127...127, using: &$0)
      }
      let a = generator.values(m * k, in: -2...2)
      var c = [Float](repeating: 0, count: m * n)
      Self.multiply(
        products, m: m, right, 2, Self.quantized(products, m, k, 2, a, k), from: nil, &c, n)
      var y = [Float](repeating: 0, count: n)
      for row in 0..<m {
        var q = [Int16](repeating: 0, count: k)
        let scale = set.kernels.quantize(k, Array(a[row * k..<row * k + k]), &q)
        set.kernels.multiply_vector_int8(
          n, k, right.weights, right.ldw, right.scales, q, scale, nil, &y, false)
        #expect(Array(c[row * n..<row * n + n]) == y, "\(set.name) row \(row) of \(m)×\(k)")
      }
    }
  }

  /// No sum overflows.
  @Test(arguments: sets, [1, 2])
  func theLargestIntegersAreSummed(_ set: KernelSet, digits: Int) throws {
    let products = try #require(set.kernels.bytes?.pointee)
    var generator = TestGenerator(seed: 233)
    for (weight, value) in [(Int8(-128), Float(1)), (-128, -1), (127, 1), (127, -1)] {
      let right = Right(products, k: 512, n: 20, &generator) { _ in weight }
      let a = [Float](repeating: value, count: 3 * 512)
      var c = [Float](repeating: 0, count: 60)
      Self.multiply(
        products, m: 3, right, digits, Self.quantized(products, 3, 512, digits, a, 512),
        from: nil, &c, 20)
      let expected = Self.expected(a[0..<512], right, digits: digits) { _ in 0 }
      #expect(c == expected + expected + expected, "weights \(weight), values \(value)")
    }
  }

  /// A row that holds no number, or numbers next to nothing, spoils no other.
  @Test(arguments: sets, [1, 2])
  func rowsWithoutNumbers(_ set: KernelSet, digits: Int) throws {
    let products = try #require(set.kernels.bytes?.pointee)
    var generator = TestGenerator(seed: 234)
    let (m, n, k) = (9, 21, 37)
    let right = Right(products, k: k, n: n, &generator) { Int8.random(in: -127...127, using: &$0) }
    var a = generator.values(m * k)
    for (row, trouble) in [(1, Float.nan), (4, .infinity), (7, -.infinity)] {
      a[row * k + 5 * row % k] = trouble
    }
    for column in 0..<k { a[2 * k + column] = column % 2 == 0 ? 0 : -1e-38 }
    var c = [Float](repeating: 5, count: m * n)
    Self.multiply(
      products, m: m, right, digits, Self.quantized(products, m, k, digits, a, k), from: nil, &c, n)
    for row in 0..<m {
      let came = c[row * n..<row * n + n]
      if [1, 4, 7].contains(row) {
        #expect(came.allSatisfy { $0.isNaN }, "row \(row)")
      } else if row == 2 {
        #expect(came.allSatisfy { $0 == 0 })
      } else {
        let expected = Self.expected(a[row * k..<row * k + k], right, digits: digits) { _ in 0 }
        #expect(Array(came) == expected, "row \(row)")
      }
    }
  }
}
