import ReelTensor
import ReelTestSupport
import Testing

/// Convolutions through tables of rows, with what follows the product in the same pass.
@Suite struct ConvolvedRowsTests {
  /// What an epilogue says, in Doubles.
  private func finished(
    _ product: DoubleTensor, rectified: Bool, mask: DoubleTensor?, maskRows: [Int32],
    residual: DoubleTensor?, rectifiedSum: Bool
  ) -> DoubleTensor {
    let columns = product.shape[1]
    return DoubleTensor(product.shape) { index in
      var value = product[index]
      if rectified { value = max(value, 0) }
      if let mask { value *= mask.values[Int(maskRows[index[0]]) * columns + index[1]] }
      if let residual { value += residual[index] }
      return rectifiedSum ? max(value, 0) : value
    }
  }

  /// A product through a table, in Doubles: weight [out, in, taps].
  private func product(
    _ x: DoubleTensor, _ weight: DoubleTensor, _ bias: DoubleTensor, _ sources: [Int32]
  ) -> DoubleTensor {
    let (outputs, inputs, taps) = (weight.shape[0], weight.shape[1], weight.shape[2])
    return DoubleTensor([sources.count / taps, outputs]) { index in
      var sum = bias.values[index[1]]
      for tap in 0..<taps {
        let source = Int(sources[index[0] * taps + tap])
        guard source >= 0 else { continue }
        for c in 0..<inputs {
          sum +=
            x.values[source * inputs + c] * weight.values[(index[1] * inputs + c) * taps + tap]
        }
      }
      return sum
    }
  }

  @Test(arguments: 0..<12) func epilogues(_ number: Int) {
    var random = TestRandom(UInt64(900 + number))
    let (steps, batch, inputs, outputs, taps) = (7, 3, 4, [5, 19, 33][number % 3], 3)
    let rows = steps * batch
    let shifts = [-4, -2, 0].map { $0 * batch }
    let sources = (0..<rows).flatMap { row in
      shifts.map { row + $0 >= 0 ? Int32(row + $0) : -1 }
    }
    let table =
      number % 2 == 0
      ? TapTable(shifts: shifts, outputRows: rows, inputRows: rows)
      : TapTable(sources: sources, taps: taps, inputRows: rows)
    let rectified = number % 4 != 3
    let rectifiedSum = number / 2 % 2 == 0
    let masked = number / 3 % 2 == 0
    let mask = Tensor(
      shape: [batch, outputs],
      values: (0..<batch * outputs).map { _ in
        Bool.random(using: &random) ? 0 : Float(1.25)
      })
    let maskRows = (0..<rows).map { Int32($0 % batch) }
    let found = problems(
      "convolvedRows \(number)",
      [
        random.tensor([rows, inputs]), random.tensor([outputs, inputs, taps]),
        random.tensor([outputs]), random.tensor([rows, outputs]),
      ], samples: 24,
      operation: { x in
        x[0].convolvedRows(
          table, weight: x[1], bias: x[2],
          epilogue: RowEpilogue(
            rectified: rectified, mask: masked ? mask : nil, maskRows: masked ? maskRows : [],
            residual: x[3], rectifiedSum: rectifiedSum))
      },
      oracle: { x in
        finished(
          product(x[0], x[1], x[2], sources), rectified: rectified,
          mask: masked ? DoubleTensor(mask) : nil, maskRows: maskRows, residual: x[3],
          rectifiedSum: rectifiedSum)
      })
    #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
  }

  @Test func rectifiedWithoutResidual() {
    var random = TestRandom(950)
    let sources: [Int32] = (0..<11).flatMap { row in [Int32(row) - 1, Int32(10 - row)] }
    let table = TapTable(sources: sources, taps: 2, inputRows: 11)
    let found = problems(
      "rectified",
      [random.tensor([11, 6]), random.tensor([20, 6, 2]), random.tensor([20])],
      operation: { $0[0].convolvedRows(table, weight: $0[1], bias: $0[2], rectified: true) },
      oracle: { product($0[0], $0[1], $0[2], sources).map { max($0, 0) } })
    #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
  }

  /// The two forms of a table say the same, repeats and borders included.
  @Test func shiftsAreATable() {
    var random = TestRandom(960)
    for (rows, inputRows, shifts, repeats) in [
      (700, 700, [-256, -9, 0], 1), (300, 330, [30, 0, 7], 3), (40, 10, [-50, 3, 11], 4),
      (600, 600, [1, -1], 2),
    ] {
      let sources = (0..<rows).flatMap { row in
        shifts.map { row + $0 >= 0 && row + $0 < inputRows ? Int32(row + $0) : -1 }
      }
      let weight = random.tensor([9, 5, shifts.count])
      let x = random.tensor([repeats * inputRows, 5])
      let bias = random.tensor([9])
      func gradients(_ table: TapTable) -> [[UInt32]] {
        let (_, y, gradients) = valueAndGradient(at: [x, weight, bias]) { x in
          let y = x[0].convolvedRows(table, weight: x[1], bias: x[2])
          return ((y * y).sum(), y)
        }
        return [bits(y)] + gradients.map { $0.map { bits($0.tensor) } ?? [] }
      }
      #expect(
        gradients(TapTable(shifts: shifts, outputRows: rows, inputRows: inputRows))
          == gradients(TapTable(sources: sources, taps: shifts.count, inputRows: inputRows)))
    }
  }

  /// Any number of threads, the same bits: small and large gradients, groups, strides, depthwise.
  @Test func threadsChangeNothing() throws {
    var random = TestRandom(970)
    for (inputs, outputs, size, stride, groups) in [
      (25, 25, [900], [1], 1), (64, 64, [24, 20], [1, 1], 1), (96, 130, [16, 16], [1, 1], 1),
      (16, 24, [30, 31], [2, 3], 2), (40, 40, [30, 30], [1, 1], 40), (300, 300, [60], [1], 1),
    ] {
      let x = random.tensor([3, inputs] + size)
      let weight = random.tensor([outputs, inputs / groups] + size.map { _ in 3 })
      let bias = random.tensor([outputs])
      let results = try [1, 2, 3, 5].map { threads in
        try Threads.with(threads) {
          let (_, y, gradients) = try valueAndGradient(at: [x, weight, bias]) { x in
            let y = try x[0].convolved(
              weight: x[1], bias: x[2], stride: stride, padding: .both(size.map { _ in 1 }),
              groups: groups)
            return ((y * y).sum(), y)
          }
          return [bits(y)] + gradients.map { $0.map { bits($0.tensor) } ?? [] }
        }
      }
      #expect(results.allSatisfy { $0 == results[0] }, "\(inputs) to \(outputs), \(size)")
    }
  }

  /// Shapes at random against the loop of the definition.
  @Test func randomShapes() throws {
    var random = TestRandom(980)
    for _ in 0..<60 {
      let axes = Int.random(in: 1...3, using: &random)
      func sizes(_ range: ClosedRange<Int>) -> [Int] {
        (0..<axes).map { _ in Int.random(in: range, using: &random) }
      }
      let groups = Int.random(in: 1...4, using: &random)
      let kernel = sizes(1...4)
      let dilation = sizes(1...2)
      let before = sizes(0...2)
      let after = sizes(0...2)
      let size = (0..<axes).map {
        max(1, (kernel[$0] - 1) * dilation[$0] + 1 - before[$0] - after[$0])
          + Int.random(in: 0...5, using: &random)
      }
      let example = ConvolutionCase(
        batch: Int.random(in: 0...3, using: &random),
        groups * Int.random(in: 1...6, using: &random),
        groups * Int.random(in: 1...9, using: &random), size: size, kernel: kernel,
        stride: sizes(1...4), dilation: dilation, before: before, after: after, groups: groups)
      let found = try example.problems(samples: 4)
      #expect(found.isEmpty, "\(example): \(found.joined(separator: "\n"))")
    }
  }

  @Test func nothingAtAll() {
    let table = TapTable(sources: [], taps: 3, inputRows: 0)
    let x = Tensor(zeros: [0, 4])
    let weight = Tensor(repeating: 1, shape: [5, 4, 3])
    let (_, y, gradients) = valueAndGradient(at: [x, weight]) { x in
      let y = x[0].convolvedRows(table, weight: x[1], bias: nil, rectified: true)
      return (y.sum(), y)
    }
    #expect(y.shape == [0, 5])
    #expect(gradients[0]?.tensor.shape == [0, 4])
    #expect(gradients[1]?.tensor == Tensor(zeros: [5, 4, 3]))
  }

  @Test func layouts() {
    var random = TestRandom(990)
    for shape in [
      [2, 3, 7], [1, 1, 1], [3, 17, 5, 9], [0, 4, 3], [2, 600, 3], [2, 5, 30, 25],
    ] {
      let x = random.tensor(shape)
      let rows = x.channelsLast()
      let size = Array(shape[2...])
      let positions = size.reduce(1, *)
      #expect(rows.shape == [shape[0] * positions, shape[1]])
      let expected = (0..<rows.count).map { index in
        let (row, channel) = (index / shape[1], index % shape[1])
        let place = (row / positions * shape[1] + channel) * positions + row % positions
        return x.values[place]
      }
      #expect(rows.values == expected)
      #expect(rows.channelsFirst(batch: shape[0], size: size) == x)
    }
  }
}
