import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport

/// A network together with its input and its state, so that a gradient comes out for each.
struct WatchedTCN: Module {
  var network: TCN
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
    let (output, next) = network(
      Sequences(input, lengths: lengths),
      state: state.isEmpty ? nil : TCN.State(components: state), using: &generator)
    return (output, next.components)
  }
}

/// A network with random parameters, input and state.
struct TCNCase {
  var model: WatchedTCN

  init(
    _ configuration: TCNConfiguration, lengths: [Int], padding: Int = 0, withState: Bool = false,
    seed: UInt64
  ) {
    var generator = RandomGenerator(seed: seed)
    var random = TestRandom(seed)
    var network = TCN(configuration, using: &generator)
    // Every parameter counts: none is near 0 or 1 for all channels, and about half of what the
    // rectifiers see is positive.
    network.updateParameters { path, parameter in
      parameter = random.tensor(
        parameter.shape, in: path.hasSuffix("weight_g") ? 0.6...1.6 : -0.7...0.7)
    }
    let time = (lengths.max() ?? 0) + padding
    model = WatchedTCN(
      network: network, input: random.tensor([lengths.count, time, configuration.inputSize]),
      lengths: lengths)
    if withState {
      model.state = network.zeroState(batch: lengths.count).components.map {
        random.tensor($0.shape)
      }
    }
  }

  var configuration: TCNConfiguration { model.network.configuration }

  /// - Parameter generator: what the library is called with; the oracle gets the same masks.
  func oracle(dropoutFrom generator: RandomGenerator? = nil) -> TCNOracle {
    var oracle = TCNOracle(configuration, of: model)
    if var generator, configuration.dropout > 0 {
      oracle.masks = configuration.channels.flatMap { channels in
        (0..<2).map { _ in
          generator.dropoutMask(
            shape: [model.lengths.count, channels], probability: configuration.dropout
          ).values.map(Double.init)
        }
      }
    }
    return oracle
  }
}

/// Σ weight ⊙ value over the output and the state, for the library and for the oracle.
struct TCNLoss: Sendable {
  let output: Tensor
  let state: [Tensor]
  /// Of the state, for the library: those that count alone; nil: all do, and the output.
  var components: [Int]?

  init(_ test: TCNCase, seed: UInt64) {
    var random = TestRandom(seed)
    let batch = test.model.lengths.count
    output = random.tensor([
      batch, test.model.lengths.max() ?? 0, test.configuration.outputSize,
    ])
    state = test.model.network.zeroState(batch: batch).components.map { random.tensor($0.shape) }
  }

  func callAsFunction(_ output: Sequences, _ state: [Tensor]) -> Tensor {
    let terms = (components ?? Array(state.indices)).map { (state[$0] * self.state[$0]).sum() }
    let all = components == nil ? [(output.padded() * self.output).sum()] + terms : terms
    return all.dropFirst().reduce(all[0]) { $0 + $1 }
  }

  func callAsFunction(_ oracle: TCNOracle) -> Double {
    func dot(_ a: [Double], _ b: Tensor) -> Double {
      zip(a, b.values).reduce(0) { $0 + $1.0 * Double($1.1) }
    }
    let (output, state) = oracle()
    return zip(state, self.state).reduce(dot(output, self.output)) { $0 + dot($1.0, $1.1) }
  }
}
