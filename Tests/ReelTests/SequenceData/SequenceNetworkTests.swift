import Reel
import Testing

@Suite struct SequenceNetworkTests {
  @Test(arguments: [EncoderKind.rnn, .gru, .lstm, .tcn])
  func lastIsTheLastStepOfEach(_ cell: EncoderKind) {
    var generator = RandomGenerator(seed: 1)
    let network = SequenceNetwork(
      EncoderConfiguration(cell: cell, hiddenSize: 6, directions: .forward),
      inputSize: AddingProblem.features, outputs: 3, using: &generator)
    let batch = AddingProblem(lengths: 2...7).batch(5, using: &generator)
    let steps = network(.vectors(batch.inputs))
    #expect(steps.featureCount == 3 && steps.lengths == batch.inputs.lengths)
    #expect(network.last(.vectors(batch.inputs)) == steps.last)
    #expect(network.parameters.map(\.path).suffix(2) == ["head.weight", "head.bias"])
  }

  @Test(arguments: [EncoderKind.rnn, .gru, .lstm, .tcn], [300, 5000, 20_000])
  func sizedComesClose(_ cell: EncoderKind, _ parameters: Int) {
    let configuration = EncoderConfiguration(cell: cell, layers: 2, directions: .forward)
      .sized(parameters: parameters, inputSize: 7)
    func count(_ hiddenSize: Int) -> Int {
      var generator = RandomGenerator(seed: 1)
      var other = configuration
      other.hiddenSize = hiddenSize
      return other.network(inputSize: 7, using: &generator).parameterCount
    }
    let distance = abs(count(configuration.hiddenSize) - parameters)
    #expect(distance <= abs(count(configuration.hiddenSize + 1) - parameters))
    if configuration.hiddenSize > 1 {
      #expect(distance <= abs(count(configuration.hiddenSize - 1) - parameters))
    }
    #expect(configuration.layers == 2 && configuration.cell == cell)
  }

  /// The loop of the documentation, on a problem small enough to be learned in a moment.
  @Test func learnsToAdd() {
    var generator = RandomGenerator(seed: 2)
    var network = SequenceNetwork(
      EncoderConfiguration(cell: .gru, hiddenSize: 16, directions: .forward),
      inputSize: AddingProblem.features, outputs: 1, using: &generator)
    var optimizer = Adam(learningRate: 1e-2)
    let problem = AddingProblem(length: 8)
    func error(_ network: SequenceNetwork, _ batch: AddingProblem.Batch) -> Tensor {
      (network.last(.vectors(batch.inputs)) - batch.sums).squared().mean()
    }
    for _ in 0..<400 {
      let batch = problem.batch(32, using: &generator)
      let (_, gradients) = valueAndGradient(of: network) { error($0, batch) }
      optimizer.update(&network, with: gradients, scale: gradients.clip(globalNorm: 1))
    }
    let test = problem.batch(500, using: &generator)
    #expect(Double(error(network, test).scalar) < AddingProblem.baseline / 10)
  }
}
