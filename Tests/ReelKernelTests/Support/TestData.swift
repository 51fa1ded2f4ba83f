import Testing

/// SplitMix64 (Steele, Lea, Flood 2014): the same data in every run.
struct TestGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func values(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }

  /// A row-major matrix whose rows start `leadingDimension` apart. The gaps hold NaN, which spoils
  /// every result that reads them.
  mutating func matrix(
    _ rows: Int, _ columns: Int, leadingDimension: Int, in range: ClosedRange<Float> = -1...1
  ) -> [Float] {
    var result = [Float](repeating: .nan, count: rows * leadingDimension)
    for row in 0..<rows {
      for column in 0..<columns {
        result[row * leadingDimension + column] = Float.random(in: range, using: &self)
      }
    }
    return result
  }
}

/// The rows of a matrix without their gaps.
func packedRows(_ values: [Float], _ rows: Int, _ columns: Int, leadingDimension: Int) -> [Float] {
  (0..<rows).flatMap { row in
    values[row * leadingDimension..<row * leadingDimension + columns]
  }
}

/// True where every gap between the rows still holds NaN.
func gapsUntouched(_ values: [Float], _ columns: Int, leadingDimension: Int) -> Bool {
  values.indices.allSatisfy { $0 % leadingDimension < columns || values[$0].isNaN }
}

/// The greatest of |actual − expected| / (1 + |expected|).
func greatestError(_ actual: [Float], _ expected: [Double]) -> Double {
  precondition(actual.count == expected.count, "\(actual.count) values, \(expected.count) expected")
  var greatest = 0.0
  for (a, e) in zip(actual, expected) {
    let error = abs(Double(a) - e) / (1 + abs(e))
    if !(error <= greatest) { greatest = error.isNaN ? .infinity : error }
  }
  return greatest
}

/// The same bits, one by one.
func identical(_ a: [Float], _ b: [Float]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern }
}

func doubles(_ values: [Float]) -> [Double] { values.map(Double.init) }

/// The gradient of `function` by central differences.
func differences(
  of function: ([Double]) -> Double, at point: [Double], step: Double = 1e-5
) -> [Double] {
  point.indices.map { index in
    var moved = point
    moved[index] = point[index] + step
    let above = function(moved)
    moved[index] = point[index] - step
    return (above - function(moved)) / (2 * step)
  }
}
