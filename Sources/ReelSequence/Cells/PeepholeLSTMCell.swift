import ReelLayers
import ReelTensor

/// A long short-term memory whose gates see the cell state (Gers and Schmidhuber 2000): as
/// `LSTMCell`, with w_i ⊙ c and w_f ⊙ c added to the input and forget gate, and w_o ⊙ c' (the new
/// cell state) to the output gate.
///
/// `peephole` [3, H] holds the rows w_i, w_f, w_o.
public struct PeepholeLSTMCell: UnitwiseCell {
  public typealias State = LSTMState
  public static var gateCount: Int { 4 }
  public static var allowsProjection: Bool { true }
  public static var unitBiasGates: [Int] { [1] }

  public var peephole: Tensor

  public init(hiddenSize: Int) { peephole = Tensor(zeros: [3, hiddenSize]) }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("peephole", &peephole)
  }

  public func forward(_ step: CellStep) { forward(step, units: 0..<step.hiddenSize) }

  public func backward(_ step: CellGradientStep) { backward(step, units: 0..<step.hiddenSize) }

  func forward(_ step: CellStep, units: Range<Int>) {
    peephole.withUnsafeValues { step.lstmForward(units, peephole: $0.baseAddress) }
  }

  func backward(_ step: CellGradientStep, units: Range<Int>) {
    peephole.withUnsafeValues {
      step.lstmBackward(
        units, peephole: $0.baseAddress, peepholeGradient: step.parameters[0].pointer)
    }
  }
}
