import CReelKernels
import Foundation
import Testing

@Suite struct RNNGateTests {
  @Test(arguments: KernelSet.available, [false, true])
  func forwardAndBackward(_ set: KernelSet, _ rectified: Bool) {
    var generator = TestGenerator(seed: 81)
    let rows = 3
    for hidden in [1, 5, 16, 37] {
      let (ldg, ldh) = (hidden + 2, hidden + 3)
      let a = generator.matrix(rows, hidden, leadingDimension: ldg, in: -2...2)
      let dh = generator.matrix(rows, hidden, leadingDimension: ldh)
      var gates = a
      var h = [Float](repeating: .nan, count: rows * ldh)
      set.kernels.rnn_forward(
        rows, hidden, rectified, REEL_GATES_KEPT, &gates, ldg, &h, ldh)
      let expected = packedRows(a, rows, hidden, leadingDimension: ldg)
        .map { rectified ? max(Double($0), 0) : tanh(Double($0)) }
      #expect(
        greatestError(packedRows(gates, rows, hidden, leadingDimension: ldg), expected) < 1e-6)
      #expect(
        identical(
          packedRows(h, rows, hidden, leadingDimension: ldh),
          packedRows(gates, rows, hidden, leadingDimension: ldg)))
      var (left, again) = (a, [Float](repeating: .nan, count: rows * ldh))
      set.kernels.rnn_forward(
        rows, hidden, rectified, REEL_GATES_DROPPED, &left, ldg, &again, ldh)
      #expect(identical(again.map { $0.isNaN ? 0 : $0 }, h.map { $0.isNaN ? 0 : $0 }), "dropped")

      set.kernels.rnn_backward(rows, hidden, rectified, &gates, ldg, dh, ldh)
      let gradient = zip(expected, packedRows(dh, rows, hidden, leadingDimension: ldh))
        .map { h, d in rectified ? (h > 0 ? Double(d) : 0) : Double(d) * (1 - h * h) }
      #expect(
        greatestError(packedRows(gates, rows, hidden, leadingDimension: ldg), gradient) < 1e-6)
      // Some units after the others give the bits of all at once.
      let (parts, hParts) = (FloatBuffer(a), FloatBuffer([Float](repeating: .nan, count: h.count)))
      let gradients = FloatBuffer(dh)
      for units in [hidden / 3..<hidden, 0..<hidden / 3] {
        let first = units.lowerBound
        set.kernels.rnn_forward(
          rows, units.count, rectified, REEL_GATES_KEPT, parts.pointer + first, ldg,
          hParts.pointer + first, ldh)
        set.kernels.rnn_backward(
          rows, units.count, rectified, parts.pointer + first, ldg, gradients.pointer + first, ldh)
      }
      #expect(identical(parts.values, gates) && identical(hParts.values, h), "in two parts")
      #expect(gapsUntouched(gates, hidden, leadingDimension: ldg))
      #expect(gapsUntouched(h, hidden, leadingDimension: ldh))
    }
  }
}
