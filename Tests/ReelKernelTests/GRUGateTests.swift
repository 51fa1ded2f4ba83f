import CReelKernels
import Foundation
import Testing

/// One step of the GRU against a Double loop over the equations and its finite differences.
@Suite struct GRUGateTests {
  /// One unit: pre-activations r, z, n, the candidate u, and the previous hidden value.
  static func unit(_ a: [Double], _ u: Double, _ previous: Double) -> (
    gates: [Double], h: Double
  ) {
    let r = 1 / (1 + exp(-a[0]))
    let z = 1 / (1 + exp(-a[1]))
    let n = tanh(a[2] + r * u)
    return ([r, z, n], (1 - z) * n + z * previous)
  }

  @Test(arguments: KernelSet.available)
  func forwardAndBackward(_ set: KernelSet) {
    var generator = TestGenerator(seed: 101)
    let rows = 3
    for hidden in [1, 5, 16, 37] {
      let ldg = 3 * hidden + 2
      let ld = hidden + 3
      let a = generator.matrix(rows, 3 * hidden, leadingDimension: ldg, in: -2...2)
      let u = generator.matrix(rows, hidden, leadingDimension: ld)
      let previous = generator.matrix(rows, hidden, leadingDimension: ld)
      let dh = generator.matrix(rows, hidden, leadingDimension: ld)
      var gates = a
      var h = [Float](repeating: .nan, count: rows * ld)
      set.kernels.gru_forward(
        rows, hidden, hidden, REEL_GATES_KEPT, &gates, ldg, u, ld, previous, ld, &h, ld)
      var shared = previous
      var again = a
      shared.withUnsafeMutableBufferPointer {
        set.kernels.gru_forward(
          rows, hidden, hidden, REEL_GATES_DROPPED, &again, ldg, u, ld,
          UnsafePointer($0.baseAddress!), ld, $0.baseAddress!, ld)
      }
      #expect(
        identical(
          packedRows(shared, rows, hidden, leadingDimension: ld),
          packedRows(h, rows, hidden, leadingDimension: ld)), "hidden in place, gates dropped")
      let activated = gates
      var candidate = u
      var dhidden = dh
      set.kernels.gru_backward(
        rows, hidden, hidden, &gates, ldg, &candidate, ld, previous, ld, &dhidden, ld)

      for row in 0..<rows {
        for unit in 0..<hidden {
          let at = row * ld + unit
          let pre = (0..<3).map { Double(a[row * ldg + $0 * hidden + unit]) }
          let forward = Self.unit(pre, Double(u[at]), Double(previous[at]))
          let actual = (0..<3).map { activated[row * ldg + $0 * hidden + unit] }
          #expect(greatestError(actual + [h[at]], forward.gates + [forward.h]) < 2e-6)

          let gradient = differences(
            of: { Self.unit(Array($0[0..<3]), $0[3], $0[4]).h * Double(dh[at]) },
            at: pre + [Double(u[at]), Double(previous[at])])
          let actualGradient =
            (0..<3).map { gates[row * ldg + $0 * hidden + unit] } + [candidate[at], dhidden[at]]
          #expect(greatestError(actualGradient, gradient) < 2e-6)
        }
      }
      expectSameInParts(
        set, rows, hidden, (a, u, previous, dh), whole: [activated, h, gates, candidate, dhidden])
      #expect(gapsUntouched(gates, 3 * hidden, leadingDimension: ldg))
      for buffer in [h, candidate, dhidden] {
        #expect(gapsUntouched(buffer, hidden, leadingDimension: ld))
      }
    }
  }

  /// Some units after the others give the bits of all at once.
  private func expectSameInParts(
    _ set: KernelSet, _ rows: Int, _ hidden: Int,
    _ start: (a: [Float], u: [Float], previous: [Float], dh: [Float]), whole: [[Float]]
  ) {
    let (ldg, ld) = (start.a.count / rows, start.u.count / rows)
    let parts = [hidden / 3..<hidden, 0..<hidden / 3]
    let (gates, u) = (FloatBuffer(start.a), FloatBuffer(start.u))
    let (previous, dh) = (FloatBuffer(start.previous), FloatBuffer(start.dh))
    let h = FloatBuffer([Float](repeating: .nan, count: rows * ld))
    for units in parts {
      let first = units.lowerBound
      set.kernels.gru_forward(
        rows, units.count, hidden, REEL_GATES_KEPT, gates.pointer + first, ldg, u.pointer + first,
        ld, previous.pointer + first, ld, h.pointer + first, ld)
    }
    let activated = gates.values
    for units in parts {
      let first = units.lowerBound
      set.kernels.gru_backward(
        rows, units.count, hidden, gates.pointer + first, ldg, u.pointer + first, ld,
        previous.pointer + first, ld, dh.pointer + first, ld)
    }
    for (part, whole) in zip(
      [activated, h.values, gates.values, u.values, dh.values], whole)
    {
      #expect(identical(part, whole), "\(set.name), \(hidden) units in two parts")
    }
  }
}
