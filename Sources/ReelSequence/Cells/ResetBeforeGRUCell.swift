import ReelTensor

/// Gated recurrent unit as first published (Cho et al. 2014, eq. 5–8): the reset gate is applied to
/// the hidden state before the recurrent product. Gates in the order r | z | n, with z as in
/// `GRUCell`:
///
///     r = σ(W_ir·x + b_ir + W_hr·h + b_hr)
///     z = σ(W_iz·x + b_iz + W_hz·h + b_hz)
///     n = tanh(W_in·x + b_in + W_hn·(r ⊙ h) + b_hn)
///     h' = (1 − z) ⊙ n + z ⊙ h
public struct ResetBeforeGRUCell: RecurrentCell {
  public typealias State = HiddenState
  public static var gateCount: Int { 3 }
  /// n needs r first: two phases.
  public static var phases: [[RecurrentProduct]] {
    [
      [RecurrentProduct(gates: 0..<2)],
      [RecurrentProduct(gates: 2..<3, operand: .written)],
    ]
  }

  public init(hiddenSize: Int) {}

  public func forward(_ step: CellStep) {
    let h = step.hiddenSize
    if step.phase == 0 {
      step.gates.columns(0..<2 * h).applySigmoid()
      for row in 0..<step.rows {
        kernels.multiply(
          h, step.gates.pointer + row * step.gates.stride,
          step.previous[0].pointer + row * step.previous[0].stride,
          step.written.pointer + row * step.written.stride)
      }
    } else {
      step.gates.columns(2 * h..<3 * h).applyTanh()
      for row in 0..<step.rows {
        let z = step.gates.pointer + row * step.gates.stride + h
        let n = z + h
        let next = step.next[0].pointer + row * step.next[0].stride
        // h' = n + z ⊙ (h − n).
        kernels.subtract(h, step.previous[0].pointer + row * step.previous[0].stride, n, next)
        kernels.multiply(h, next, z, next)
        kernels.add(h, next, n, next)
      }
    }
  }

  public func backward(_ step: CellGradientStep) {
    let h = step.hiddenSize
    for row in 0..<step.rows {
      let r = step.gates.pointer + row * step.gates.stride
      let z = r + h
      let n = z + h
      let previous = step.previous[0].pointer + row * step.previous[0].stride
      let state = step.state[0].pointer + row * step.state[0].stride
      if step.phase == 1 {
        for unit in 0..<h {
          let (dh, zu, nu) = (state[unit], z[unit], n[unit])
          state[unit] = dh * zu
          n[unit] = dh * (1 - zu) * (1 - nu * nu)
          z[unit] = dh * (previous[unit] - nu) * zu * (1 - zu)
        }
      } else {
        let written = step.writtenGradient.pointer + row * step.writtenGradient.stride
        for unit in 0..<h {
          let (dw, ru) = (written[unit], r[unit])
          state[unit] += dw * ru
          r[unit] = dw * previous[unit] * ru * (1 - ru)
        }
      }
    }
  }
}
