import Reel

/// Part of a sequence, and what comes after each of its tokens.
struct Segment {
  let inputs: TokenSequences
  let targets: TokenSequences

  var tokens: Int { inputs.lengths.reduce(0, +) }
}

extension Network {
  /// The gradient of the mean loss over all segments, which follow one another, as if they were one,
  /// but of what the way back needs only the states between them is kept: each segment goes forward
  /// again when the gradient arrives at its end (Chen et al. 2016, "Training Deep Nets with Sublinear
  /// Memory Cost").
  func recomputedGradients(
    _ segments: [Segment], state: RecurrentNetwork.State?
  ) -> (loss: Float, state: RecurrentNetwork.State, gradients: Gradients) {
    var states = [state]
    for segment in segments.dropLast() {
      var none: RandomGenerator?
      let (_, next) = recurrent(
        .embedded(segment.inputs, embedding), state: states[states.count - 1], using: &none)
      states.append(next)
    }
    let tokens = segments.reduce(0) { $0 + $1.tokens }
    var end: RecurrentNetwork.State = []
    var loss: Float = 0
    var arriving: [Tensor] = []
    var sum: Gradients?
    for (segment, state) in zip(segments, states).reversed() {
      let share = Float(segment.tokens) / Float(tokens)
      let stateful = StatefulNetwork(network: self, state: state ?? [])
      let (_, (part, final), result) = valueAndGradient(of: stateful) { model in
        let (logits, final) = model.network.logits(
          segment.inputs, state: model.state.isEmpty ? nil : model.state)
        let part = crossEntropy(consume logits, segment.targets) * share
        // The derivative of this sum in the final state is the gradient that arrives there.
        let total = zip(final, arriving).reduce(part) { $0 + ($1.0 * $1.1).sum() }
        return (total, (part.values[0], final))
      }
      if end.isEmpty { end = final }
      loss += part
      var gradients = result
      arriving = gradients.entries.suffix(stateful.state.count).compactMap(\.gradient?.tensor)
      gradients.entries.removeLast(stateful.state.count)
      sum = sum.map { $0.adding(gradients) } ?? gradients
    }
    guard let sum else { preconditionFailure("no segments came, at least one is expected") }
    return (loss, end, sum)
  }
}

/// A network whose first state is watched as its parameters are.
private struct StatefulNetwork: Module {
  var network: Network
  var state: RecurrentNetwork.State

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    network.visitParameters(&visitor)
    for index in state.indices { visitor.visit("state.\(index)", &state[index]) }
  }
}

extension Gradients {
  fileprivate func adding(_ other: Gradients) -> Gradients {
    var sum = self
    for (index, entry) in other.entries.enumerated() {
      guard let term = entry.gradient else { continue }
      sum.entries[index].gradient =
        sum.entries[index].gradient.map { .dense($0.tensor + term.tensor) } ?? term
    }
    return sum
  }
}
