import ReelTensor
import Testing

/// The largest difference, as a share of the largest expected value.
func relativeError(_ came: [Float], _ expected: [Double]) -> Double {
  let scale = expected.reduce(0) { max($0, abs($1)) }
  var worst = 0.0
  for (a, b) in zip(came, expected) {
    let difference = abs(Double(a) - b)
    if !(difference <= worst) { worst = difference }  // a NaN counts as the worst
  }
  return worst == 0 ? 0 : worst / max(scale, 1e-30)
}

func expectClose(
  _ came: Tensor?, _ expected: Tensor, _ name: String, within tolerance: Double = 1e-5,
  location: SourceLocation = #_sourceLocation
) {
  expectClose(
    came, shape: expected.shape, expected.values.map(Double.init), name, within: tolerance,
    location: location)
}

func expectClose(
  _ came: Tensor?, shape: [Int], _ expected: [Double], _ name: String,
  within tolerance: Double = 1e-5, location: SourceLocation = #_sourceLocation
) {
  guard let came else {
    Issue.record("\(name): nothing came, shape \(shape) expected", sourceLocation: location)
    return
  }
  #expect(came.shape == shape, "\(name)", sourceLocation: location)
  guard came.count == expected.count else { return }
  let error = relativeError(came.values, expected)
  #expect(error <= tolerance, "\(name): relative error \(error)", sourceLocation: location)
}

/// The same bits, so that NaN equals NaN and 0 does not equal −0.
func expectSameBytes(
  _ came: Tensor?, _ expected: Tensor?, _ name: String, location: SourceLocation = #_sourceLocation
) {
  #expect(came?.shape == expected?.shape, "\(name)", sourceLocation: location)
  let equal = came?.values.map(\.bitPattern) == expected?.values.map(\.bitPattern)
  #expect(equal, "\(name): other bytes", sourceLocation: location)
}
