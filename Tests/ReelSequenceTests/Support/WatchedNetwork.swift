import ReelLayers
import ReelSequence
import ReelTensor

/// A network together with its input and its initial state, so that a gradient comes out for each.
struct WatchedNetwork: Module {
  var network: RecurrentNetwork
  /// [batch, time, feature].
  var input: Tensor
  var lengths: [Int]
  /// Empty: no state is passed.
  var state: [Tensor] = []

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("network", &network)
    visitor.visit("input", &input)
    for index in state.indices { visitor.visit("state.\(index)", &state[index]) }
  }

  func callAsFunction(
    using generator: RandomGenerator? = nil
  ) -> (output: Sequences, state: [Tensor]) {
    var generator = generator
    return network(
      .vectors(Sequences(input, lengths: lengths)), state: state.isEmpty ? nil : state,
      using: &generator)
  }
}
