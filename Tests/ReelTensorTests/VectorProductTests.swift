import ReelTensor
import Testing

/// Products with one vector, in every format of the weights.
@Suite struct VectorProductTests {
  /// Enough for help to pay in 8 bits, too.
  private let rows = 1800
  private let columns = 300
  /// What stands before them, and how far apart they are, in a larger matrix.
  private let firstRow = 7
  private let firstColumn = 13
  private let stride = 320

  private func product(
    _ weight: Tensor, _ x: Tensor, isShared: Bool = false, descending: Bool = false
  ) -> Tensor {
    Tensor.build(shape: [rows]) { y in
      x.withUnsafeValues { x in
        guard let x = x.baseAddress, let y = y.baseAddress else { return }
        VectorProduct.compute(
          rows: rows, columns: columns, weight.storage, offset: firstRow * stride + firstColumn,
          stride: stride, x, bias: nil, into: y, accumulate: false, isShared: isShared,
          descending: descending)
      }
    }
  }

  @Test(arguments: WeightFormat.allCases)
  func partsOfAMatrixWithAndWithoutHelp(_ format: WeightFormat) throws {
    var generator = RandomGenerator(seed: 3)
    let scales = generator.uniform(shape: [rows + firstRow, 1], in: 0.1...9)
    let weight = try (generator.uniform(shape: [rows + firstRow, stride], in: -1...1) * scales)
      .held(in: format)
    let x = generator.uniform(shape: [columns], in: -1...1)
    let alone = product(weight, x)
    for row in 0..<rows {
      var (sum, size) = (0.0, 0.0)
      for column in 0..<columns {
        let factor = Double(weight[firstRow + row, firstColumn + column])
        sum += factor * Double(x[column])
        size += abs(factor)
      }
      // Half a step of the vector for each weight, or the rounding of a sum.
      let bound = size * (format == .int8 ? 0.51 / 32767 : 1e-6)
      #expect(abs(Double(alone[row]) - sum) <= bound, "row \(row)")
    }
    #expect(product(weight, x, descending: true) == alone, "the last rows first")
    for threads in 1...3 {
      let helped = Threads.with(threads) { product(weight, x, isShared: true) }
      #expect(helped == alone, "\(threads) threads")
    }
  }

  /// Where the caller takes denormal numbers for 0, whoever helps it does, too.
  @Test(arguments: [WeightFormat.float32, .bfloat16])
  func helpersTakeDenormalNumbersForZero(_ format: WeightFormat) throws {
    let weight = try Tensor(repeating: 0x1p-70, shape: [rows + firstRow, stride]).held(in: format)
    let x = Tensor(repeating: 0x1p-70, shape: [columns])
    // A thread takes over how its parent counts, so the helpers are there before.
    _ = product(weight, x, isShared: true)
    for _ in 0..<20 {
      Threads.forEachFlushingDenormals(1) { _ in
        // Here a denormal number equals 0; its bits do not.
        let values = product(weight, x, isShared: true).values
        #expect(values.allSatisfy { $0.bitPattern == 0 })
      }
    }
  }
}
