import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// The same without recurrent products.
private struct UnconnectedProbeCell: RecurrentCell {
  typealias State = HiddenState
  static var gateCount: Int { 1 }
  static var phases: [[RecurrentProduct]] { [[]] }

  init(hiddenSize: Int) {}

  func forward(_ step: CellStep) { CoarseProbeCell(hiddenSize: step.hiddenSize).forward(step) }
  func backward(_ step: CellGradientStep) {
    CoarseProbeCell(hiddenSize: step.hiddenSize).backward(step)
  }
}

/// Puts out whether it may be coarse.
private struct CoarseProbeCell: RecurrentCell {
  typealias State = HiddenState
  static var gateCount: Int { 1 }

  init(hiddenSize: Int) {}

  func forward(_ step: CellStep) {
    for row in 0..<step.rows {
      for unit in 0..<step.hiddenSize { step.next[0][row, unit] = step.isCoarse ? 1 : 0 }
    }
  }

  func backward(_ step: CellGradientStep) {
    step.gates.clear()
    step.state[0].clear()
  }
}

/// The simple recurrent cell once more, from outside the library: its gates are its output.
private struct OutsideTanhCell: RecurrentCell {
  typealias State = HiddenState
  static var gateCount: Int { 1 }
  static var gatesAreOutput: Bool { true }

  init(hiddenSize: Int) {}

  func forward(_ step: CellStep) {
    step.gates.applyTanh()
    step.next[0].copy(from: step.gates)
  }

  func backward(_ step: CellGradientStep) {
    for row in 0..<step.rows {
      for unit in 0..<step.hiddenSize {
        let h = step.gates[row, unit]
        step.gates[row, unit] = step.state[0][row, unit] * (1 - h * h)
      }
    }
    step.state[0].clear()
  }
}

/// What nobody will go back through is computed in other ways: states that change places, projections that
/// are looked up with their bias, weights of 8 bits.
@Suite struct PredictionTests {
  private static let vocabulary = 9
  /// Units of which the gates of every cell have padded rows.
  private static let paddedSize = 256

  /// Sequences in more than one piece, with tokens that stand for nothing: ragged, some empty, or of one length.
  private static func tokens(
    _ random: inout TestRandom, count: Int, length: Int? = nil
  ) -> TokenSequences {
    TokenSequences(
      (0..<count).map { _ in
        (0..<(length ?? Int.random(in: 0...9, using: &random))).map { _ in
          Int32.random(in: -1..<Int32(vocabulary), using: &random)
        }
      })
  }

  private static func network(
    _ kind: RecurrentCellKind, _ directions: RecurrentDirections, inputs: Int, hidden: Int,
    layers: Int = 1, projection: Int? = nil, dropsOut: Bool = false, _ random: inout TestRandom
  ) -> RecurrentNetwork {
    var generator = RandomGenerator(seed: 21)
    var configuration = RecurrentConfiguration(
      inputSize: inputs, hiddenSize: hidden, layers: layers, directions: directions,
      projectionSize: projection)
    if dropsOut {
      (configuration.dropout, configuration.recurrentDropout) = (0.2, 0.3)
      (configuration.zoneout, configuration.zoneoutCell) = (
        0.2, kind.stateNames.count > 1 ? 0.4 : 0
      )
      configuration.learnsInitialState = true
    }
    var network = RecurrentNetwork(kind, configuration, using: &generator)
    let bound = 1.2 / Float(hidden).squareRoot()
    network.updateParameters { path, parameter in
      parameter = random.tensor(
        parameter.shape, in: path.hasSuffix("gain") ? 0.5...1.5 : -bound...bound)
    }
    return network
  }

  private static func states(_ network: RecurrentNetwork, batch: Int, _ random: inout TestRandom)
    -> [Tensor]
  {
    let configuration = network.configuration
    return network.stateNames.indices.map { component in
      random.tensor([
        configuration.layers * configuration.directions.count, batch,
        component == 0
          ? configuration.projectionSize ?? configuration.hiddenSize
          : configuration.hiddenSize,
      ])
    }
  }

  /// By how much errors grow where they are divided by a small deviation.
  private static func amplification(_ kind: RecurrentCellKind) -> Double {
    kind == .lstmLayerNorm ? 10 : 1
  }

  private func expectNear(
    _ came: Tensor, _ expected: Tensor, _ tolerance: Double, _ what: String
  ) {
    #expect(difference(came, DoubleTensor(expected), tolerance: tolerance, what: what) == nil)
  }

  /// Outputs and last states are those of a run that somebody watches, from a state and from zeros.
  @Test(arguments: RecurrentCellKind.allCases, RecurrentDirections.allCases)
  func watchedAndNot(_ kind: RecurrentCellKind, _ directions: RecurrentDirections) {
    var random = TestRandom(401)
    for (batch, hidden) in [(3, 5), (30, 12), (130, 20), (230, Self.paddedSize)] {
      let projection = kind.allowsProjection && batch == 30 ? 7 : nil
      let network = Self.network(
        kind, directions, inputs: 4, hidden: hidden, layers: 2, projection: projection, &random)
      // Of one length, the hidden state stays in the output.
      for length in [nil, 1, 6] {
        expectWatchedIsTheSame(network, batch: batch, length: length, dropsOut: false, &random)
      }
    }
  }

  /// The same with zoneout and masks of dropout, drawn for both runs, and with learned first states.
  @Test(arguments: RecurrentCellKind.allCases, RecurrentDirections.allCases)
  func watchedAndNotWithDropout(_ kind: RecurrentCellKind, _ directions: RecurrentDirections) {
    var random = TestRandom(404)
    for (batch, hidden) in [(3, 5), (130, 12)] {
      let network = Self.network(
        kind, directions, inputs: 4, hidden: hidden, layers: 2, dropsOut: true, &random)
      for length in [nil, 6] {
        expectWatchedIsTheSame(network, batch: batch, length: length, dropsOut: true, &random)
      }
    }
  }

  private func expectWatchedIsTheSame(
    _ network: RecurrentNetwork, batch: Int, length: Int?, dropsOut: Bool,
    _ random: inout TestRandom
  ) {
    let tokens = Self.tokens(&random, count: batch, length: length)
    let vectors = Embedding(weight: random.tensor([Self.vocabulary, 4]))(tokens)
    for state in [nil, Self.states(network, batch: batch, &random)] {
      func generator() -> RandomGenerator? { dropsOut ? RandomGenerator(seed: 31) : nil }
      var first = generator()
      let (output, last) = network(.vectors(vectors), state: state, using: &first)
      let watched = valueAndGradient(of: network) { network -> (Tensor, [Tensor]) in
        var second = generator()
        let (output, state) = network(.vectors(vectors), state: state, using: &second)
        return (output.values.sum(), [output.values] + state)
      }
      for (came, expected) in zip([output.values] + last, watched.extra) {
        expectNear(
          came, expected, 1e-5, "\(batch) sequences\(length.map { " of \($0) tokens" } ?? "")")
      }
    }
  }

  /// A cell from outside whose gates are its output gives what the RNN gives, watched or not.
  @Test(arguments: RecurrentDirections.allCases, [nil, 1, 6])
  func gatesThatAreTheOutput(_ directions: RecurrentDirections, length: Int?) {
    var random = TestRandom(409)
    let configuration = RecurrentConfiguration(
      inputSize: 4, hiddenSize: 7, layers: 2, directions: directions)
    func made<Cell>(_ type: Cell.Type) -> Recurrent<Cell> {
      var generator = RandomGenerator(seed: 23)
      return Recurrent<Cell>(configuration, using: &generator)
    }
    let (own, rnn) = (made(OutsideTanhCell.self), made(RNNCell.self))
    let vectors = Embedding(weight: random.tensor([Self.vocabulary, 4]))(
      Self.tokens(&random, count: 40, length: length))
    func watched<Cell>(_ network: Recurrent<Cell>) -> [Tensor] {
      let result = valueAndGradient(of: network) { network -> (Tensor, [Tensor]) in
        let (output, state) = network(vectors)
        return ((output.values * output.values).sum(), [output.values, state.components[0]])
      }
      return result.extra + result.gradients.entries.compactMap { $0.gradient?.tensor }
    }
    let expected = watched(rnn)
    #expect(expected.count == 2 + rnn.parameters.count)
    for (came, expected) in zip(watched(own), expected) {
      expectNear(came, expected, 1e-5, "watched")
    }
    let (output, state) = own(vectors)
    for (came, expected) in zip([output.values, state.components[0]], expected) {
      expectNear(came, expected, 1e-5, "not watched")
    }
  }

  /// Tables of projections, which have the bias, give what their vectors give.
  @Test(arguments: RecurrentCellKind.allCases, RecurrentDirections.allCases)
  func tablesOfProjections(_ kind: RecurrentCellKind, _ directions: RecurrentDirections) {
    var random = TestRandom(402)
    let tolerance = Self.amplification(kind)
    for (batch, hidden) in [(1, 5), (3, 40), (30, 12), (130, 20), (230, Self.paddedSize)] {
      let network = Self.network(kind, directions, inputs: 4, hidden: hidden, layers: 2, &random)
      let embedding = Embedding(weight: random.tensor([Self.vocabulary, 4]))
      let tokens = Self.tokens(&random, count: batch)
      if hidden == Self.paddedSize {
        let table = network.projections(of: embedding.weight)[0]
        #expect(table.shape[1] % hidden > 0, "no padding is tested")
      }
      for precision in [ProductPrecision.highest, .medium] {
        ProductPrecision.with(precision) {
          let came = network(tokens, projections: network.projections(of: embedding.weight))
          var none: RandomGenerator?
          let expected = network(.vectors(embedding(tokens)), using: &none).output
          expectNear(
            came.values, expected.values, tolerance * (precision == .medium ? 0.05 : 1e-5),
            "\(batch) sequences, \(precision)")
        }
      }
    }
  }

  /// With weights of 8 bits the network gives what it gives with the Floats of these weights, up to the 16
  /// bits that are left of the other factor.
  @Test(arguments: RecurrentCellKind.allCases, RecurrentDirections.allCases)
  func weightsOfEightBits(_ kind: RecurrentCellKind, _ directions: RecurrentDirections) throws {
    var random = TestRandom(403)
    let tolerance = 1e-3 * Self.amplification(kind)
    for (batch, hidden) in [(3, 40), (30, 12), (230, 20), (230, Self.paddedSize)] {
      let floats = Self.network(kind, directions, inputs: 4, hidden: hidden, layers: 2, &random)
      var (network, rounded) = (floats, floats)
      try network.convertWeights(to: .int8)
      try rounded.convertWeights(to: .int8)
      try rounded.convertWeights(to: .float32)
      let embedding = Embedding(weight: random.tensor([Self.vocabulary, 4]))
      let tokens = Self.tokens(&random, count: batch)
      let vectors = embedding(tokens)
      func output(_ network: RecurrentNetwork, _ input: SequenceInput) -> Tensor {
        var none: RandomGenerator?
        return network(input, using: &none).output.values
      }
      let expected = output(rounded, .vectors(vectors))
      let came = output(network, .vectors(vectors))
      expectNear(came, expected, tolerance, "\(batch) sequences")
      for threads in 1...3 {
        let again = Threads.with(threads) { output(network, .vectors(vectors)) }
        expectSameBytes(again, came, "\(batch) sequences, \(threads) threads")
      }
      let embedded = output(network, .embedded(tokens, embedding))
      expectNear(embedded, expected, tolerance, "\(batch) sequences, embedded")
      let looked = network(tokens, projections: network.projections(of: embedding.weight))
      expectNear(looked.values, expected, tolerance, "\(batch) sequences, looked up")
      if kernels.bytes != nil {
        for (path, weight) in network.parameters where weight.weightFormat == .int8 {
          #expect(weight.storage.narrow?.isWidened == false, "\(path) was read as Floats")
        }
      }
    }
  }

  /// A cell may be coarse where both factors of every product with the state have 8 bits, and nobody goes
  /// back: looked-up rows, products stacked for many rows, and products one by one.
  @Test func whereGatesAreCoarse() throws {
    var random = TestRandom(406)
    for batch in [1, 3, 30, 230] {
      for format in WeightFormat.allCases {
        var generator = RandomGenerator(seed: 22)
        var layer = Recurrent<CoarseProbeCell>(
          RecurrentConfiguration(inputSize: 4, hiddenSize: 64), using: &generator)
        try layer.convertWeights(to: format)
        let x = Sequences(random.tensor([batch, 5, 4]))
        for precision in ProductPrecision.allCases {
          ProductPrecision.with(precision) {
            let isExpected =
              kernels.bytes != nil && format == .int8 && precision == .medium && batch > 1
            let found = layer(x).output.values.values
            let what: Comment = "\(batch) sequences, \(format), \(precision)"
            #expect(found.allSatisfy { $0 == (isExpected ? 1 : 0) }, what)
            if format == .float32 {
              let watched = valueAndGradient(of: layer) { layer -> (Tensor, Tensor) in
                let values = layer(x).output.values
                return (values.sum(), values)
              }
              #expect(watched.extra.values.allSatisfy { $0 == 0 }, what)
            }
          }
        }
      }
    }
  }

  /// A cell without a product with the state has none of 8 bits.
  @Test func cellsWithoutProductsAreExact() throws {
    var generator = RandomGenerator(seed: 23)
    var layer = Recurrent<UnconnectedProbeCell>(
      RecurrentConfiguration(inputSize: 4, hiddenSize: 8), using: &generator)
    try layer.convertWeights(to: .int8)
    let x = Sequences(generator.uniform(shape: [30, 5, 4], in: -1...1))
    let found = ProductPrecision.with(.medium) { layer(x).output.values.values }
    #expect(found.allSatisfy { $0 == 0 })
  }

  /// And then the outputs are those of exact gates, to what these lose: with weights of zero nothing else
  /// differs.
  @Test(arguments: [RecurrentCellKind.rnn, .gru, .lstm, .lstmPeephole])
  func coarseGatesAreNear(_ kind: RecurrentCellKind) throws {
    var random = TestRandom(407)
    var network = Self.network(kind, .bidirectional, inputs: 4, hidden: 20, layers: 2, &random)
    network.updateParameters { path, parameter in
      if path.contains("weight_") { parameter = Tensor(zeros: parameter.shape) }
    }
    try network.convertWeights(to: .int8)
    let vectors = Sequences(random.tensor([60, 7, 4]))
    func output(_ precision: ProductPrecision) -> Tensor {
      ProductPrecision.with(precision) {
        var none: RandomGenerator?
        return network(.vectors(vectors), using: &none).output.values
      }
    }
    let (exact, coarse) = (output(.highest), output(.medium))
    expectNear(coarse, exact, 6e-3, "\(kind)")
    if kernels.bytes != nil { #expect(coarse.values != exact.values, "\(kind)") }
  }

  /// And each sequence the bits that it has by itself.
  @Test(arguments: RecurrentCellKind.allCases, RecurrentDirections.allCases)
  func weightsOfEightBitsInAnyCompany(
    _ kind: RecurrentCellKind, _ directions: RecurrentDirections
  ) throws {
    guard kernels.bytes != nil else { return }
    var random = TestRandom(405)
    var network = Self.network(kind, directions, inputs: 4, hidden: 20, layers: 2, &random)
    try network.convertWeights(to: .int8)
    let tokens = Self.tokens(&random, count: 230)
    let vectors = Embedding(weight: random.tensor([Self.vocabulary, 4]))(tokens)
    var none: RandomGenerator?
    let all = network(.vectors(vectors), using: &none).output.padded()
    let padded = vectors.padded()
    for row in stride(from: 0, to: 230, by: 9) where tokens.layout.lengths[row] > 0 {
      let one = Sequences(padded.slice(row..<row + 1), lengths: [tokens.layout.lengths[row]])
      let alone = network(.vectors(one), using: &none).output.padded()
      let company = all.slice(row..<row + 1).slice(0..<alone.shape[1], axis: 1)
      expectSameBytes(alone, company, "sequence \(row)")
    }
  }
}
