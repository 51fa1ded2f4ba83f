import CReelKernels
import Testing

@Suite struct VectorProductTests {
  @Test(arguments: KernelSet.available)
  func equalsThePlainLoop(_ set: KernelSet) {
    var generator = TestGenerator(seed: 21)
    var shapes = [(0, 4), (5, 0), (1, 1), (65, 512), (33, 1000), (21, 256)]
    for n in 1...20 { shapes.append((n, 3 * n + 1)) }
    for k in 1...40 { shapes.append((11, k)) }
    for (n, k) in shapes {
      let ldw = k + Int.random(in: 1...4, using: &generator)
      let w = generator.matrix(n, k, leadingDimension: ldw)
      let x = generator.values(k)
      let bias = generator.values(n)
      let start = generator.values(n)
      for accumulate in [false, true] {
        for hasBias in [false, true] {
          var y = start
          if hasBias {
            set.kernels.multiply_vector(n, k, w, ldw, x, bias, &y, accumulate)
          } else {
            set.kernels.multiply_vector(n, k, w, ldw, x, nil, &y, accumulate)
          }
          let expected = (0..<n).map { row in
            var sum = (accumulate ? Double(start[row]) : 0) + (hasBias ? Double(bias[row]) : 0)
            for l in 0..<k { sum += Double(w[row * ldw + l]) * Double(x[l]) }
            return sum
          }
          #expect(greatestError(y, expected) < 1e-5, "\(set.name) n \(n), k \(k)")
        }
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func rowsDoNotDependOnTheirCompany(_ set: KernelSet) {
    var generator = TestGenerator(seed: 22)
    for (n, k) in [(61, 77), (21, 256)] { expectIndependentRows(set, n, k, &generator) }
  }

  private func expectIndependentRows(
    _ set: KernelSet, _ n: Int, _ k: Int, _ generator: inout TestGenerator
  ) {
    let w = generator.values(n * k)
    let x = generator.values(k)
    let bias = generator.values(n)
    var whole = [Float](repeating: 0, count: n)
    set.kernels.multiply_vector(n, k, w, k, x, bias, &whole, false)
    for piece in 1...20 {
      var divided = [Float](repeating: 0, count: n)
      for row in stride(from: 0, to: n, by: piece) {
        let count = min(piece, n - row)
        var part = [Float](repeating: 0, count: count)
        set.kernels.multiply_vector(
          count, k, Array(w[(row * k)...]), k, x, Array(bias[row...]), &part, false)
        divided.replaceSubrange(row..<row + count, with: part)
      }
      #expect(identical(divided, whole), "\(set.name): \(piece) rows at a time")
    }
  }
}
