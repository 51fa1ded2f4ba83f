import CReelKernels
import Foundation
import Testing

@Suite struct SoftmaxTests {
  static let widths = Array(1...35) + [65, 200]
  static let rows = 3

  static func softmax(_ x: ArraySlice<Float>) -> [Double] {
    let greatest = Double(x.max() ?? 0)
    let e = x.map { exp(Double($0) - greatest) }
    let sum = e.reduce(0, +)
    return e.map { $0 / sum }
  }

  static func slice(_ values: [Float], _ row: Int, _ columns: Int, _ ld: Int) -> ArraySlice<Float> {
    values[row * ld..<row * ld + columns]
  }

  @Test(arguments: KernelSet.available)
  func forward(_ set: KernelSet) {
    var generator = TestGenerator(seed: 61)
    for columns in Self.widths {
      let (ldx, ldy) = (columns + 2, columns + 3)
      let x = generator.matrix(Self.rows, columns, leadingDimension: ldx, in: -20...20)
      var y = [Float](repeating: .nan, count: Self.rows * ldy)
      var z = y
      set.kernels.softmax(Self.rows, columns, x, ldx, &y, ldy)
      set.kernels.log_softmax(Self.rows, columns, x, ldx, &z, ldy)
      let expected = (0..<Self.rows).flatMap { Self.softmax(Self.slice(x, $0, columns, ldx)) }
      #expect(
        greatestError(packedRows(y, Self.rows, columns, leadingDimension: ldy), expected) < 1e-6)
      #expect(
        greatestError(
          packedRows(z, Self.rows, columns, leadingDimension: ldy), expected.map { log($0) })
          < 1e-6)
      #expect(gapsUntouched(y, columns, leadingDimension: ldy))
      #expect(gapsUntouched(z, columns, leadingDimension: ldy))
    }
  }

  @Test(arguments: KernelSet.available)
  func greatAndMaskedScores(_ set: KernelSet) {
    var y = [Float](repeating: 0, count: 4)
    set.kernels.softmax(1, 4, [3e38, -.infinity, 3e38, -3e38], 4, &y, 4)
    #expect(y == [0.5, 0, 0.5, 0])
    set.kernels.log_softmax(1, 4, [1e30, -.infinity, 0, 0], 4, &y, 4)
    #expect(y[0] == 0 && y[1] == -.infinity)
  }

  @Test(arguments: KernelSet.available)
  func backward(_ set: KernelSet) {
    var generator = TestGenerator(seed: 62)
    for columns in Self.widths {
      let x = generator.values(Self.rows * columns, in: -3...3)
      let dy = generator.values(Self.rows * columns)
      var y = [Float](repeating: 0, count: x.count)
      var z = y
      var dx = y
      set.kernels.softmax(Self.rows, columns, x, columns, &y, columns)
      set.kernels.log_softmax(Self.rows, columns, x, columns, &z, columns)
      set.kernels.softmax_backward(Self.rows, columns, y, dy, &dx)
      var dz = dy
      dz.withUnsafeMutableBufferPointer {
        set.kernels.log_softmax_backward(
          Self.rows, columns, z, UnsafePointer($0.baseAddress!), $0.baseAddress!)
      }
      for row in 0..<Self.rows {
        let p = Self.softmax(Self.slice(x, row, columns, columns))
        let g = doubles(Array(Self.slice(dy, row, columns, columns)))
        let mean = zip(p, g).reduce(0) { $0 + $1.0 * $1.1 }
        let total = g.reduce(0, +)
        let part = row * columns..<(row + 1) * columns
        #expect(greatestError(Array(dx[part]), zip(p, g).map { $0 * ($1 - mean) }) < 1e-6)
        #expect(greatestError(Array(dz[part]), zip(p, g).map { $1 - $0 * total }) < 1e-5)
      }
    }
  }

  @Test(arguments: KernelSet.available, [Float(0), 0.1])
  func crossEntropy(_ set: KernelSet, _ smoothing: Float) {
    var generator = TestGenerator(seed: 63)
    let rows = 5
    for columns in Self.widths {
      let x = generator.values(rows * columns, in: -8...8)
      var targets = (0..<rows).map { _ in Int32.random(in: 0..<Int32(columns), using: &generator) }
      targets[2] = -1
      var losses = [Float](repeating: .nan, count: rows)
      var gradient = [Float](repeating: .nan, count: x.count)
      set.kernels.cross_entropy(rows, columns, x, targets, smoothing, &losses, &gradient)
      let epsilon = Double(smoothing)
      for row in 0..<rows {
        let part = row * columns..<(row + 1) * columns
        let p = Self.softmax(x[part])
        var loss = 0.0
        var expected = [Double](repeating: 0, count: columns)
        if targets[row] >= 0 {
          let target = Int(targets[row])
          let mean = p.reduce(0) { $0 - log($1) } / Double(columns)
          loss = (1 - epsilon) * -log(p[target]) + epsilon * mean
          expected = p.map { $0 - epsilon / Double(columns) }
          expected[target] -= 1 - epsilon
        }
        #expect(greatestError([losses[row]], [loss]) < 2e-6)
        #expect(greatestError(Array(gradient[part]), expected) < 1e-6)
      }
      // Without a gradient, and with the gradient in the place of the scores.
      var alone = losses.map { _ in Float.nan }
      set.kernels.cross_entropy(rows, columns, x, targets, smoothing, &alone, nil)
      #expect(identical(alone, losses))
      var inPlace = x
      inPlace.withUnsafeMutableBufferPointer {
        set.kernels.cross_entropy(
          rows, columns, UnsafePointer($0.baseAddress!), targets, smoothing, &alone,
          $0.baseAddress!)
      }
      #expect(identical(inPlace, gradient) && identical(alone, losses))
    }
  }
}
