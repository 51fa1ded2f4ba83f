import ReelLayers
import ReelSequence
import ReelTensor

/// Leaky units, each with a rate of its own that is learned (Jaeger et al. 2007 with fixed rates):
///
///     a = σ(rate)
///     n = tanh(W·x + U·h + b)
///     h' = (1 − a) ⊙ h + a ⊙ n
///
/// A cell from outside the library with a parameter of its own.
struct LeakyCell: RecurrentCell {
  typealias State = HiddenState
  static var gateCount: Int { 1 }

  /// [H].
  var rate: Tensor

  init(hiddenSize: Int) { rate = Tensor(zeros: [hiddenSize]) }

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("rate", &rate)
  }

  func forward(_ step: CellStep) {
    let (n, h) = (step.gates, step.previous[0])
    n.applyTanh()
    rate.sigmoid().withValues { a in
      for row in 0..<step.rows {
        for j in 0..<step.hiddenSize {
          step.next[0][row, j] = h[row, j] + a[j] * (n[row, j] - h[row, j])
        }
      }
    }
  }

  func backward(_ step: CellGradientStep) {
    let (n, h, dh) = (step.gates, step.previous[0], step.state[0])
    rate.sigmoid().withValues { a in
      for row in 0..<step.rows {
        for j in 0..<step.hiddenSize {
          let (nj, d) = (n[row, j], dh[row, j])
          step.parameters[0][0, j] += d * (nj - h[row, j]) * a[j] * (1 - a[j])
          n[row, j] = d * a[j] * (1 - nj * nj)
          dh[row, j] = d * (1 - a[j])
        }
      }
    }
  }
}

typealias LeakyRNN = Recurrent<LeakyCell>
