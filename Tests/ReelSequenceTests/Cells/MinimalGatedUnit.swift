import ReelLayers
import ReelSequence
import ReelTensor

/// The minimal gated unit (Zhou, Wu, Zhang and Zhou 2016), one gate and one candidate, f | n:
///
///     f = σ(W_f·x + U_f·h + b_f)
///     n = tanh(W_n·x + U_n·(f ⊙ h) + b_n)
///     h' = (1 − f) ⊙ h + f ⊙ n
///
/// A cell from outside the library: everything here is public.
struct MinimalGatedUnitCell: RecurrentCell {
  typealias State = HiddenState
  static var gateCount: Int { 2 }
  /// n needs f first: two phases. The second multiplies what the first wrote, f ⊙ h.
  static var phases: [[RecurrentProduct]] {
    [
      [RecurrentProduct(gates: 0..<1)],
      [RecurrentProduct(gates: 1..<2, operand: .written)],
    ]
  }

  /// Room of H values a row, which `backward` uses.
  static func savedWidth(hiddenSize: Int) -> Int { hiddenSize }

  init(hiddenSize: Int) {}

  func forward(_ step: CellStep) {
    let size = step.hiddenSize
    let h = step.previous[0]
    let f = step.gates.columns(0..<size)
    let n = step.gates.columns(size..<2 * size)
    if step.phase == 0 {
      f.applySigmoid()
      for row in 0..<step.rows {
        for j in 0..<size { step.written[row, j] = f[row, j] * h[row, j] }
      }
    } else {
      n.applyTanh()
      for row in 0..<step.rows {
        for j in 0..<size {
          step.next[0][row, j] = h[row, j] + f[row, j] * (n[row, j] - h[row, j])
        }
      }
    }
  }

  /// `gates` still holds f and n, and becomes the gradient of their pre-activations; `state` holds
  /// dh' and becomes the part of dh that goes through no product.
  func backward(_ step: CellGradientStep) {
    let size = step.hiddenSize
    let (h, dh) = (step.previous[0], step.state[0])
    let f = step.gates.columns(0..<size)
    let n = step.gates.columns(size..<2 * size)
    for row in 0..<step.rows {
      for j in 0..<size {
        if step.phase == 1 {
          let (fj, nj, d) = (f[row, j], n[row, j], dh[row, j])
          n[row, j] = d * fj * (1 - nj * nj)
          dh[row, j] = d * (1 - fj)
          // Phase 0 still needs f itself, so the part of df that comes through h' waits here.
          step.saved[row, j] = d * (nj - h[row, j])
        } else {
          let (fj, dw) = (f[row, j], step.writtenGradient[row, j])
          dh[row, j] += dw * fj
          f[row, j] = (step.saved[row, j] + dw * h[row, j]) * fj * (1 - fj)
        }
      }
    }
  }
}

typealias MGU = Recurrent<MinimalGatedUnitCell>
