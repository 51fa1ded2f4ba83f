import ReelTensor

/// The state of a long short-term memory.
public struct LSTMState: RecurrentState {
  /// h, [layers · directions, batch, hidden], or the size of the projection in place of hidden.
  public var hidden: Tensor
  /// c, [layers · directions, batch, hidden].
  public var cell: Tensor

  public static var names: [String] { ["hidden", "cell"] }
  public init(hidden: Tensor, cell: Tensor) {
    self.hidden = hidden
    self.cell = cell
  }
  public init(components: [Tensor]) { (hidden, cell) = (components[0], components[1]) }
  public var components: [Tensor] { [hidden, cell] }
}

/// Long short-term memory (Hochreiter and Schmidhuber 1997) with a forget gate (Gers, Schmidhuber
/// and Cummins 2000), gates in the order i | f | g | o:
///
///     i = σ(W_ii·x + b_ii + W_hi·h + b_hi)      f = σ(W_if·x + b_if + W_hf·h + b_hf)
///     g = tanh(W_ig·x + b_ig + W_hg·h + b_hg)   o = σ(W_io·x + b_io + W_ho·h + b_ho)
///     c' = f ⊙ c + i ⊙ g                        h' = o ⊙ tanh(c')
public struct LSTMCell: UnitwiseCell {
  public typealias State = LSTMState
  public static var gateCount: Int { 4 }
  public static var allowsProjection: Bool { true }
  /// The forget gate starts open (Jozefowicz et al. 2015).
  public static var unitBiasGates: [Int] { [1] }

  public init(hiddenSize: Int) {}

  public func forward(_ step: CellStep) { forward(step, units: 0..<step.hiddenSize) }

  public func backward(_ step: CellGradientStep) { backward(step, units: 0..<step.hiddenSize) }

  func forward(_ step: CellStep, units: Range<Int>) { step.lstmForward(units, peephole: nil) }

  func backward(_ step: CellGradientStep, units: Range<Int>) {
    step.lstmBackward(units, peephole: nil, peepholeGradient: nil)
  }
}

extension CellStep {
  func lstmForward(_ units: Range<Int>, peephole: UnsafePointer<Float>?) {
    let first = units.lowerBound
    kernels.lstm_forward(
      rows, units.count, hiddenSize, peephole.map { $0 + first }, gateUse.inKernels,
      gates.pointer + first, gates.stride, previous[1].pointer + first, previous[1].stride,
      next[1].pointer + first, next[1].stride, next[0].pointer + first, next[0].stride)
  }
}

extension CellGradientStep {
  func lstmBackward(
    _ units: Range<Int>, peephole: UnsafePointer<Float>?,
    peepholeGradient: UnsafeMutablePointer<Float>?
  ) {
    let first = units.lowerBound
    kernels.lstm_backward(
      rows, units.count, hiddenSize, peephole.map { $0 + first }, gates.pointer + first,
      gates.stride, previous[1].pointer + first, previous[1].stride, state[0].pointer + first,
      state[0].stride, state[1].pointer + first, state[1].stride,
      peepholeGradient.map { $0 + first })
    state[0].columns(units).clear()
  }
}
