import CReelKernels
import Foundation
import Testing

/// Activations, their gradients, and what works on the channels of a row.
@Suite struct ActivationKernelTests {
  static let functions: [(kind: Int32, a: Double, b: Double, f: @Sendable (Double) -> Double)] = [
    (Int32(REEL_LEAKY_RELU), 0.2, 0, { $0 > 0 ? $0 : Double(Float(0.2)) * $0 }),
    (Int32(REEL_ELU), 0.7, 0, { $0 > 0 ? $0 : Double(Float(0.7)) * expm1($0) }),
    (Int32(REEL_GELU), 0, 0, { $0 * 0.5 * erfc(-$0 / 2.0.squareRoot()) }),
    (
      Int32(REEL_GELU_TANH), 0, 0,
      { 0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }
    ),
    (Int32(REEL_SILU), 0, 0, { $0 / (1 + exp(-$0)) }),
    (Int32(REEL_SOFTPLUS), 0, 0, { $0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0)) }),
    (Int32(REEL_SCALED_TANH), 1.7159, 2.0 / 3, { 1.7159 * tanh(2 * $0 / 3) }),
  ]

  @Test(arguments: KernelSet.available) func valuesAndGradients(_ set: KernelSet) {
    var generator = TestGenerator(seed: 411)
    for (kind, a, b, f) in Self.functions {
      for n in Array(0...19) + [33, 64, 1000] {
        let x = generator.values(n, in: -9...9).map { abs($0) < 0.01 ? 0.5 : $0 }
        let dy = generator.values(n)
        var y = [Float](repeating: .nan, count: n + 1)
        set.kernels.activate(kind, n, Float(a), Float(b), x, &y)
        #expect(y[n].isNaN)
        #expect(greatestError(Array(y[..<n]), x.map { f(Double($0)) }) < 1e-6, "\(kind)")
        var dx = [Float](repeating: .nan, count: n + 1)
        set.kernels.activate_backward(kind, n, Float(a), Float(b), x, dy, &dx)
        #expect(dx[n].isNaN)
        let slopes = x.map { (f(Double($0) + 1e-6) - f(Double($0) - 1e-6)) / 2e-6 }
        let expected = zip(slopes, dy).map { $0 * Double($1) }
        #expect(greatestError(Array(dx[..<n]), expected) < 2e-6, "\(kind)")
        // In place.
        var inPlace = x
        inPlace.withUnsafeMutableBufferPointer {
          set.kernels.activate(kind, n, Float(a), Float(b), $0.baseAddress, $0.baseAddress)
        }
        #expect(identical(inPlace, Array(y[..<n])))
      }
      let edge: [Float] = [.nan]
      var y: [Float] = [0]
      set.kernels.activate(kind, 1, Float(a), Float(b), edge, &y)
      #expect(y[0].isNaN, "\(kind) of NaN")
    }
  }

  @Test(arguments: KernelSet.available) func learnedSlopes(_ set: KernelSet) {
    var generator = TestGenerator(seed: 412)
    for (rows, columns) in [(0, 4), (1, 1), (3, 17), (7, 70), (2, 64)] {
      let (x, dy) = (generator.values(rows * columns), generator.values(rows * columns))
      let (slopes, start) = (generator.values(columns), generator.values(columns))
      var (y, dx) = (x, x)
      set.kernels.parametric_rectify(rows, columns, slopes, x, &y)
      var dslopes = start
      set.kernels.parametric_rectify_backward(rows, columns, slopes, x, dy, &dx, &dslopes)
      var sums = doubles(start)
      var (values, gradients) = ([Double](), [Double]())
      for place in x.indices {
        let (v, slope) = (Double(x[place]), Double(slopes[place % columns]))
        values.append(v > 0 ? v : slope * v)
        gradients.append(Double(dy[place]) * (v > 0 ? 1 : slope))
        sums[place % columns] += v > 0 ? 0 : v * Double(dy[place])
      }
      #expect(greatestError(y, values) < 1e-6 && greatestError(dx, gradients) < 1e-6)
      #expect(greatestError(dslopes, sums) < 1e-6)
    }
  }

  @Test(arguments: KernelSet.available) func groups(_ set: KernelSet) {
    var generator = TestGenerator(seed: 413)
    for (rows, groups, size) in [(0, 2, 2), (3, 4, 2), (2, 7, 3), (5, 1, 9), (4, 5, 1)] {
      var x = generator.values(rows * groups * size)
      if !x.isEmpty { x[x.count - 1] = .nan }
      var y = [Float](repeating: 0, count: rows * groups)
      var chosen = [Int32](repeating: -1, count: rows * groups)
      set.kernels.grouped_maximum(rows, groups, size, x, &y, &chosen)
      for place in 0..<rows * groups {
        let group = Array(x[place * size..<(place + 1) * size])
        #expect(group.contains { $0.isNaN } ? y[place].isNaN : y[place] == group.max())
        #expect(identical([group[Int(chosen[place])]], [y[place]]))
      }
    }
  }

  @Test(arguments: KernelSet.available) func localResponse(_ set: KernelSet) {
    var generator = TestGenerator(seed: 414)
    let (alpha, beta, bias): (Float, Float, Float) = (0.3, 0.75, 1.5)
    for (rows, columns, before, after) in [
      (0, 3, 2, 2), (3, 1, 2, 2), (2, 17, 2, 1), (1, 40, 0, 0), (2, 3, 5, 5), (1, 64, 2, 2),
    ] {
      let (x, dy) = (generator.values(rows * columns), generator.values(rows * columns))
      func value(_ x: [Double]) -> [Double] {
        x.indices.map { place in
          let (row, column) = (place / columns, place % columns)
          let window = max(0, column - before)...min(columns - 1, column + after)
          let sum = window.reduce(0) { $0 + x[row * columns + $1] * x[row * columns + $1] }
          return x[place] * pow(Double(bias) + Double(alpha) * sum, -Double(beta))
        }
      }
      var scratch = [Float](repeating: .nan, count: 2 * columns + before + after + 1)
      var (y, dx) = (x, x)
      set.kernels.local_response(
        rows, columns, before, after, alpha, beta, bias, x, &y, &scratch)
      #expect(greatestError(y, value(doubles(x))) < 1e-6)
      set.kernels.local_response_backward(
        rows, columns, before, after, alpha, beta, bias, x, dy, &dx, &scratch)
      let expected = differences(
        of: { zip(value($0), dy).reduce(0) { $0 + $1.0 * Double($1.1) } }, at: doubles(x))
      #expect(greatestError(dx, expected) < 2e-6)
    }
  }
}
