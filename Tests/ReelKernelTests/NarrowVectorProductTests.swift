import CReelKernels
import Testing

/// Products with weights of 16 and of 8 bits.
@Suite struct NarrowVectorProductTests {
  private static var shapes: [(n: Int, k: Int)] {
    [(0, 4), (5, 0), (1, 1), (65, 512), (33, 1000), (9, 4096), (8, 4099), (19, 256)]
      + (1...20).map { ($0, 3 * $0 + 1) } + (1...70).map { (11, $0) }
  }

  /// bfloat16 is the upper half of a Float: the bits are those of the product with these Floats.
  @Test(arguments: KernelSet.available)
  func halvesGiveTheBitsOfTheirFloats(_ set: KernelSet) {
    var generator = TestGenerator(seed: 23)
    for (n, k) in Self.shapes {
      let ldw = k + Int.random(in: 0...4, using: &generator)
      let halves = generator.values(n * ldw).map { UInt16($0.bitPattern >> 16) }
      let floats = halves.map { Float(bitPattern: UInt32($0) << 16) }
      let (x, bias, start) = (generator.values(k), generator.values(n), generator.values(n))
      for accumulate in [false, true] {
        var (y, expected) = (start, start)
        set.kernels.multiply_vector_bfloat16(n, k, halves, ldw, x, bias, &y, accumulate)
        set.kernels.multiply_vector(n, k, floats, ldw, x, bias, &expected, accumulate)
        #expect(identical(y, expected), "\(set.name) n \(n), k \(k)")
      }
    }
  }

  /// The sum is one of integers, so every instruction set gives the bits of this loop.
  @Test(arguments: KernelSet.available)
  func integersAreSummedExactly(_ set: KernelSet) {
    var generator = TestGenerator(seed: 24)
    for (n, k) in Self.shapes {
      let ldw = k + Int.random(in: 0...4, using: &generator)
      // The largest magnitudes there are, too.
      let w = (0..<n * ldw).map { _ in
        Bool.random(using: &generator) ? Int8(-128) : Int8.random(in: -128...127, using: &generator)
      }
      let x = (0..<k).map { _ in
        Bool.random(using: &generator)
          ? Int16(-32767) : Int16.random(in: -32767...32767, using: &generator)
      }
      let (scales, bias, start) = (generator.values(n), generator.values(n), generator.values(n))
      for accumulate in [false, true] {
        var y = start
        set.kernels.multiply_vector_int8(n, k, w, ldw, scales, x, 0.375, bias, &y, accumulate)
        let expected = (0..<n).map { row in
          var sum = 0
          for l in 0..<k { sum += Int(w[row * ldw + l]) * Int(x[l]) }
          let value = Float(sum) * (scales[row] * 0.375) + bias[row]
          return accumulate ? value + start[row] : value
        }
        #expect(identical(y, expected), "\(set.name) n \(n), k \(k)")
      }
    }
  }

  /// No sum overflows.
  @Test(arguments: KernelSet.available)
  func theLargestIntegersAreSummed(_ set: KernelSet) {
    for (k, value) in [(512, -32767), (4096, -32767), (4096, 32767), (4097, -32767)] {
      let w = [Int8](repeating: -128, count: 9 * k)
      var y = [Float](repeating: 0, count: 9)
      set.kernels.multiply_vector_int8(
        9, k, w, k, [Float](repeating: 1, count: 9), [Int16](repeating: Int16(value), count: k), 1,
        nil, &y, false)
      #expect(y == [Float](repeating: Float(-128 * value * k), count: 9), "\(set.name) k \(k)")
    }
  }

  @Test(arguments: KernelSet.available)
  func quantizedIsNearest(_ set: KernelSet) {
    var generator = TestGenerator(seed: 25)
    for count in Array(0...40) + [1000] {
      let x = generator.values(count).map { $0 * 37 }
      let largest = x.map(abs).max() ?? 0
      var q = [Int16](repeating: 77, count: count)
      let scale = set.kernels.quantize(count, x, &q)
      #expect(abs(scale - largest / 32767) <= scale * 1e-6)
      for (value, steps) in zip(x, q) {
        let error = abs(Double(value) - Double(steps) * Double(largest) / 32767)
        #expect(error <= 0.502 * Double(largest) / 32767, "\(set.name): \(value) as \(steps)")
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func quantizedWithoutNumbers(_ set: KernelSet) {
    for trouble in [Float.nan, .infinity, -.infinity] {
      for place in [0, 15, 20] {
        var x = [Float](repeating: 0.5, count: 21)
        x[place] = trouble
        var q = [Int16](repeating: 77, count: 21)
        #expect(set.kernels.quantize(21, x, &q).isNaN)
        #expect(q == [Int16](repeating: 0, count: 21))
      }
    }
    for tiny in [Float(0), .leastNonzeroMagnitude, -1e-36] {
      var q = [Int16](repeating: 77, count: 5)
      #expect(set.kernels.quantize(5, [0, tiny, 0, tiny, 0], &q) == 0)
      #expect(q == [0, 0, 0, 0, 0])
    }
  }
}
