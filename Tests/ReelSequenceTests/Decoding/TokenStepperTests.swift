import ReelLayers
import ReelSequence
import ReelTensor
import Testing

/// Generation token by token gives what the network gives on the whole sequence.
@Suite struct TokenStepperTests {
  private static let vocabulary = 7
  private static let hidden = 19

  private func scores(
    of ids: [Int32], embedding: Embedding?, _ network: RecurrentNetwork, head: Linear,
    state: [Tensor]?
  ) -> (scores: Sequences, state: [Tensor]) {
    var none: RandomGenerator?
    let tokens = TokenSequences([ids])
    let input: SequenceInput =
      if let embedding { .vectors(embedding(tokens)) } else { .oneHot(tokens) }
    let (output, state) = network(input, state: state, using: &none)
    return (head(output), state)
  }

  /// From weights in fewer bits a step gives what the network with the Floats of these weights gives:
  /// of 16 bits up to rounding, of 8 bits up to the 16 bits that are left of the other factor.
  @Test(arguments: RecurrentCellKind.allCases, [WeightFormat.bfloat16, .int8])
  func narrowWeights(_ kind: RecurrentCellKind, format: WeightFormat) throws {
    var generator = RandomGenerator(seed: 5)
    var network = RecurrentNetwork(
      kind,
      RecurrentConfiguration(
        inputSize: 6, hiddenSize: Self.hidden, layers: 2, projectionSize: kind == .lstm ? 11 : nil),
      using: &generator)
    var embedding = Embedding(vocabulary: Self.vocabulary, dimension: 6, using: &generator)
    var head = Linear(network.configuration.outputSize, Self.vocabulary, using: &generator)
    try network.convertWeights(to: format)
    try embedding.convertWeights(to: format)
    try head.convertWeights(to: format)
    let formats = Set(network.parameters.filter { $0.tensor.rank == 2 }.map(\.tensor.weightFormat))
    #expect(formats.contains(format))
    let ids: [Int32] = [3, 1, 6, 0, 2, 2, 5]
    let stepper = TokenStepper(embedding: embedding, encoder: .recurrent(network), head: head)
    let stepped = ids.map { stepper.scores(after: $0) }
    #expect(head.weight.storage.narrow?.isWidened == false, "the head was read as Floats")
    // Those of the first layer's input make a table.
    for (path, weight) in network.parameters where path != "weight_ih_l0" {
      #expect(weight.storage.narrow?.isWidened != true, "\(path) was read as Floats")
    }
    let whole = scores(of: ids, embedding: embedding, network, head: head, state: nil).scores
    for (position, came) in stepped.enumerated() {
      let difference = largestDifference(came, whole[0].slice(position..<position + 1))
      #expect(difference < (format == .int8 ? 3e-4 : 5e-6))
    }
  }

  /// Relative to values above 1: a rectified network may grow.
  private func largestDifference(_ a: Tensor, _ b: Tensor) -> Float {
    zip(a.values, b.values).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 0
  }

  @Test(arguments: RecurrentCellKind.allCases, [0, 5])
  func stepsEqualTheWholeSequence(_ kind: RecurrentCellKind, embeddingSize: Int) {
    var generator = RandomGenerator(seed: 3)
    let embedding =
      embeddingSize > 0
      ? Embedding(vocabulary: Self.vocabulary, dimension: embeddingSize, using: &generator) : nil
    var network = RecurrentNetwork(
      kind,
      RecurrentConfiguration(
        inputSize: embeddingSize > 0 ? embeddingSize : Self.vocabulary, hiddenSize: Self.hidden,
        layers: 2), using: &generator)
    // Every parameter counts: none is left at 0 or 1.
    network.updateParameters { _, parameter in
      parameter = generator.uniform(shape: parameter.shape, in: -0.6...0.6)
    }
    var head = Linear(Self.hidden, Self.vocabulary, using: &generator)
    head.bias = generator.uniform(shape: [Self.vocabulary], in: -1...1)

    // The first tokens go through the network, the others step by step from its state.
    let ids: [Int32] = [3, 1, 6, 0, 2, 2, 5]
    let (whole, finalState) = scores(of: ids, embedding: embedding, network, head: head, state: nil)
    let (_, middle) = scores(
      of: Array(ids[..<3]), embedding: embedding, network, head: head, state: nil)
    let stepper = TokenStepper(
      embedding: embedding, encoder: .recurrent(network), head: head, state: middle)
    for (position, id) in ids.enumerated().dropFirst(3) {
      let expected = whole[0].slice(position..<position + 1)
      #expect(largestDifference(stepper.scores(after: id), expected) < 5e-6)
    }
    for (came, expected) in zip(stepper.state, finalState) {
      #expect(came.shape == expected.shape)
      #expect(largestDifference(came, expected) < 5e-6)
    }
  }

  /// With zoneout (whose mean prediction takes), a projection and a learned initial state, from the
  /// very beginning and from a state in the middle.
  @Test(arguments: RecurrentCellKind.allCases, [1, 420])
  func dropIns(_ kind: RecurrentCellKind, scale: Int) {
    var generator = RandomGenerator(seed: 3)
    let isLSTM = kind.stateNames.count == 2
    let hidden = scale == 1 ? Self.hidden : scale
    var network = RecurrentNetwork(
      kind,
      RecurrentConfiguration(
        inputSize: 5, hiddenSize: hidden, layers: 2, zoneout: 0.3, zoneoutCell: isLSTM ? 0.5 : 0,
        projectionSize: isLSTM ? hidden / 2 : nil, learnsInitialState: true), using: &generator)
    let bound = 2.4 / Float(hidden).squareRoot()
    network.updateParameters { _, parameter in
      parameter = generator.uniform(shape: parameter.shape, in: -bound...bound)
    }
    let embedding = Embedding(vocabulary: Self.vocabulary, dimension: 5, using: &generator)
    let head = Linear(network.configuration.outputSize, Self.vocabulary, using: &generator)
    let ids: [Int32] = [3, 1, 6, 0, 2, 2, 5]
    let (whole, finalState) = scores(of: ids, embedding: embedding, network, head: head, state: nil)
    for start in [0, 3] {
      let middle =
        start == 0
        ? nil
        : scores(of: Array(ids[..<start]), embedding: embedding, network, head: head, state: nil)
          .state
      let stepper = TokenStepper(
        embedding: embedding, encoder: .recurrent(network), head: head, state: middle)
      for (position, id) in ids.enumerated().dropFirst(start) {
        let expected = whole[0].slice(position..<position + 1)
        #expect(largestDifference(stepper.scores(after: id), expected) < 2e-5)
      }
      for (came, expected) in zip(stepper.state, finalState) {
        #expect(came.shape == expected.shape)
        #expect(largestDifference(came, expected) < 2e-5)
      }
    }
  }

  /// A head tied to the embedding, with and without a projection in between.
  @Test(arguments: [19, 5])
  func tiedHead(_ dimension: Int) {
    var generator = RandomGenerator(seed: 9)
    let embedding = Embedding(
      vocabulary: Self.vocabulary, dimension: dimension, using: &generator)
    let network = RecurrentNetwork(
      .gru, RecurrentConfiguration(inputSize: dimension, hiddenSize: Self.hidden),
      using: &generator)
    var head = TiedLinear(Self.hidden, embedding: embedding, using: &generator)
    #expect((head.projection == nil) == (dimension == Self.hidden))
    head.bias = generator.uniform(shape: [Self.vocabulary], in: -1...1)
    let ids: [Int32] = [3, 1, 6, 0]
    var none: RandomGenerator?
    let (output, _) = network(
      .embedded(TokenSequences([ids]), embedding), using: &none)
    let whole = head(output, embedding: embedding)
    let stepper = TokenStepper(embedding: embedding, encoder: .recurrent(network), tiedHead: head)
    #expect(stepper.classes == Self.vocabulary)
    for (position, id) in ids.enumerated() {
      let expected = whole[0].slice(position..<position + 1)
      #expect(largestDifference(stepper.scores(after: id), expected) < 5e-6)
    }
  }

  /// Weights beyond one core's cache are shared out by rows among threads; 420 rows give three full
  /// pieces and a shorter one, so that a row left out or taken twice would show.
  @Test(arguments: [RecurrentCellKind.rnn, .gru, .gruResetBefore, .lstm])
  func largeProductsAreShared(_ kind: RecurrentCellKind) {
    var generator = RandomGenerator(seed: 5)
    var network = RecurrentNetwork(
      kind, RecurrentConfiguration(inputSize: Self.vocabulary, hiddenSize: 420, layers: 2),
      using: &generator)
    network.updateParameters { _, parameter in
      parameter = generator.uniform(shape: parameter.shape, in: -0.08...0.08)
    }
    let head = Linear(420, Self.vocabulary, using: &generator)
    let ids: [Int32] = [3, 1, 6, 0]
    let (whole, _) = scores(of: ids, embedding: nil, network, head: head, state: nil)
    func steps(threads: Int) -> [Tensor] {
      Threads.with(threads) {
        let stepper = TokenStepper(
          embedding: nil, encoder: .recurrent(network), head: head, state: nil)
        return ids.map { stepper.scores(after: $0) }
      }
    }
    let shared = steps(threads: 3)
    for (position, scores) in shared.enumerated() {
      #expect(largestDifference(scores, whole[0].slice(position..<position + 1)) < 2e-5)
    }
    #expect(shared.map(\.values) == steps(threads: 1).map(\.values))
  }

  @Test func aLargeVocabularyIsNotTabulated() {
    var generator = RandomGenerator(seed: 4)
    // 200,000 rows × 4·25 gates are more than a table may have.
    let embedding = Embedding(vocabulary: 200_000, dimension: 3, using: &generator)
    let network = RecurrentNetwork(
      .lstm, RecurrentConfiguration(inputSize: 3, hiddenSize: 25), using: &generator)
    let head = Linear(25, 4, using: &generator)
    let stepper = TokenStepper(embedding: embedding, encoder: .recurrent(network), head: head)
    let (whole, _) = scores(
      of: [199_999, 12], embedding: embedding, network, head: head, state: nil)
    _ = stepper.scores(after: 199_999)
    #expect(largestDifference(stepper.scores(after: 12), whole[0].slice(1..<2)) < 5e-6)
  }
}
