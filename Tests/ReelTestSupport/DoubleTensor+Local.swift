extension DoubleTensor {
  /// A convolution over height and width whose weight may differ from position to position:
  /// `weight` gives that of output channel o, input channel c and tap (i, j) at position (y, x).
  package func locallyConvolved(
    outputs: Int, output: [Int], kernel: [Int], stride: [Int], before: [Int],
    bias: (_ o: Int, _ y: Int, _ x: Int) -> Double,
    weight: (_ o: Int, _ c: Int, _ i: Int, _ j: Int, _ y: Int, _ x: Int) -> Double
  ) -> DoubleTensor {
    DoubleTensor([shape[0], outputs] + output) { index in
      let (o, y, x) = (index[1], index[2], index[3])
      var sum = bias(o, y, x)
      for c in 0..<shape[1] {
        for i in 0..<kernel[0] {
          for j in 0..<kernel[1] {
            let (row, column) = (y * stride[0] + i - before[0], x * stride[1] + j - before[1])
            guard (0..<shape[2]).contains(row), (0..<shape[3]).contains(column) else { continue }
            sum += weight(o, c, i, j, y, x) * self[[index[0], c, row, column]]
          }
        }
      }
      return sum
    }
  }
}
