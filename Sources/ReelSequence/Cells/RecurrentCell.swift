import ReelLayers
import ReelTensor

/// How the gates of a recurrent cell combine at one time step.
///
/// A cell knows nothing of time, batches or directions. `Recurrent` computes the input projection
/// of all steps at once, runs the loop over time and BPTT, and calls the cell for a block of rows
/// of the batch at one step. Letters: H hidden units, G gates; `weight_ih` is [G·H, in] and
/// `weight_hh` [G·H, H], gate after gate.
///
/// A cell with parameters of its own (peepholes, gains) names them in `visitParameters`; most have
/// none.
public protocol RecurrentCell: Module {
  /// What goes from one time step to the next.
  associatedtype State: RecurrentState

  /// G, the number of gates.
  static var gateCount: Int { get }

  /// Which recurrent products the cell needs, phase by phase: the products of a phase are computed,
  /// then `forward` is called for it. By default one product adds W_hh·h to all gates.
  static var phases: [[RecurrentProduct]] { get }

  /// Gates whose bias starts at 1 (the forget gate of an LSTM); all others start at 0.
  static var unitBiasGates: [Int] { get }

  /// Whether the loop may project the cell's output to fewer features before the recurrence reads it
  /// (`RecurrentConfiguration.projectionSize`). For a cell that reads its previous output through
  /// the recurrent products alone, all of operand `hidden`, and leaves no gradient for it in
  /// `CellGradientStep.state[0]`. By default not.
  static var allowsProjection: Bool { get }

  /// Whether a cell of one gate leaves in `gates`, after its last phase, bit for bit what it writes to
  /// `next[0]`, in every row and unit. The loop may then keep both in one place, and what stands there is the layer's
  /// output: such a cell writes both, and writes neither before it has read its pre-activation in `gates`. By default
  /// not.
  static var gatesAreOutput: Bool { get }

  /// Values that a row keeps for the backward pass, besides its gates and previous state.
  static func savedWidth(hiddenSize: Int) -> Int

  init(hiddenSize: Int)

  /// Turns pre-activations into the next state.
  func forward(_ step: CellStep)

  /// Turns gradients of the next state into gradients of the pre-activations and of the previous
  /// state, phases in reverse order.
  func backward(_ step: CellGradientStep)
}

extension RecurrentCell {
  public static var phases: [[RecurrentProduct]] {
    [[RecurrentProduct(gates: 0..<gateCount)]]
  }
  public static var unitBiasGates: [Int] { [] }
  public static var allowsProjection: Bool { false }
  public static var gatesAreOutput: Bool { false }
  public static func savedWidth(hiddenSize: Int) -> Int { 0 }
  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {}
}

/// The named parts of a recurrent state. The first component is the cell's output.
public protocol RecurrentState: Sendable {
  /// Names of the components, for example `hidden` and `cell`.
  static var names: [String] { get }

  /// Each component is [layers · directions, batch, hidden]; the first has as many features as the
  /// output.
  init(components: [Tensor])
  var components: [Tensor] { get }
}

/// The state of a cell that hands on its output alone.
public struct HiddenState: RecurrentState {
  /// [layers · directions, batch, hidden].
  public var hidden: Tensor

  public static var names: [String] { ["hidden"] }
  public init(hidden: Tensor) { self.hidden = hidden }
  public init(components: [Tensor]) { hidden = components[0] }
  public var components: [Tensor] { [hidden] }
}

/// One product of a block of rows with some gates' rows of `weight_hh`.
public struct RecurrentProduct: Sendable {
  public enum Operand: Sendable {
    /// The previous hidden state.
    case hidden
    /// What the cell wrote to `CellStep.written` in an earlier phase.
    case written
  }
  public enum Destination: Sendable {
    /// Added to the input projection in `CellStep.gates`.
    case gates
    /// Kept apart in `CellStep.recurrent`, with the gates' recurrent bias already added.
    case recurrent
  }

  public let gates: Range<Int>
  public let operand: Operand
  public let destination: Destination

  public init(
    gates: Range<Int>, operand: Operand = .hidden, destination: Destination = .gates
  ) {
    self.gates = gates
    self.operand = operand
    self.destination = destination
  }
}
