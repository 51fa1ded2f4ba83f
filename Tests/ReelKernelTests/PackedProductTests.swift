import CReelKernels
import Testing

@Suite struct PackedProductTests {
  struct Shape {
    var m: Int
    var n: Int
    var k: Int
  }

  /// Every tail of rows and columns once, then ragged shapes at random.
  static let shapes: [Shape] = {
    var generator = TestGenerator(seed: 11)
    var shapes = [
      Shape(m: 0, n: 5, k: 3), Shape(m: 4, n: 0, k: 3), Shape(m: 3, n: 50, k: 0),
      Shape(m: 1, n: 1, k: 1), Shape(m: 131, n: 49, k: 130), Shape(m: 9, n: 65, k: 257),
    ]
    for m in 1...17 { shapes.append(Shape(m: m, n: 40 + 3 * m, k: 20 + m)) }
    for n in 1...33 { shapes.append(Shape(m: 5 + n % 5, n: n, k: 37)) }
    for _ in 0..<40 {
      shapes.append(
        Shape(
          m: Int.random(in: 0...40, using: &generator),
          n: Int.random(in: 0...200, using: &generator),
          k: Int.random(in: 0...300, using: &generator)))
    }
    return shapes
  }()

  static func packed(
    _ set: KernelSet, k: Int, n: Int, source: [Float], leadingDimension: Int, transposed: Bool
  ) -> [Float] {
    let count = set.kernels.packed_count(k, n)
    var packed = [Float](repeating: .nan, count: count + 1)
    set.kernels.pack(k, n, source, leadingDimension, transposed, &packed)
    #expect(packed[count].isNaN, "pack wrote beyond packed_count")
    #expect(packed[..<count].allSatisfy { !$0.isNaN }, "pack left values out")
    return packed
  }

  @Test(arguments: KernelSet.available)
  func equalsThePlainLoop(_ set: KernelSet) {
    var generator = TestGenerator(seed: 12)
    for shape in Self.shapes {
      let (m, n, k) = (shape.m, shape.n, shape.k)
      let transposed = Bool.random(using: &generator)
      let accumulate = Bool.random(using: &generator)
      let lda = k + Int.random(in: 1...5, using: &generator)
      let ldb = (transposed ? k : n) + Int.random(in: 1...5, using: &generator)
      let ldc = n + Int.random(in: 1...5, using: &generator)
      let a = generator.matrix(m, k, leadingDimension: lda)
      let b =
        transposed
        ? generator.matrix(n, k, leadingDimension: ldb)
        : generator.matrix(k, n, leadingDimension: ldb)
      var c = generator.matrix(m, n, leadingDimension: ldc)

      let expected = exactProduct(m, n, k, a, lda, b, ldb, transposed: transposed) {
        accumulate ? c[$0 * ldc + $1] : 0
      }
      let panels = Self.packed(
        set, k: k, n: n, source: b, leadingDimension: ldb, transposed: transposed)
      set.kernels.multiply_packed(m, n, k, a, lda, panels, &c, ldc, accumulate)
      let error = greatestError(packedRows(c, m, n, leadingDimension: ldc), expected)
      #expect(error < 1e-5, "\(set.name) \(shape), transposed \(transposed)")
      #expect(gapsUntouched(c, n, leadingDimension: ldc), "\(set.name) \(shape)")
    }
  }

  /// Added to rows of a table a product has the bits that it has on top of a copy of them.
  @Test(arguments: KernelSet.available)
  func isAddedToRowsElsewhere(_ set: KernelSet) {
    var generator = TestGenerator(seed: 14)
    for shape in Self.shapes where shape.m > 0 && shape.n > 0 {
      let (m, n, k) = (shape.m, shape.n, shape.k)
      let ldc = n + Int.random(in: 1...5, using: &generator)
      let (a, b, table) = (
        generator.values(m * k), generator.values(k * n), generator.values(7 * n)
      )
      let panels = Self.packed(set, k: k, n: n, source: b, leadingDimension: n, transposed: false)
      let rows = (0..<m).map { _ in Int.random(in: 0..<7, using: &generator) }
      var c = [Float](repeating: .nan, count: m * ldc)
      var expected = c
      for (row, source) in rows.enumerated() {
        for column in 0..<n { expected[row * ldc + column] = table[source * n + column] }
      }
      table.withUnsafeBufferPointer { table in
        guard let base = table.baseAddress else { return }
        let starts: [UnsafePointer<Float>?] = rows.map { base + $0 * n }
        set.kernels.add_packed_product(m, n, k, a, k, panels, starts, &c, ldc)
      }
      set.kernels.multiply_packed(m, n, k, a, k, panels, &expected, ldc, true)
      #expect(identical(c, expected), "\(set.name) \(shape)")
    }
  }

  /// However a batch is divided, each row has the same bits.
  @Test(arguments: KernelSet.available)
  func rowsDoNotDependOnTheirCompany(_ set: KernelSet) {
    var generator = TestGenerator(seed: 13)
    for (n, k, accumulate) in [(83, 300, false), (48, 129, true), (17, 64, false), (200, 7, true)] {
      let m = 140
      let a = generator.values(m * k)
      let b = generator.values(k * n)
      let start = generator.values(m * n)
      let panels = Self.packed(
        set, k: k, n: n, source: b, leadingDimension: n, transposed: false)
      var whole = start
      set.kernels.multiply_packed(m, n, k, a, k, panels, &whole, n, accumulate)

      for piece in [1, 2, 3, 5, 7, 8, 9, 11, 16, 40, 139] {
        var divided = start
        divided.withUnsafeMutableBufferPointer { c in
          a.withUnsafeBufferPointer { a in
            for row in stride(from: 0, to: m, by: piece) {
              set.kernels.multiply_packed(
                min(piece, m - row), n, k, a.baseAddress! + row * k, k, panels,
                c.baseAddress! + row * n, n, accumulate)
            }
          }
        }
        #expect(identical(divided, whole), "\(set.name): \(piece) rows at a time, n \(n), k \(k)")
      }
    }
  }

  /// A NaN or infinity in one row stays in that row; 0 · ∞ is NaN.
  @Test(arguments: KernelSet.available)
  func specialValuesStayInTheirRow(_ set: KernelSet) {
    let (m, n, k) = (10, 20, 9)
    var generator = TestGenerator(seed: 14)
    var a = generator.values(m * k)
    a[3 * k + 2] = .nan
    let b = generator.values(k * n)
    let panels = Self.packed(set, k: k, n: n, source: b, leadingDimension: n, transposed: false)
    var c = [Float](repeating: 0, count: m * n)
    set.kernels.multiply_packed(m, n, k, a, k, panels, &c, n, false)
    for i in 0..<m {
      for j in 0..<n { #expect(c[i * n + j].isNaN == (i == 3)) }
    }
  }
}
