/// A setting out of range. The description is one line that quotes what came and what was expected.
public struct ConfigurationError: Error, CustomStringConvertible, Sendable, Equatable {
  public let description: String
  public init(_ description: String) { self.description = description }

  static func check(_ name: String, _ value: Int, in range: ClosedRange<Int>) throws {
    guard !range.contains(value) else { return }
    let expected =
      range.upperBound == .max
      ? "a number of at least \(range.lowerBound)"
      : "a number from \(range.lowerBound) to \(range.upperBound)"
    throw ConfigurationError("\(name) \(value): \(expected) is expected")
  }

  /// `isGood` is not asked about NaN and infinity, which no setting may be.
  static func check<Value: BinaryFloatingPoint>(
    _ name: String, _ value: Value, _ expected: String, _ isGood: (Value) -> Bool
  ) throws {
    guard !(value.isFinite && isGood(value)) else { return }
    throw ConfigurationError("\(name) \(value): \(expected) is expected")
  }

  static func checkDropout(_ name: String, _ probability: Float) throws {
    try check(name, probability, "a number of at least 0 and below 1") { $0 >= 0 && $0 < 1 }
  }
}
