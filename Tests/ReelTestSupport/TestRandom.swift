import ReelTensor

/// Random numbers for test data that do not come from the generator under test: SplitMix64
/// (Steele, Lea and Flood 2014).
package struct TestRandom: RandomNumberGenerator {
  private var state: UInt64

  package init(_ seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Values uniform in `range`; with `avoidingZero` none lies within 0.05 of 0.
  package mutating func tensor(
    _ shape: [Int], in range: ClosedRange<Float> = -1...1, avoidingZero: Bool = false
  ) -> Tensor {
    var values = [Float](repeating: 0, count: shape.reduce(1, *))
    for index in values.indices {
      repeat {
        values[index] = Float.random(in: range, using: &self)
      } while avoidingZero && abs(values[index]) < 0.05
    }
    return Tensor(shape: shape, values: values)
  }

  /// Ids in `range`.
  package mutating func ids(_ count: Int, in range: Range<Int32>) -> [Int32] {
    (0..<count).map { _ in Int32.random(in: range, using: &self) }
  }
}
