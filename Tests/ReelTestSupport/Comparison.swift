import ReelTensor

/// What differs between a result and what was expected of it, in one line; nil when nothing does.
///
/// A value may be off by `tolerance` times the larger of its own magnitude and the root mean
/// square of all expected values (sums of terms that cancel keep the error of the terms).
package func difference(
  _ actual: Tensor, _ expected: DoubleTensor, tolerance: Double, what: String
) -> String? {
  guard actual.shape == expected.shape else {
    return "\(what): shape \(actual.shape), expected \(expected.shape)"
  }
  let meanSquare =
    expected.values.reduce(0) { $0 + ($1.isFinite ? $1 * $1 : 0) }
    / Double(max(expected.count, 1))
  let scale = meanSquare.squareRoot()
  for (index, (came, wanted)) in zip(actual.values, expected.values).enumerated() {
    if wanted.isNaN && came.isNaN || Double(came) == wanted { continue }
    let error = abs(Double(came) - wanted)
    if !(error <= tolerance * max(abs(wanted), scale, 1e-3)) {
      return "\(what) \(actual.shape): value \(index) is \(came), expected \(wanted)"
    }
  }
  return nil
}

/// The bits of every value, for "the same bytes".
package func bits(_ tensor: Tensor) -> [UInt32] { tensor.values.map(\.bitPattern) }

extension Tensor {
  /// Where the values lie: the same address before and after means that nothing was copied.
  package var address: UInt { withUnsafeValues { UInt(bitPattern: $0.baseAddress) } }
}
