import ReelLayers
import ReelTensor

/// A layer-normalized long short-term memory (Ba, Kiros and Hinton 2016, eq. 20–22): both
/// projections and the cell state are normalized over the units before they are used. With
/// N(a; α) = (a − μ) / √(σ² + ε) ⊙ α:
///
///     i | f | g | o pre-activations = N(W_ih·x; α_x) + N(W_hh·h; α_h) + b
///     c' = σ(f) ⊙ c + σ(i) ⊙ tanh(g)
///     h' = σ(o) ⊙ tanh(N(c'; α_c) + β_c)
///
/// `inputGain`, `recurrentGain`, `bias` [4·H]; `cellGain`, `cellBias` [H]. Use it with
/// `bias: false` in `Recurrent`: the bias stands behind the normalization.
public struct LayerNormLSTMCell: RecurrentCell {
  public typealias State = LSTMState
  public static var gateCount: Int { 4 }
  public static var allowsProjection: Bool { true }
  public static var phases: [[RecurrentProduct]] {
    [[RecurrentProduct(gates: 0..<4, destination: .recurrent)]]
  }
  /// The raw input projection (4·H), the new cell state (H), and mean and inverse deviation of
  /// three normalizations.
  public static func savedWidth(hiddenSize: Int) -> Int { 5 * hiddenSize + 6 }

  public var inputGain: Tensor
  public var recurrentGain: Tensor
  public var bias: Tensor
  public var cellGain: Tensor
  public var cellBias: Tensor

  private static let epsilon: Float = 1e-5

  public init(hiddenSize: Int) {
    inputGain = Tensor(repeating: 1, shape: [4 * hiddenSize])
    recurrentGain = Tensor(repeating: 1, shape: [4 * hiddenSize])
    var values = [Float](repeating: 0, count: 4 * hiddenSize)
    for unit in hiddenSize..<2 * hiddenSize { values[unit] = 1 }  // the forget gate starts open
    bias = Tensor(shape: [4 * hiddenSize], values: values)
    cellGain = Tensor(repeating: 1, shape: [hiddenSize])
    cellBias = Tensor(zeros: [hiddenSize])
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("input_gain", &inputGain)
    visitor.visit("recurrent_gain", &recurrentGain)
    visitor.visit("bias", &bias)
    visitor.visit("cell_gain", &cellGain)
    visitor.visit("cell_bias", &cellBias)
  }

  public func forward(_ step: CellStep) {
    let h = step.hiddenSize
    var scratch = [Float](repeating: 0, count: 4 * h)
    for row in 0..<step.rows {
      let gates = step.gates.pointer + row * step.gates.stride
      let saved = step.saved.pointer + row * step.saved.stride
      let (cell, statistics) = (saved + 4 * h, saved + 5 * h)
      saved.update(from: gates, count: 4 * h)
      normalize(4 * h, saved, inputGain, bias, into: gates, statistics)
      scratch.withUnsafeMutableBufferPointer { scratch in
        let scratch = scratch.baseAddress!
        normalize(
          4 * h, step.recurrent.pointer + row * step.recurrent.stride, recurrentGain, nil,
          into: scratch, statistics + 2)
        kernels.add(4 * h, gates, scratch, gates)
      }
      kernels.sigmoid(2 * h, gates, gates)
      kernels.hyperbolic_tangent(h, gates + 2 * h, gates + 2 * h)
      kernels.sigmoid(h, gates + 3 * h, gates + 3 * h)
      kernels.multiply(
        h, gates + h, step.previous[1].pointer + row * step.previous[1].stride, cell)
      kernels.multiply_add(h, gates, gates + 2 * h, cell)
      (step.next[1].pointer + row * step.next[1].stride).update(from: cell, count: h)
      let output = step.next[0].pointer + row * step.next[0].stride
      normalize(h, cell, cellGain, cellBias, into: output, statistics + 4)
      kernels.hyperbolic_tangent(h, output, output)
      kernels.multiply(h, output, gates + 3 * h, output)
    }
  }

  public func backward(_ step: CellGradientStep) {
    let h = step.hiddenSize
    var scratch = [Float](repeating: 0, count: 2 * h)
    for row in 0..<step.rows {
      let gates = step.gates.pointer + row * step.gates.stride
      let saved = step.saved.pointer + row * step.saved.stride
      let (cell, statistics) = (saved + 4 * h, saved + 5 * h)
      let previous = step.previous[1].pointer + row * step.previous[1].stride
      let dhidden = step.state[0].pointer + row * step.state[0].stride
      let dcell = step.state[1].pointer + row * step.state[1].stride
      let (i, f, g, o) = (gates, gates + h, gates + 2 * h, gates + 3 * h)
      scratch.withUnsafeMutableBufferPointer { scratch in
        let (squashed, dnormalized) = (scratch.baseAddress!, scratch.baseAddress! + h)
        normalize(h, cell, cellGain, cellBias, into: squashed, statistics + 4)
        kernels.hyperbolic_tangent(h, squashed, squashed)
        kernels.multiply(h, dhidden, o, dnormalized)
        kernels.hyperbolic_tangent_backward(h, squashed, dnormalized, dnormalized)
        kernels.multiply(h, dhidden, squashed, squashed)  // gradient of σ(o)
        kernels.sigmoid_backward(h, o, squashed, o)
        // The cell state's gradient through its normalization, into `dhidden`, which is done with.
        backpropagate(
          h, cell, cellGain, statistics + 4, dnormalized, into: dhidden,
          step.parameters[3].pointer, step.parameters[4].pointer)
        kernels.add(h, dcell, dhidden, dcell)
      }
      for unit in 0..<h {
        let (dc, iu, fu, gu) = (dcell[unit], i[unit], f[unit], g[unit])
        i[unit] = dc * gu * iu * (1 - iu)
        f[unit] = dc * previous[unit] * fu * (1 - fu)
        g[unit] = dc * iu * (1 - gu * gu)
        dcell[unit] = dc * fu
      }
      // `gates` is now the gradient of the sum of both normalized projections and the bias.
      let recurrent = step.recurrent.pointer + row * step.recurrent.stride
      backpropagate(
        4 * h, recurrent, recurrentGain, statistics + 2, gates, into: recurrent,
        step.parameters[1].pointer, nil)
      backpropagate(
        4 * h, saved, inputGain, statistics, gates, into: gates, step.parameters[0].pointer,
        step.parameters[2].pointer)
    }
    step.state[0].clear()
  }

  /// One row; `statistics` receives its mean and inverse deviation.
  private func normalize(
    _ count: Int, _ x: UnsafePointer<Float>, _ gain: Tensor, _ bias: Tensor?,
    into y: UnsafeMutablePointer<Float>, _ statistics: UnsafeMutablePointer<Float>
  ) {
    kernels.layer_norm(
      1, count, x, count, gain.storage.pointer, bias?.storage.pointer, Self.epsilon, y, count,
      statistics, statistics + 1)
  }

  private func backpropagate(
    _ count: Int, _ x: UnsafePointer<Float>, _ gain: Tensor,
    _ statistics: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>, _ dgain: UnsafeMutablePointer<Float>?,
    _ dbias: UnsafeMutablePointer<Float>?
  ) {
    kernels.layer_norm_backward(
      1, count, x, count, gain.storage.pointer, statistics, statistics + 1, dy, count, dx, count,
      dgain, dbias)
  }
}
