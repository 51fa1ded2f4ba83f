import ReelLayers
import ReelTensor

extension TemporalBlock {
  /// Reads a batch: one node of the graph.
  ///
  /// - Parameters:
  ///   - x: planes of the input, for each group; those of the output when this returns.
  ///   - window: of a group.
  ///   - histories: what each convolution read before, components of a state; nil: zeros.
  ///   - masks: factors [batch, out] of dropout behind each convolution, in the caller's order.
  /// - Returns: what the two convolutions go on with, [batch, (k − 1)·d, channels] each, if that is
  ///   asked for.
  func run(
    planes x: inout [Tensor], _ groups: PlaneGroups, _ window: TemporalWindow,
    histories: (Tensor, Tensor)?, masks: (Tensor?, Tensor?), returnsState: Bool
  ) -> [Tensor] {
    let histories = histories.map {
      (window.planes(ofHistory: $0.0), window.planes(ofHistory: $0.1))
    }
    let pass = TemporalBlockPass(
      groups: groups, window: window, weights: (conv1.weight, conv2.weight),
      biases: (conv1.bias, conv2.bias), downsample: downsample.map { ($0.weight, $0.bias) },
      histories: histories, masks: masks)
    let parameters =
      [pass.weights.0, conv1.bias, pass.weights.1, conv2.bias]
      + [downsample?.weight, downsample?.bias, histories?.0, histories?.1]
    let isWatched = (x + parameters).contains { $0?.isWatched ?? false }
    func state(after planes: [Tensor], _ history: Tensor?, channels: Int) -> Tensor {
      .concatenated(planes.map { window.history(after: $0, history, channels: channels) })
    }
    var next: [Tensor] = []
    if returnsState { next.append(state(after: x, histories?.0, channels: pass.inputs)) }
    guard isWatched else {
      let ends = pass.replace(&x) { hidden in
        returnsState ? window.history(after: hidden, histories?.1, channels: pass.outputs) : nil
      }
      if returnsState { next.append(.concatenated(ends.compactMap { $0 })) }
      return next
    }
    let (y, saved) = pass.forward(x)
    let inputs = x + parameters
    let needs = inputs.map { $0?.isWatched ?? false }
    let count = groups.count
    let recorded = record(y + saved.map(\.hidden), from: inputs) { gradients in
      pass.backward(
        saved, outputs: Array(gradients[..<count]), hidden: Array(gradients[count...]), needs: needs
      )
    }
    x = Array(recorded[..<count])
    if returnsState {
      next.append(state(after: Array(recorded[count...]), histories?.1, channels: pass.outputs))
    }
    return next
  }
}
