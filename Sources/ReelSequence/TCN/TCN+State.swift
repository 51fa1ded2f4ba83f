import ReelLayers
import ReelTensor

extension TCN {
  /// What a causal network keeps of the time steps that it has read: for each convolution its last
  /// (k − 1)·d inputs, oldest first.
  ///
  /// A value: it goes in as an argument and a new one comes back. Before the first step all are
  /// zeros.
  public struct State: Sendable {
    /// For each convolution, two a block, [batch, (k − 1)·d, channels of its input]; what they are
    /// called is in ``TCN/stateNames``. Empty for a network that is not causal.
    public var components: [Tensor]

    public init(components: [Tensor]) { self.components = components }
  }

  /// Names of the state's components: `network.0.conv1.history`, `network.0.conv2.history`, …
  public var stateNames: [String] {
    guard configuration.isCausal else { return [] }
    return blocks.indices.flatMap { index in
      ["network.\(index).conv1.history", "network.\(index).conv2.history"]
    }
  }

  /// The state before the first time step: zeros.
  public func zeroState(batch: Int) -> State {
    State(components: stateShapes(batch: batch).map { Tensor(zeros: $0) })
  }

  func stateShapes(batch: Int) -> [[Int]] {
    guard configuration.isCausal else { return [] }
    var input = configuration.inputSize
    return configuration.channels.enumerated().flatMap { index, channels in
      defer { input = channels }
      let steps = configuration.historyLength(ofBlock: index)
      return [[batch, steps, input], [batch, steps, channels]]
    }
  }

  /// Stops where a state does not fit.
  func check(_ state: State, batch: Int) {
    precondition(
      configuration.isCausal || state.components.isEmpty,
      "TCN: a state of \(state.components.count) components came, and a network that is not causal "
        + "has none")
    let (came, expected) = (state.components.map(\.shape), stateShapes(batch: batch))
    precondition(
      came == expected,
      "TCN: a state of shapes \(came), \(expected) expected ([batch, (k − 1)·dilation, channels] of "
        + "each convolution)")
  }
}
