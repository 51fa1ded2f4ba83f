import CReelKernels
import Testing

@Suite struct BatchNormTests {
  static let columnCounts = [1, 2, 7, 8, 15, 16, 17, 31, 64, 65, 100, 130]

  @Test(arguments: KernelSet.available) func sumsOfColumns(_ set: KernelSet) {
    var generator = TestGenerator(seed: 81)
    for columns in Self.columnCounts {
      for rows in [0, 1, 5] {
        let x = generator.values(rows * columns)
        let dy = generator.values(rows * columns)
        let center = generator.values(columns)
        let start = (generator.values(columns), generator.values(columns))
        var (sums, squares) = start
        set.kernels.column_moments(rows, columns, x, center, &sums, &squares)
        var (plain, products) = start
        set.kernels.column_products(rows, columns, x, center, dy, &plain, &products)
        func expected(
          _ start: [Float], _ term: (_ difference: Double, _ dy: Double) -> Double
        ) -> [Double] {
          (0..<columns).map { column in
            (0..<rows).reduce(Double(start[column])) { sum, row in
              let place = row * columns + column
              return sum + term(Double(x[place]) - Double(center[column]), Double(dy[place]))
            }
          }
        }
        #expect(greatestError(sums, expected(start.0) { difference, _ in difference }) < 1e-6)
        #expect(greatestError(squares, expected(start.1) { d, _ in d * d }) < 1e-6)
        #expect(greatestError(plain, expected(start.0) { _, dy in dy }) < 1e-6)
        #expect(greatestError(products, expected(start.1) { $0 * $1 }) < 1e-6)
      }
    }
  }

  @Test(arguments: KernelSet.available) func mapsOfColumns(_ set: KernelSet) {
    var generator = TestGenerator(seed: 82)
    for columns in Self.columnCounts {
      let rows = 3
      let (x, other) = (generator.values(rows * columns), generator.values(rows * columns))
      let settings = (0..<4).map { _ in generator.values(columns) }
      func expected(_ hasOther: Bool) -> [Double] {
        x.indices.map { place in
          let s = settings.map { Double($0[place % columns]) }
          return s[1] * (Double(x[place]) - s[0]) + s[2]
            + (hasOther ? s[3] * Double(other[place]) : 0)
        }
      }
      var y = [Float](repeating: .nan, count: rows * columns)
      set.kernels.scale_columns(
        rows, columns, x, settings[0], settings[1], settings[2], nil, settings[3], &y)
      #expect(greatestError(y, expected(false)) < 1e-6)
      var sum = y
      set.kernels.scale_columns(
        rows, columns, x, settings[0], settings[1], settings[2], other, settings[3], &sum)
      #expect(greatestError(sum, expected(true)) < 1e-6)
      // In place.
      var inPlace = x
      inPlace.withUnsafeMutableBufferPointer { buffer in
        set.kernels.scale_columns(
          rows, columns, buffer.baseAddress, settings[0], settings[1], settings[2], other,
          settings[3], buffer.baseAddress)
      }
      #expect(identical(inPlace, sum))
    }
  }
}
