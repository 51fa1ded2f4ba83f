import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport

/// A network with random parameters, input and state, and its oracle.
struct RecurrentCase {
  let kind: RecurrentCellKind
  let configuration: RecurrentConfiguration
  var model: WatchedNetwork

  init(
    _ kind: RecurrentCellKind, _ configuration: RecurrentConfiguration, lengths: [Int],
    padding: Int = 0, withState: Bool = true, seed: UInt64
  ) {
    self.kind = kind
    self.configuration = configuration
    var generator = RandomGenerator(seed: seed)
    var random = TestRandom(seed)
    let time = (lengths.max() ?? 0) + padding
    let parts = configuration.layers * configuration.directions.count
    var network = RecurrentNetwork(kind, configuration, using: &generator)
    // Weights of about unit gain; gains of normalizations away from 0.
    let bound = 1.2 / Float(configuration.hiddenSize).squareRoot()
    network.updateParameters { path, parameter in
      parameter = random.tensor(
        parameter.shape, in: path.hasSuffix("gain") ? 0.5...1.5 : -bound...bound)
    }
    model = WatchedNetwork(
      network: network,
      input: random.tensor([lengths.count, time, configuration.inputSize]), lengths: lengths)
    if withState {
      model.state = configuration.widths(network).map {
        random.tensor([parts, lengths.count, $0])
      }
    }
  }

  /// - Parameter generator: what the library is called with; the oracle gets the same masks.
  func oracle(dropoutFrom generator: RandomGenerator? = nil) -> RecurrentOracle {
    var oracle = RecurrentOracle(kind, configuration, of: model)
    guard var generator else { return oracle }
    let layout = SequenceLayout(lengths: model.lengths)
    let widths = configuration.widths(model.network)
    let (directions, hidden) = (configuration.directions.count, widths[0])
    var masks: [[Double]] = []
    let zoneout = [configuration.zoneout, configuration.zoneoutCell]
    for layer in 0..<configuration.layers {
      if layer > 0 && configuration.dropout > 0 {
        let mask = generator.dropoutMask(
          shape: [layout.total, directions * hidden], probability: configuration.dropout)
        oracle.inputMasks[layer] = Sequences(values: mask, layout: layout).padded().values
          .map(Double.init)
      }
      for _ in 0..<directions {
        if configuration.recurrentDropout > 0 {
          masks.append(
            generator.dropoutMask(
              shape: [layout.batch, hidden], probability: configuration.recurrentDropout
            ).values.map(Double.init))
        }
        oracle.zoneoutMasks.append(
          widths.enumerated().map { component, width in
            guard zoneout[component] > 0 else { return [] }
            let mask = generator.dropoutMask(
              shape: [layout.total, width], probability: zoneout[component])
            return Sequences(values: mask, layout: layout).padded().values.map { $0 == 0 ? 1 : 0 }
          })
      }
    }
    if configuration.recurrentDropout > 0 { oracle.recurrentMasks = masks }
    return oracle
  }
}

/// What a test differentiates.
enum TestLoss: String, CaseIterable, Sendable {
  case allSteps, lastStep, finalState

  /// Σ weight ⊙ value, for the library.
  func callAsFunction(_ output: Sequences, _ state: [Tensor], _ weights: LossWeights) -> Tensor {
    switch self {
    case .allSteps: return (output.padded() * weights.output).sum()
    case .lastStep: return (output.last * weights.last).sum()
    case .finalState:
      return zip(state, weights.state).reduce(Tensor(0)) { $0 + ($1.0 * $1.1).sum() }
    }
  }

  /// The same for the oracle.
  func callAsFunction(_ oracle: RecurrentOracle, _ weights: LossWeights) -> Double {
    func dot(_ a: [Double], _ b: Tensor) -> Double {
      zip(a, b.values).reduce(0) { $0 + $1.0 * Double($1.1) }
    }
    let (output, state) = oracle()
    switch self {
    case .allSteps: return dot(output, weights.output)
    case .finalState: return zip(state, weights.state).reduce(0) { $0 + dot($1.0, $1.1) }
    case .lastStep:
      let features = weights.last.shape[1]
      let last = oracle.lengths.enumerated().flatMap { row, length -> [Double] in
        let start = (row * oracle.longest + length - 1) * features
        return length == 0
          ? [Double](repeating: 0, count: features) : Array(output[start..<start + features])
      }
      return dot(last, weights.last)
    }
  }
}

struct LossWeights: Sendable {
  let output: Tensor
  let last: Tensor
  let state: [Tensor]

  init(_ test: RecurrentCase, seed: UInt64) {
    var random = TestRandom(seed)
    let batch = test.model.lengths.count
    let c = test.configuration
    let features = c.outputSize
    output = random.tensor([batch, test.model.lengths.max() ?? 0, features])
    last = random.tensor([batch, features])
    state = c.widths(test.model.network).map {
      random.tensor([c.layers * c.directions.count, batch, $0])
    }
  }
}

extension RecurrentConfiguration {
  /// Features of each component of the state.
  func widths(_ network: RecurrentNetwork) -> [Int] {
    network.stateNames.indices.map { $0 == 0 ? projectionSize ?? hiddenSize : hiddenSize }
  }
}
