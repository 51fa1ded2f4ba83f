import CReelKernels
import Testing

/// The remaining elementwise kernels, each against its equation, for lengths with every tail.
@Suite struct ElementwiseTests {
  typealias Unary = (Int, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void
  typealias Binary = (
    Int, UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?
  ) -> Void

  static let lengths = Array(0...35) + [64, 100, 1001]

  @Test(arguments: KernelSet.available)
  func unary(_ set: KernelSet) {
    let k = set.kernels
    let functions: [(Unary, (Double) -> Double)] = [
      (k.square_root, { $0.squareRoot() }),
      (k.rectify, { max($0, 0) }),
      ({ k.scale_add($0, 0.3, -1.5, $1, $2) }, { 0.3 * $0 - 1.5 }),
    ]
    var generator = TestGenerator(seed: 41)
    for (index, (kernel, function)) in functions.enumerated() {
      for n in Self.lengths {
        let x = generator.values(n, in: index == 0 ? 0...9 : -3...3)
        var y = [Float](repeating: .nan, count: n + 1)
        kernel(n, x, &y)
        #expect(y[n].isNaN)
        #expect(greatestError(Array(y[..<n]), x.map { function(Double($0)) }) < 1e-6)
      }
    }
    var edges: [Float] = [.nan, -.infinity, .infinity, -2]
    edges.withUnsafeMutableBufferPointer {
      k.rectify(4, UnsafePointer($0.baseAddress!), $0.baseAddress!)
    }
    #expect(edges[0].isNaN && Array(edges[1...]) == [0, .infinity, 0])
  }

  @Test(arguments: KernelSet.available)
  func binary(_ set: KernelSet) {
    let k = set.kernels
    let functions: [(Binary, (Double, Double) -> Double)] = [
      (k.add, { $0 + $1 }),
      (k.subtract, { $0 - $1 }),
      (k.multiply, { $0 * $1 }),
      (k.divide, { $0 / $1 }),
      (k.hyperbolic_tangent_backward, { $1 * (1 - $0 * $0) }),
      (k.sigmoid_backward, { $1 * $0 * (1 - $0) }),
      (k.rectify_backward, { $0 > 0 ? $1 : 0 }),
    ]
    var generator = TestGenerator(seed: 42)
    for (kernel, function) in functions {
      for n in Self.lengths {
        let a = generator.values(n, in: -2...2)
        let b = generator.values(n, in: 0.5...2)
        var y = [Float](repeating: .nan, count: n + 1)
        kernel(n, a, b, &y)
        #expect(y[n].isNaN)
        let expected = zip(a, b).map { function(Double($0), Double($1)) }
        #expect(greatestError(Array(y[..<n]), expected) < 1e-6)
        // The result in the place of the second operand.
        var inPlace = b
        inPlace.withUnsafeMutableBufferPointer {
          kernel(n, a, $0.baseAddress.map { UnsafePointer($0) }, $0.baseAddress)
        }
        #expect(identical(inPlace, Array(y[..<n])))
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func accumulating(_ set: KernelSet) {
    let k = set.kernels
    var generator = TestGenerator(seed: 43)
    for n in Self.lengths {
      let a = generator.values(n)
      let b = generator.values(n)
      let start = generator.values(n)
      var y = start
      k.add_scaled(n, -0.7, a, &y)
      #expect(greatestError(y, zip(start, a).map { Double($0) - 0.7 * Double($1) }) < 1e-6)
      y = start
      k.multiply_add(n, a, b, &y)
      let expected = start.indices.map { Double(start[$0]) + Double(a[$0]) * Double(b[$0]) }
      #expect(greatestError(y, expected) < 1e-6)
    }
  }
}
