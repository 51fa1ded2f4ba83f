import CReelKernels
import Foundation
import Testing

/// One step of the LSTM against a Double loop over the equations and its finite differences.
@Suite struct LSTMGateTests {
  /// One unit: pre-activations i, f, g, o, the previous cell, and the peephole weights i, f, o.
  static func unit(_ a: [Double], _ previous: Double, _ w: [Double]) -> (
    gates: [Double], c: Double, h: Double
  ) {
    func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    let i = logistic(a[0] + w[0] * previous)
    let f = logistic(a[1] + w[1] * previous)
    let g = tanh(a[2])
    let c = f * previous + i * g
    let o = logistic(a[3] + w[2] * c)
    return ([i, f, g, o], c, o * tanh(c))
  }

  @Test(arguments: KernelSet.available, [false, true])
  func forwardAndBackward(_ set: KernelSet, _ peeks: Bool) {
    var generator = TestGenerator(seed: 91)
    let rows = 3
    for hidden in [1, 5, 16, 37] {
      let ldg = 4 * hidden + 2
      let ld = hidden + 3
      let a = generator.matrix(rows, 4 * hidden, leadingDimension: ldg, in: -2...2)
      let previous = generator.matrix(rows, hidden, leadingDimension: ld, in: -1.5...1.5)
      let peephole = peeks ? generator.values(3 * hidden) : nil
      let dh = generator.matrix(rows, hidden, leadingDimension: ld)
      let dc = generator.matrix(rows, hidden, leadingDimension: ld)
      let startOfPeephole = generator.values(3 * hidden)

      var gates = a
      var cell = [Float](repeating: .nan, count: rows * ld)
      var h = cell
      set.kernels.lstm_forward(
        rows, hidden, hidden, peephole, REEL_GATES_KEPT, &gates, ldg, previous, ld, &cell, ld, &h,
        ld)
      let activated = gates
      // The same bits where nobody goes back, and the pre-activations as they were.
      var (left, otherCell, otherHidden) = (a, cell, h)
      for unit in otherCell.indices { (otherCell[unit], otherHidden[unit]) = (.nan, .nan) }
      set.kernels.lstm_forward(
        rows, hidden, hidden, peephole, REEL_GATES_DROPPED, &left, ldg, previous, ld, &otherCell,
        ld, &otherHidden, ld)
      #expect(identical(otherCell, cell) && identical(otherHidden, h) && identical(left, a))
      var dcell = dc
      var dpeephole = startOfPeephole
      set.kernels.lstm_backward(
        rows, hidden, hidden, peephole, &gates, ldg, previous, ld, dh, ld, &dcell, ld,
        &dpeephole)

      var expectedPeephole = doubles(startOfPeephole)
      for row in 0..<rows {
        for unit in 0..<hidden {
          let pre = (0..<4).map { Double(a[row * ldg + $0 * hidden + unit]) }
          let before = Double(previous[row * ld + unit])
          let w = (0..<3).map { Double(peephole?[$0 * hidden + unit] ?? 0) }
          let forward = Self.unit(pre, before, w)
          let at = row * ld + unit
          let actual = (0..<4).map { activated[row * ldg + $0 * hidden + unit] }
          #expect(greatestError(actual, forward.gates) < 2e-6)
          #expect(greatestError([cell[at], h[at]], [forward.c, forward.h]) < 2e-6)

          let gradient = differences(
            of: { v in
              let step = Self.unit(Array(v[0..<4]), v[4], Array(v[5..<8]))
              return step.h * Double(dh[at]) + step.c * Double(dc[at])
            }, at: pre + [before] + w)
          let actualGradient =
            (0..<4).map { gates[row * ldg + $0 * hidden + unit] } + [dcell[at]]
          #expect(greatestError(actualGradient, Array(gradient[0..<5])) < 2e-6)
          for gate in 0..<3 { expectedPeephole[gate * hidden + unit] += gradient[5 + gate] }
        }
      }
      if peeks {
        #expect(greatestError(dpeephole, expectedPeephole) < 5e-6)
      } else {
        #expect(identical(dpeephole, startOfPeephole))
      }
      expectSameInParts(
        set, rows, hidden, peephole, (a, previous, dh, dc, startOfPeephole),
        whole: [activated, cell, h, gates, dcell, dpeephole])
      #expect(gapsUntouched(gates, 4 * hidden, leadingDimension: ldg))
      for buffer in [cell, h, dcell] {
        #expect(gapsUntouched(buffer, hidden, leadingDimension: ld))
      }
    }
  }

  /// Some units after the others give the bits of all at once.
  private func expectSameInParts(
    _ set: KernelSet, _ rows: Int, _ hidden: Int, _ peephole: [Float]?,
    _ start: (a: [Float], previous: [Float], dh: [Float], dc: [Float], dpeephole: [Float]),
    whole: [[Float]]
  ) {
    let (ldg, ld) = (start.a.count / rows, start.previous.count / rows)
    let parts = [hidden / 3..<hidden, 0..<hidden / 3]
    let (gates, previous) = (FloatBuffer(start.a), FloatBuffer(start.previous))
    let (dh, dcell) = (FloatBuffer(start.dh), FloatBuffer(start.dc))
    let (weights, dpeephole) = (peephole.map(FloatBuffer.init), FloatBuffer(start.dpeephole))
    let cell = FloatBuffer([Float](repeating: .nan, count: rows * ld))
    let h = FloatBuffer(cell.values)
    for units in parts {
      let first = units.lowerBound
      set.kernels.lstm_forward(
        rows, units.count, hidden, weights.map { $0.pointer + first }, REEL_GATES_KEPT,
        gates.pointer + first, ldg, previous.pointer + first, ld, cell.pointer + first, ld,
        h.pointer + first, ld)
    }
    let activated = gates.values
    for units in parts {
      let first = units.lowerBound
      set.kernels.lstm_backward(
        rows, units.count, hidden, weights.map { $0.pointer + first }, gates.pointer + first, ldg,
        previous.pointer + first, ld, dh.pointer + first, ld, dcell.pointer + first, ld,
        dpeephole.pointer + first)
    }
    for (part, whole) in zip(
      [activated, cell.values, h.values, gates.values, dcell.values, dpeephole.values], whole)
    {
      #expect(identical(part, whole), "\(set.name), \(hidden) units in two parts")
    }
  }

  /// The cell may be written where the previous one stood.
  @Test(arguments: KernelSet.available)
  func cellInPlace(_ set: KernelSet) {
    var generator = TestGenerator(seed: 92)
    let (rows, hidden) = (2, 21)
    let a = generator.values(rows * 4 * hidden)
    let previous = generator.values(rows * hidden)
    var (apart, together) = (a, a)
    var cell = [Float](repeating: 0, count: rows * hidden)
    var hApart = cell
    var hTogether = cell
    set.kernels.lstm_forward(
      rows, hidden, hidden, nil, REEL_GATES_KEPT, &apart, 4 * hidden, previous, hidden, &cell,
      hidden, &hApart, hidden)
    var shared = previous
    shared.withUnsafeMutableBufferPointer {
      set.kernels.lstm_forward(
        rows, hidden, hidden, nil, REEL_GATES_KEPT, &together, 4 * hidden,
        UnsafePointer($0.baseAddress!), hidden, $0.baseAddress!, hidden, &hTogether, hidden)
    }
    #expect(identical(shared, cell) && identical(hTogether, hApart) && identical(together, apart))
  }
}
