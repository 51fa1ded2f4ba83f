import CReelKernels
import Foundation
import Testing

/// Steps whose tanh and logistic functions are coarse, against the functions of Double and the exact steps.
@Suite struct CoarseGateTests {
  /// tanh by itself, and the logistic function as the update gate of a GRU whose candidate is 0, which makes
  /// of a state of 1 the gate.
  enum Function: CaseIterable {
    case hyperbolicTangent, sigmoid

    func apply(_ set: KernelSet, _ x: [Float]) -> [Float] {
      let n = x.count
      var y = [Float](repeating: .nan, count: n)
      switch self {
      case .hyperbolicTangent:
        var gates = x
        set.kernels.rnn_forward(1, n, false, REEL_GATES_COARSE, &gates, n, &y, n)
      case .sigmoid:
        let zeros = [Float](repeating: 0, count: n)
        var gates = zeros + x + zeros
        let ones = [Float](repeating: 1, count: n)
        set.kernels.gru_forward(
          1, n, n, REEL_GATES_COARSE, &gates, 3 * n, zeros, n, ones, n, &y, n)
      }
      return y
    }

    /// That of a state is finer.
    var bound: Double { self == .hyperbolicTangent ? 0x1p-11 : 0x1p-15 }

    func expected(_ x: Double) -> Double {
      self == .hyperbolicTangent ? tanh(x) : 1 / (1 + exp(-x))
    }
  }

  @Test(arguments: KernelSet.available, Function.allCases)
  func withinTheirBound(_ set: KernelSet, _ function: Function) {
    let x = FunctionTests.samples + [-4, 4, -3.999, 3.999, -8, 8, -6, 6, 12, -12, -11.999, 11.999]
    let y = function.apply(set, x)
    var (worst, place): (Double, Float) = (0, 0)
    for (x, value) in zip(x, y) where !x.isNaN {
      let error = abs(Double(value) - function.expected(Double(x)))
      if !(error <= worst) { (worst, place) = (error.isNaN ? .infinity : error, x) }
    }
    #expect(worst <= function.bound, "\(set.name) \(function): \(worst) at \(place)")
    // Coarse they are: nobody would learn from the bound that the exact ones were called.
    #expect(worst > function.bound / 32, "\(set.name) \(function)")
    #expect(zip(x, y).allSatisfy { $0.isNaN == $1.isNaN }, "\(set.name) \(function): NaN")
    #expect(y.allSatisfy { !(abs($0) > 1) }, "\(set.name) \(function): beyond 1")
  }

  /// Odd, so that a state has no drift; and ±0 as they are.
  @Test(arguments: KernelSet.available)
  func tanhIsOdd(_ set: KernelSet) {
    var generator = TestGenerator(seed: 111)
    let x = generator.values(5_000, in: 0...8) + [0]
    let (y, opposite) = (
      Function.hyperbolicTangent.apply(set, x), Function.hyperbolicTangent.apply(set, x.map { -$0 })
    )
    #expect(identical(y, opposite.map { -$0 }))
  }

  /// Each function errs by 2⁻¹¹ at most, of pre-activations up to ±8: the new state of an LSTM by three of these,
  /// beside what is finer, and a GRU's by one.
  @Test(arguments: KernelSet.available, [false, true])
  func steps(_ set: KernelSet, _ peeks: Bool) {
    var generator = TestGenerator(seed: 112)
    let rows = 5
    for hidden in [1, 16, 37, 100] {
      let a = generator.values(rows * 4 * hidden, in: -8...8)
      let before = generator.values(rows * hidden, in: -1.5...1.5)
      let peephole = peeks ? generator.values(3 * hidden) : nil
      func lstm(_ use: reel_gate_use) -> [Float] {
        var (gates, cell) = (a, [Float](repeating: .nan, count: rows * hidden))
        var h = cell
        set.kernels.lstm_forward(
          rows, hidden, hidden, peephole, use, &gates, 4 * hidden, before, hidden, &cell, hidden,
          &h, hidden)
        return cell + h
      }
      #expect(greatestError(lstm(REEL_GATES_COARSE), doubles(lstm(REEL_GATES_KEPT))) < 4 * 0x1p-11)
      let u = generator.values(rows * hidden)
      func gru(_ use: reel_gate_use) -> [Float] {
        var (gates, h) = (
          Array(a.prefix(rows * 3 * hidden)), [Float](repeating: .nan, count: rows * hidden)
        )
        set.kernels.gru_forward(
          rows, hidden, hidden, use, &gates, 3 * hidden, u, hidden, before, hidden, &h, hidden)
        return h
      }
      #expect(greatestError(gru(REEL_GATES_COARSE), doubles(gru(REEL_GATES_KEPT))) < 2 * 0x1p-11)
    }
  }

  /// What an open gate loses of a state, and a closed one lets in, in a thousand steps.
  @Test(arguments: KernelSet.available)
  func aStateLasts(_ set: KernelSet) {
    let (hidden, steps) = (20, 1_000)
    func row(_ gates: [Float]) -> [Float] {
      gates.flatMap { [Float](repeating: $0, count: hidden) }
    }
    var cell = [Float](repeating: 1, count: hidden)
    var update = cell
    let zeros = [Float](repeating: 0, count: hidden)
    for _ in 0..<steps {
      // i, f, g, o; then r, z, n.
      var (gates, h) = (row([-20, 20, 5, 0]), zeros)
      let before = cell
      set.kernels.lstm_forward(
        1, hidden, hidden, nil, REEL_GATES_COARSE, &gates, 4 * hidden, before, hidden, &cell,
        hidden,
        &h, hidden)
      gates = row([0, 20, -5])
      let earlier = update
      set.kernels.gru_forward(
        1, hidden, hidden, REEL_GATES_COARSE, &gates, 3 * hidden, zeros, hidden, earlier, hidden,
        &update, hidden)
    }
    for value in cell { #expect(abs(value - 1) < 2 * Float(steps) * 0x1p-16, "\(set.name) LSTM") }
    for value in update { #expect(abs(value - 1) < 2 * Float(steps) * 0x1p-16, "\(set.name) GRU") }
  }

  /// What is no number, infinite or large in one gate of an LSTM does there what it does in exact gates.
  @Test(arguments: KernelSet.available)
  func lstmOfAnything(_ set: KernelSet) {
    let values: [Float] = [.nan, .infinity, -.infinity, 12, -12, 1e30, -1e30, 0]
    let hidden = 4 * values.count
    // Unit u has value u / 4 in gate u % 4, and 0.5 in the others.
    var a = [Float](repeating: 0.5, count: 4 * hidden)
    for unit in 0..<hidden { a[unit % 4 * hidden + unit] = values[unit / 4] }
    let before = [Float](repeating: 0.25, count: hidden)
    func lstm(_ use: reel_gate_use) -> (cell: [Float], h: [Float]) {
      var (gates, cell) = (a, [Float](repeating: 7, count: hidden))
      var h = cell
      set.kernels.lstm_forward(
        1, hidden, hidden, nil, use, &gates, 4 * hidden, before, hidden, &cell, hidden, &h, hidden)
      return (cell, h)
    }
    let (coarse, exact) = (lstm(REEL_GATES_COARSE), lstm(REEL_GATES_KEPT))
    for (came, expected) in [(coarse.cell, exact.cell), (coarse.h, exact.h)] {
      for unit in 0..<hidden {
        let what = "\(set.name): \(values[unit / 4]) in gate \(unit % 4)"
        #expect(came[unit].isNaN == expected[unit].isNaN, "\(what)")
        #expect(!(abs(came[unit] - expected[unit]) > 4 * 0x1p-11), "\(what)")
      }
    }
  }

  /// The rectifier has nothing to be coarse about.
  @Test(arguments: KernelSet.available)
  func rectifierIsExact(_ set: KernelSet) {
    var generator = TestGenerator(seed: 113)
    var gates = generator.values(50)
    var h = [Float](repeating: .nan, count: 50)
    let expected = gates.map { max($0, 0) }
    set.kernels.rnn_forward(1, 50, true, REEL_GATES_COARSE, &gates, 50, &h, 50)
    #expect(identical(h, expected))
  }
}
