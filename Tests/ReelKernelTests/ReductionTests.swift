import CReelKernels
import Testing

@Suite struct ReductionTests {
  static let lengths = Array(0...50) + [127, 1000, 4099]

  @Test(arguments: KernelSet.available)
  func sums(_ set: KernelSet) {
    var generator = TestGenerator(seed: 51)
    for n in Self.lengths {
      let x = generator.values(n)
      let y = generator.values(n)
      let sum = x.reduce(0.0) { $0 + Double($1) }
      let squares = x.reduce(0.0) { $0 + Double($1) * Double($1) }
      let dot = zip(x, y).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      #expect(abs(Double(set.kernels.sum(n, x)) - sum) < 1e-6 * Double(n + 1))
      #expect(abs(Double(set.kernels.dot(n, x, y)) - dot) < 1e-6 * Double(n + 1))
      #expect(abs(set.kernels.sum_of_squares(n, x) - squares) <= 1e-13 * (1 + squares))
    }
    #expect(set.kernels.sum_of_squares(3, [3e30, 4e30, 0]) > 2e61, "no overflow in Float")
  }

  /// The order is a promise: 16 partial sums, joined pairwise. Every set has the same bits.
  @Test(arguments: KernelSet.available)
  func orderOfTheSum(_ set: KernelSet) {
    var generator = TestGenerator(seed: 52)
    for n in Self.lengths {
      let x = generator.values(n)
      var partial = [Float](repeating: 0, count: 16)
      for i in 0..<n { partial[i % 16] += x[i] }
      for step in [8, 4, 2, 1] {
        for i in 0..<step { partial[i] += partial[i + step] }
      }
      #expect(set.kernels.sum(n, x) == partial[0], "\(set.name) n \(n)")
    }
  }

  @Test(arguments: KernelSet.available)
  func maximum(_ set: KernelSet) {
    var generator = TestGenerator(seed: 53)
    #expect(set.kernels.maximum(0, []) == -.infinity)
    for n in 1...50 {
      var x = generator.values(n, in: -3 ... -1)
      let place = Int.random(in: 0..<n, using: &generator)
      x[place] = -0.5
      #expect(set.kernels.maximum(n, x) == -0.5)
      x[place] = .nan
      #expect(set.kernels.maximum(n, x).isNaN, "\(set.name): NaN at \(place) of \(n)")
      #expect(set.kernels.maximum(n, [Float](repeating: -.infinity, count: n)) == -.infinity)
    }
  }

  @Test(arguments: KernelSet.available)
  func columns(_ set: KernelSet) {
    var generator = TestGenerator(seed: 54)
    for columns in Array(1...40) + [64, 65, 131, 200] {
      for rows in [0, 1, 7] {
        let ld = columns + 3
        let x = generator.matrix(rows, columns, leadingDimension: ld)
        let start = generator.values(columns)
        for accumulate in [false, true] {
          var y = start
          set.kernels.sum_columns(rows, columns, x, ld, &y, accumulate)
          var expected = accumulate ? start : [Float](repeating: 0, count: columns)
          for row in 0..<rows {
            for column in 0..<columns { expected[column] += x[row * ld + column] }
          }
          #expect(y == expected, "\(set.name): \(rows)×\(columns), rows in order")
        }
        var shifted = x
        set.kernels.add_to_rows(rows, columns, start, &shifted, ld)
        for row in 0..<rows {
          for column in 0..<columns {
            #expect(shifted[row * ld + column] == x[row * ld + column] + start[column])
          }
        }
        #expect(gapsUntouched(shifted, columns, leadingDimension: ld))
      }
    }
  }
}
