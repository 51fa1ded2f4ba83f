import CReelKernels
import Testing

@Suite struct TransposedVectorProductTests {
  private static var shapes: [(k: Int, n: Int)] {
    [(0, 4), (5, 0), (1, 1), (9, 1000), (40, 256), (40, 512), (3, 270)]
      + (1...272).map { (7, $0) } + (1...20).map { ($0, 33) }
  }

  @Test(arguments: KernelSet.available)
  func equalsThePlainLoop(_ set: KernelSet) {
    var generator = TestGenerator(seed: 26)
    for (k, n) in Self.shapes {
      let ldw = n + Int.random(in: 1...4, using: &generator)
      let w = generator.matrix(k, n, leadingDimension: ldw)
      let (x, start) = (generator.values(k), generator.values(n + 1))
      for accumulate in [false, true] {
        var y = start
        set.kernels.multiply_vector_transposed(k, n, w, ldw, x, &y, accumulate)
        let expected = (0..<n).map { column in
          (0..<k).reduce(accumulate ? Double(start[column]) : 0) {
            $0 + Double(x[$1]) * Double(w[$1 * ldw + column])
          }
        }
        #expect(greatestError(Array(y[..<n]), expected) < 1e-5, "\(set.name) k \(k), n \(n)")
        #expect(y[n] == start[n], "\(set.name): nothing is written behind the last column")
      }
    }
  }

  /// A column is one chain of multiply-adds in ascending k, whatever stands beside it: as in packed products.
  @Test(arguments: KernelSet.available)
  func columnsDoNotDependOnTheirCompany(_ set: KernelSet) {
    var generator = TestGenerator(seed: 27)
    let (k, n) = (50, 301)
    let w = generator.values(k * n)
    let x = generator.values(k)
    var whole = [Float](repeating: 0, count: n)
    set.kernels.multiply_vector_transposed(k, n, w, n, x, &whole, false)
    for piece in [1, 5, 16, 17, 64, 100, 256] {
      var divided = [Float](repeating: 0, count: n)
      for column in stride(from: 0, to: n, by: piece) {
        let count = min(piece, n - column)
        var part = [Float](repeating: 0, count: count)
        set.kernels.multiply_vector_transposed(k, count, Array(w[column...]), n, x, &part, false)
        divided.replaceSubrange(column..<column + count, with: part)
      }
      #expect(identical(divided, whole), "\(set.name): \(piece) columns at a time")
    }
    var packed = [Float](repeating: 0, count: set.kernels.packed_count(k, n))
    set.kernels.pack(k, n, w, n, false, &packed)
    var product = [Float](repeating: 0, count: n)
    set.kernels.multiply_packed(1, n, k, x, k, packed, &product, n, false)
    #expect(identical(product, whole), "\(set.name): packed")
  }
}
