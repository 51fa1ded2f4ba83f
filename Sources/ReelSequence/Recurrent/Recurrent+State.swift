import ReelTensor

extension Recurrent {
  /// Units of each component: P of the hidden state, H of the others.
  var stateWidths: [Int] { configuration.stateWidths(of: State.names.count) }

  /// A state of zeros: what the first step starts from where no state is passed, unless the
  /// initial state is learned.
  public func zeroState(batch: Int) -> State {
    State(components: stateWidths.map { Tensor(zeros: [parts.count, batch, $0]) })
  }

  /// What the first step starts from where no state is passed: zeros, or the learned state for every
  /// sequence of the batch.
  public func initialState(batch: Int) -> State {
    guard configuration.learnsInitialState else { return zeroState(batch: batch) }
    return State(
      components: stateWidths.enumerated().map { component, width in
        Tensor.concatenated(
          parts.map {
            ($0.initialState[component] + Tensor(zeros: [batch, width]))
              .reshaped([1, batch, width])
          })
      })
  }

  /// The components of a state that was passed.
  func checked(_ state: State, batch: Int) -> [Tensor] {
    let components = state.components
    for (index, name) in State.names.enumerated() {
      let (came, width) = (components[index].shape, stateWidths[index])
      precondition(
        came == [parts.count, batch, width],
        "Recurrent: state '\(name)' of shape \(came), \([parts.count, batch, width]) expected "
          + "([layers·directions, batch, \(index == 0 ? "output" : "hidden")])")
    }
    return components
  }
}

extension RecurrentPart {
  /// The learned state for every sequence of a batch, each component [batch, width]; nil where none
  /// is learned. Its gradient sums over the batch.
  func initialState(batch: Int) -> [Tensor]? {
    guard !initialState.isEmpty else { return nil }
    return initialState.map { $0 + Tensor(zeros: [batch, $0.count]) }
  }
}

extension RecurrentConfiguration {
  /// Units of each of `components`: the hidden state may be projected, a cell state never is.
  func stateWidths(of components: Int) -> [Int] {
    (0..<components).map { $0 == 0 ? directionOutputSize : hiddenSize }
  }

  /// Zoneout of each of `components`.
  func zoneoutProbabilities(of components: Int) -> [Float] {
    (0..<components).map { $0 == 0 ? zoneout : $0 == 1 ? zoneoutCell : 0 }
  }
}
