import ReelTensor
import ReelTestSupport
import Testing

/// Products of floats with blocks of the same weights.
@Suite struct FloatProductTests {
  /// Blocks of every width, beside each other and apart, with a single row and several, against a loop of Doubles.
  @Test(arguments: [true, false], [1, 2, 7])
  func blocksEqualThePlainLoop(isTransposed: Bool, rows: Int) {
    var random = TestRandom(61)
    let (height, width) = (150, 70)
    let weight = random.tensor([height, width])
    // First row and rows of a block, which has all columns.
    let blocks = [[0..<48, 60..<61], [100..<150], [61..<100, 48..<60, 3..<20]]
    let products = FloatProducts(
      blocks.map {
        $0.map { range in
          FloatProducts.Block(
            k: isTransposed ? width : range.count, n: isTransposed ? range.count : width,
            offset: range.lowerBound * width)
        }
      }, of: weight.storage, stride: width, transposed: isTransposed, rows: rows)
    for (piece, ranges) in blocks.enumerated() {
      for (index, range) in ranges.enumerated() {
        let (k, n) = isTransposed ? (width, range.count) : (range.count, width)
        let (x, start) = (random.tensor([rows, k]), random.tensor([rows, n]))
        for accumulate in [false, true] {
          var result = start
          result.withUnsafeMutableValues { target in
            x.withUnsafeValues { x in
              guard let target = target.baseAddress, let x = x.baseAddress else { return }
              products.pieces[piece][index].multiply(
                rows: rows, x, stride: k, into: target, stride: n, accumulate: accumulate)
            }
          }
          let (w, left, before) = (weight.values, x.values, start.values)
          for (place, came) in result.values.enumerated() {
            let (row, column) = (place / n, place % n)
            var expected = accumulate ? Double(before[place]) : 0
            for l in 0..<k {
              let (line, entry) = isTransposed ? (column, l) : (l, column)
              expected +=
                Double(left[row * k + l]) * Double(w[(range.lowerBound + line) * width + entry])
            }
            #expect(abs(Double(came) - expected) < 1e-5, "piece \(piece), block \(index)")
          }
        }
      }
    }
  }
}
