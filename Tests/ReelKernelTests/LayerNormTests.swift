import CReelKernels
import Testing

@Suite struct LayerNormTests {
  static func normalized(
    _ x: [Double], gain: [Double]?, bias: [Double]?, epsilon: Double
  ) -> (y: [Double], mean: Double, inverse: Double) {
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    let inverse = 1 / (variance + epsilon).squareRoot()
    let y = x.indices.map { ((x[$0] - mean) * inverse * (gain?[$0] ?? 1)) + (bias?[$0] ?? 0) }
    return (y, mean, inverse)
  }

  @Test(arguments: KernelSet.available, [false, true])
  func forwardAndBackward(_ set: KernelSet, _ affine: Bool) {
    var generator = TestGenerator(seed: 71)
    let rows = 4
    for columns in [2, 3, 8, 15, 16, 17, 33, 50, 130] {
      let (ldx, ldy) = (columns + 1, columns + 2)
      let x = generator.matrix(rows, columns, leadingDimension: ldx, in: 1...4)
      let gain = generator.values(columns, in: 0.5...2)
      let bias = generator.values(columns)
      let dy = generator.matrix(rows, columns, leadingDimension: ldy)
      var y = [Float](repeating: .nan, count: rows * ldy)
      var mean = [Float](repeating: 0, count: rows)
      var inverse = mean
      var dx = y
      var dgain = generator.values(columns)
      var dbias = generator.values(columns)
      var expectedGain = doubles(dgain)
      var expectedBias = doubles(dbias)
      if affine {
        set.kernels.layer_norm(
          rows, columns, x, ldx, gain, bias, 1e-5, &y, ldy, &mean, &inverse)
        set.kernels.layer_norm_backward(
          rows, columns, x, ldx, gain, mean, inverse, dy, ldy, &dx, ldy, &dgain, &dbias)
      } else {
        set.kernels.layer_norm(rows, columns, x, ldx, nil, nil, 1e-5, &y, ldy, &mean, &inverse)
        set.kernels.layer_norm_backward(
          rows, columns, x, ldx, nil, mean, inverse, dy, ldy, &dx, ldy, nil, nil)
      }
      #expect(gapsUntouched(y, columns, leadingDimension: ldy))
      #expect(gapsUntouched(dx, columns, leadingDimension: ldy))

      for row in 0..<rows {
        let values = doubles(Array(x[row * ldx..<row * ldx + columns]))
        let g = doubles(Array(dy[row * ldy..<row * ldy + columns]))
        let gains = affine ? doubles(gain) : nil
        let biases = affine ? doubles(bias) : nil
        func loss(_ x: [Double]) -> Double {
          zip(Self.normalized(x, gain: gains, bias: biases, epsilon: 1e-5).y, g)
            .reduce(0) { $0 + $1.0 * $1.1 }
        }
        let expected = Self.normalized(values, gain: gains, bias: biases, epsilon: 1e-5)
        #expect(greatestError(Array(y[row * ldy..<row * ldy + columns]), expected.y) < 2e-5)
        #expect(
          greatestError([mean[row], inverse[row]], [expected.mean, expected.inverse]) < 1e-5)
        #expect(
          greatestError(
            Array(dx[row * ldy..<row * ldy + columns]), differences(of: loss, at: values)) < 1e-4)
        for column in 0..<columns {
          expectedGain[column] += g[column] * (values[column] - expected.mean) * expected.inverse
          expectedBias[column] += g[column]
        }
      }
      if affine {
        #expect(greatestError(dgain, expectedGain) < 2e-5)
        #expect(greatestError(dbias, expectedBias) < 1e-5)
      }
    }
  }
}
