import ReelLayers
import ReelTensor

extension TemporalBlockPass {
  /// The gradients of the loss in the block's inputs, in the order in which `TemporalBlock.run` records
  /// them.
  ///
  /// With dz = dy where y > 0, the gradient at the sum:
  ///
  ///     da₂ = dz where a₂ > 0, times dropout;   dW₂ = Σ da₂·h,  dh = W₂ᵀ ∗ da₂
  ///     da₁ = dh where h > 0, times dropout;    dW₁ = Σ da₁·x,  dx = W₁ᵀ ∗ da₁ + dz (or Wᵀ·dz)
  ///
  /// - Parameters:
  ///   - output: dy; nil where the loss depends on the hidden values alone.
  ///   - hidden: what reaches the hidden values past the second convolution (a state that is part of
  ///     the loss); nil: nothing.
  func backward(
    _ saved: Saved, output: Tensor?, hidden: Tensor?, needs: [Bool]
  ) -> [Gradient?] {
    let dy = output ?? Tensor(zeros: [Planes.count(channels: outputs, columns: total)])
    let signs = saved.outputSigns
    let channels = max(inputs, outputs)
    let parts = (results: pieces, inputs: window.inputPieces(channels: channels))

    // The second convolution, and the rectifier below it.
    let first = Planes.make(channels: outputs, columns: total)
    let inSecond = window.backward(
      source(saved.hidden, history: histories?.1), weights.1, parts, dy: dy,
      gate: PlaneGate(
        signs: signs, bits: PlaneGate.inner | PlaneGate.outer, mask: masks.second),
      finish: PlaneFinish(
        added: hidden, gate: PlaneGate(signs: saved.hiddenSigns, mask: masks.first)),
      into: first)
    let secondHistory = historyGradient(
      inSecond.arrived, weights.1, inputs: outputs, isNeeded: needs[8])

    // The shortcut, then the first convolution, which adds to what came that way.
    let inInput = needs[0] ? Planes.make(channels: inputs, columns: total) : nil
    let inShortcut = downsample.map { downsample in
      shortcut.backward(
        source(saved.x, history: nil), downsample.weight,
        (shortcut.pieces(channels: channels), shortcut.inputPieces(channels: channels)), dy: dy,
        gate: PlaneGate(signs: signs, bits: PlaneGate.outer), finish: PlaneFinish(), into: inInput)
    }
    let inFirst = window.backward(
      source(saved.x, history: histories?.0), weights.0, parts, dy: first,
      finish: downsample == nil
        ? PlaneFinish(passed: (dy, signs)) : PlaneFinish(added: inInput),
      into: inInput)
    let firstHistory = historyGradient(first, weights.0, inputs: inputs, isNeeded: needs[7])
    func gradient(_ index: Int, _ tensor: Tensor?) -> Gradient? {
      needs[index] ? tensor.map { .dense($0) } : nil
    }
    return [
      gradient(0, inInput), gradient(1, inFirst.weight), gradient(2, inFirst.bias),
      gradient(3, inSecond.weight), gradient(4, inSecond.bias), gradient(5, inShortcut?.weight),
      gradient(6, inShortcut?.bias), gradient(7, firstHistory), gradient(8, secondHistory),
    ]
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
