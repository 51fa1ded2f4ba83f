import CReelKernels
import Foundation
import Testing

/// exp, tanh, the logistic function and log against the Double functions.
@Suite struct FunctionTests {
  enum Function: CaseIterable {
    case exponential, hyperbolicTangent, sigmoid, logarithm

    func expected(_ x: Double) -> Double {
      switch self {
      case .exponential: exp(x)
      case .hyperbolicTangent: tanh(x)
      case .sigmoid: x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x))
      case .logarithm: log(x)
      }
    }

    func apply(_ set: KernelSet, _ x: [Float]) -> [Float] {
      var y = [Float](repeating: 0, count: x.count)
      switch self {
      case .exponential: set.kernels.exponential(x.count, x, &y)
      case .hyperbolicTangent: set.kernels.hyperbolic_tangent(x.count, x, &y)
      case .sigmoid: set.kernels.sigmoid(x.count, x, &y)
      case .logarithm: set.kernels.logarithm(x.count, x, &y)
      }
      return y
    }
  }

  /// Bit patterns over all floats, more of them in the ranges that matter, and the edges.
  static let samples: [Float] = {
    var samples: [Float] = [
      0, -0.0, 1, -1, .infinity, -.infinity, .nan, 100, -100, 88.72283, 88.72284, -103.97208,
      -103.97209, -87.33655, -87.3366, -150, 150, 9.01, 0.5, 0.34657, 0.17328, 1.1e-19,
      .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude,
      .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
    ]
    var pattern: UInt64 = 0
    while pattern <= UInt64(UInt32.max) {
      samples.append(Float(bitPattern: UInt32(pattern)))
      pattern += 42_949
    }
    var generator = TestGenerator(seed: 31)
    samples += generator.values(40_000, in: -1...1)
    samples += generator.values(40_000, in: -10...10)
    samples += generator.values(20_000, in: -106...90)
    samples += generator.values(20_000, in: 0...3)
    return samples
  }()

  /// The error in units in the last place of the result; subnormal results have a fixed unit.
  static func units(_ actual: Float, _ expected: Double) -> Double {
    let rounded = Float(expected)
    if rounded.isNaN || actual.isNaN { return rounded.isNaN && actual.isNaN ? 0 : .infinity }
    if rounded.isInfinite || actual.isInfinite {
      // Beyond the greatest float, both it and infinity are one unit away at most.
      return rounded == actual || abs(expected) > 3.4028e38 && abs(actual) > 3.4028e38
        ? 0 : .infinity
    }
    return abs(Double(actual) - expected) / Double(rounded.ulp)
  }

  @Test(arguments: KernelSet.available, Function.allCases)
  func withinTwoUnits(_ set: KernelSet, _ function: Function) {
    let y = function.apply(set, Self.samples)
    var worst = 0.0
    var place: Float = 0
    for (x, value) in zip(Self.samples, y) {
      let error = Self.units(value, function.expected(Double(x)))
      if error > worst { (worst, place) = (error, x) }
    }
    #expect(worst <= 2, "\(set.name) \(function): \(worst) units at \(place)")
  }

  @Test(arguments: KernelSet.available)
  func edges(_ set: KernelSet) {
    let tanh = Function.hyperbolicTangent.apply(set, [-0.0, 0, .infinity, -.infinity, 50, -50])
    #expect(tanh[0] == 0 && tanh[0].sign == .minus)
    #expect(tanh[1].sign == .plus)
    #expect(Array(tanh[2...]) == [1, -1, 1, -1])
    let exp = Function.exponential.apply(set, [0, -100, 100, -.infinity, .infinity])
    #expect(exp == [1, Float(Foundation.exp(-100.0)), .infinity, 0, .infinity])
    let sigmoid = Function.sigmoid.apply(set, [0, -100, 100, -.infinity, .infinity])
    #expect(sigmoid == [0.5, Float(Foundation.exp(-100.0)), 1, 0, 1])
    let log = Function.logarithm.apply(set, [1, 0, -0.0, .infinity])
    #expect(log == [0, -.infinity, -.infinity, .infinity])
    #expect(Function.logarithm.apply(set, [-1, -.infinity]).allSatisfy { $0.isNaN })
  }

  /// A value's result does not depend on where in a buffer it stands, nor on the buffer's length.
  @Test(arguments: KernelSet.available, Function.allCases)
  func positionDoesNotMatter(_ set: KernelSet, _ function: Function) {
    var generator = TestGenerator(seed: 32)
    let x = generator.values(120, in: -6...6)
    let whole = function.apply(set, x)
    for start in 0..<18 {
      for count in 1...37 {
        let part = function.apply(set, Array(x[start..<start + count]))
        #expect(
          zip(part, whole[start...]).allSatisfy { $0.bitPattern == $1.bitPattern || $0.isNaN })
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func inPlace(_ set: KernelSet) {
    var generator = TestGenerator(seed: 33)
    let x = generator.values(53)
    let expected = Function.sigmoid.apply(set, x)
    var y = x
    y.withUnsafeMutableBufferPointer {
      set.kernels.sigmoid($0.count, UnsafePointer($0.baseAddress!), $0.baseAddress!)
    }
    #expect(identical(y, expected))
  }
}
