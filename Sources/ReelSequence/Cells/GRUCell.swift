import ReelTensor

/// Gated recurrent unit (Cho et al. 2014), the reset gate applied after the recurrent product, as
/// in cuDNN and PyTorch; gates in the order r | z | n:
///
///     r = σ(W_ir·x + b_ir + W_hr·h + b_hr)
///     z = σ(W_iz·x + b_iz + W_hz·h + b_hz)
///     n = tanh(W_in·x + b_in + r ⊙ (W_hn·h + b_hn))
///     h' = (1 − z) ⊙ n + z ⊙ h
public struct GRUCell: UnitwiseCell {
  public typealias State = HiddenState
  public static var gateCount: Int { 3 }
  public static var phases: [[RecurrentProduct]] {
    [
      [
        RecurrentProduct(gates: 0..<2),
        RecurrentProduct(gates: 2..<3, destination: .recurrent),
      ]
    ]
  }

  public init(hiddenSize: Int) {}

  public func forward(_ step: CellStep) { forward(step, units: 0..<step.hiddenSize) }

  public func backward(_ step: CellGradientStep) { backward(step, units: 0..<step.hiddenSize) }

  func forward(_ step: CellStep, units: Range<Int>) {
    let first = units.lowerBound
    kernels.gru_forward(
      step.rows, units.count, step.hiddenSize, step.gateUse.inKernels, step.gates.pointer + first,
      step.gates.stride, step.recurrent.pointer + first, step.recurrent.stride,
      step.previous[0].pointer + first, step.previous[0].stride, step.next[0].pointer + first,
      step.next[0].stride)
  }

  func backward(_ step: CellGradientStep, units: Range<Int>) {
    let first = units.lowerBound
    kernels.gru_backward(
      step.rows, units.count, step.hiddenSize, step.gates.pointer + first, step.gates.stride,
      step.recurrent.pointer + first, step.recurrent.stride, step.previous[0].pointer + first,
      step.previous[0].stride, step.state[0].pointer + first, step.state[0].stride)
  }
}
