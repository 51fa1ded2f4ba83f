import ReelLayers
import ReelTensor

extension TemporalBlockPass {
  /// The gradients of a group.
  struct GroupGradients: Sendable {
    let input: Tensor?
    /// In the order of the parameters.
    let parameters: [Tensor?]
  }

  /// The gradients of the loss in the block's input and parameters.
  ///
  /// With dz = dy where y > 0, the gradient at the sum:
  ///
  ///     da₂ = dz where a₂ > 0, times dropout;   dW₂ = Σ da₂·h,  dh = W₂ᵀ ∗ da₂
  ///     da₁ = dh where h > 0, times dropout;    dW₁ = Σ da₁·x,  dx = W₁ᵀ ∗ da₁ + dz (or Wᵀ·dz)
  ///
  /// - Parameters:
  ///   - saved: what the forward pass left.
  ///   - output: dy; nil where the loss depends on the hidden values alone.
  ///   - hidden: what reaches the hidden values past the second convolution (a state that is part of
  ///     the loss); nil: nothing.
  ///   - needsInput: whether anybody asks for dx.
  ///   - needsHistories: the same of what each convolution read before this batch.
  func backward(
    _ saved: Saved, _ group: Int, _ convolutions: Convolutions<PreparedGradients>, output: Tensor?,
    hidden: Tensor?, needsInput: Bool, needsHistories: (Bool, Bool)
  ) -> GroupGradients {
    let dy = output ?? Tensor(zeros: [Planes.count(channels: outputs, columns: total)])
    let signs = saved.outputSigns

    // The second convolution, and the rectifier below it.
    let first = Planes.make(channels: outputs, columns: total)
    let inSecond = convolutions.second(
      source(saved.hidden, history: histories?.1), dy: dy,
      gate: PlaneGate(
        signs: signs, bits: PlaneGate.inner | PlaneGate.outer, mask: masks.second?[group]),
      finish: PlaneFinish(
        added: hidden, gate: PlaneGate(signs: saved.hiddenSigns, mask: masks.first?[group])),
      into: first)
    let secondHistory = historyGradient(
      inSecond.arrived, weights.1, inputs: outputs, isNeeded: needsHistories.1)

    // The shortcut, then the first convolution, which adds to what came that way.
    let inInput = needsInput ? Planes.make(channels: inputs, columns: total) : nil
    let inShortcut = convolutions.shortcut.map { shortcut in
      shortcut(
        source(saved.x, history: nil), dy: dy, gate: PlaneGate(signs: signs, bits: PlaneGate.outer),
        finish: PlaneFinish(), into: inInput)
    }
    let inFirst = convolutions.first(
      source(saved.x, history: histories?.0), dy: first,
      finish: downsample == nil
        ? PlaneFinish(passed: (dy, signs)) : PlaneFinish(added: inInput),
      into: inInput)
    let firstHistory = historyGradient(
      first, weights.0, inputs: inputs, isNeeded: needsHistories.0)
    return GroupGradients(
      input: inInput,
      parameters: [
        inFirst.weight, inFirst.bias, inSecond.weight, inSecond.bias, inShortcut?.weight,
        inShortcut?.bias, firstHistory, secondHistory,
      ])
  }

  /// The gradient in what a convolution read before this batch; nil where nobody asks. A batch with a
  /// history never goes by tiles, so what passed of dy is there.
  private func historyGradient(
    _ dy: Tensor?, _ weight: Tensor, inputs: Int, isNeeded: Bool
  ) -> Tensor? {
    guard isNeeded, let dy else { return nil }
    let columns = window.historyLength * window.layout.batch
    let result = Planes.make(channels: inputs, columns: columns)
    let weights = PlaneWeights(weight, transposed: true)
    let source = source(dy, history: nil)
    let pieces = window.historyPieces(channels: max(inputs, outputs))
    let (target, stride) = (Shared(result.storage.pointer), Planes.stride(columns: columns))
    Threads.forEachFlushingDenormals(pieces.count) { index in
      weights.convolve(
        pieces[index], source, into: target.pointer + pieces[index].columns.lowerBound,
        stride: stride)
    }
    withExtendedLifetime((dy, result)) {}
    return result
  }
}
