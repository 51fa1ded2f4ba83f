import ReelTensor

/// The simple recurrent cell (Elman 1990): h_t = φ(W_ih·x_t + b_ih + W_hh·h_{t−1} + b_hh), φ the
/// hyperbolic tangent or the rectifier.
public struct RNNCell: UnitwiseCell {
  public enum Activation: String, Sendable, Codable, CaseIterable { case tanh, relu }

  public typealias State = HiddenState
  public static var gateCount: Int { 1 }
  public static var gatesAreOutput: Bool { true }

  public let activation: Activation

  public init(hiddenSize: Int) { activation = .tanh }
  public init(activation: Activation) { self.activation = activation }

  public func forward(_ step: CellStep) { forward(step, units: 0..<step.hiddenSize) }

  public func backward(_ step: CellGradientStep) { backward(step, units: 0..<step.hiddenSize) }

  func forward(_ step: CellStep, units: Range<Int>) {
    let first = units.lowerBound
    kernels.rnn_forward(
      step.rows, units.count, activation == .relu, step.gateUse.inKernels,
      step.gates.pointer + first, step.gates.stride, step.next[0].pointer + first,
      step.next[0].stride)
  }

  /// dφ: 1 − h² for tanh, [h > 0] for the rectifier; all of h goes through the product.
  func backward(_ step: CellGradientStep, units: Range<Int>) {
    let first = units.lowerBound
    kernels.rnn_backward(
      step.rows, units.count, activation == .relu, step.gates.pointer + first, step.gates.stride,
      step.state[0].pointer + first, step.state[0].stride)
    step.state[0].columns(units).clear()
  }
}
