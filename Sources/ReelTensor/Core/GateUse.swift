import CReelKernels

/// What becomes of the gates of a recurrent step.
package enum GateUse {
  /// They are kept, because somebody will go back.
  case kept
  /// They are left; the state is the same.
  case dropped
  /// They are left, and computed to within 2⁻¹¹ only, those of a state to within 2⁻¹⁵.
  case coarse

  package var inKernels: reel_gate_use {
    switch self {
    case .kept: REEL_GATES_KEPT
    case .dropped: REEL_GATES_DROPPED
    case .coarse: REEL_GATES_COARSE
    }
  }
}
