import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// The decoder as one node against the one that is put together from single operations.
struct AttentionDecoderTests {
  @Test(arguments: RecurrentCellKind.allCases, AttentionKind.allCases)
  func equalsTheComposedOne(_ cell: RecurrentCellKind, _ attention: AttentionKind) {
    for layers in [1, 2] {
      check(DecoderCase(cell, attention, layers: layers, seed: UInt64(layers)))
    }
  }

  @Test func equalsTheComposedOneOnManyShapes() {
    var random = TestRandom(4)
    for seed in 0..<8 {
      let batch = Int.random(in: 1...20, using: &random)
      func lengths() -> [Int] { (0..<batch).map { _ in Int.random(in: 0...5, using: &random) } }
      check(
        DecoderCase(
          .gru, .additive, layers: 1, sourceLengths: lengths(), targetLengths: lengths(),
          seed: UInt64(seed)))
    }
  }

  private func check(_ test: DecoderCase) {
    let c = test.decoder.configuration
    let name = "\(c.cell.rawValue), \(c.attention.rawValue), \(c.layers) layers"
    let (expected, composed, expectedGradients) = valueAndGradient(of: test) {
      let run = $0.runComposed()
      return (run.sum, (run.attentional, run.weights))
    }
    let (value, came, gradients) = valueAndGradient(of: test) {
      let run = $0.run()
      return (run.sum, (run.attentional, run.weights))
    }
    #expect(abs(value.scalar - expected.scalar) <= 1e-5 * max(1, abs(expected.scalar)), "\(name)")
    for (came, expected) in [(came.0, composed.0), (came.1, composed.1)] {
      #expect(came.map(\.count) == expected.map(\.count), "\(name)")
      let worst = zip(came.joined(), expected.joined()).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(worst < 1e-5, "\(name): outputs differ by \(worst)")
    }
    for (came, expected) in zip(gradients.entries, expectedGradients.entries) {
      let zeros = Tensor(zeros: came.shape)
      expectClose(
        came.gradient?.tensor ?? zeros, expected.gradient?.tensor ?? zeros,
        "\(name): gradient of \(came.path)", within: 2e-5)
    }
  }

  /// Reading without anybody watching keeps nothing, and gives the same.
  @Test func givesTheSameWhenNobodyWatches() {
    let test = DecoderCase(.lstm, .additive, layers: 2)
    let (_, watched, _) = valueAndGradient(of: test) {
      let run = $0.run()
      return (run.sum, run.attentional)
    }
    #expect(test.run().attentional == watched)
  }

  @Test(arguments: AttentionKind.allCases)
  func stepByStepGivesTheScoresOfTheWholeSequence(_ attention: AttentionKind) {
    for copies in [false, true] {
      let test = DecoderCase(
        .lstm, attention, layers: 2, copies: copies, targetLengths: [4, 4, 4, 4])
      let memory = test.decoder.memory(of: test.sequences)
      var random = TestRandom(7)
      let sources = test.sourceLengths.map { random.ids($0, in: 0..<8) }
      let stepper = AttentionDecoderStepper(
        test.decoder, memory: memory, state: test.state, sources: sources, rows: 4, steps: 4)
      let packed = AttentionDecoderStepper(
        test.decoder, memory: memory, state: test.state, sources: sources, rows: 8, steps: 4)
      var none: RandomGenerator?
      for time in 0..<4 {
        let tokens = test.tokens.map { $0[time] }
        // Rows turned round and back, as a beam would.
        let reversed = Array((0..<4).reversed())
        let parents = time == 0 ? Array(0..<4) : reversed
        let order = time % 2 == 0 ? Array(0..<4) : reversed
        let scores = stepper.logProbabilities(
          after: order.map { tokens[$0] }, continuing: parents)
        let packedScores = packed.logProbabilities(
          after: order.map { tokens[$0] }, continuing: parents)
        for (place, row) in order.enumerated() {
          // −log p of each token as the loss of the sequence up to here.
          for token in 0..<8 {
            let targets = test.tokens.indices.map { other in
              (0...time).map { $0 == time && other == row ? Int32(token) : -1 }
            }
            let loss = test.decoder.loss(
              TokenSequences(test.tokens.map { Array($0[...time]) }),
              targets: TokenSequences(targets), memory: memory, state: test.state,
              sources: sources, using: &none)
            #expect(abs(loss.scalar + scores[place, token]) < 1e-4)
            #expect(abs(loss.scalar + packedScores[place, token]) < 1e-4)
          }
        }
      }
    }
  }

  /// Rows as a beam has them: more and fewer, two that continue one, some dropped. Each has the scores of the
  /// tokens that led to it.
  @Test(arguments: RecurrentCellKind.allCases, [1, 2])
  func rowsBranchAndEnd(_ cell: RecurrentCellKind, layers: Int) {
    let test = DecoderCase(cell, .additive, layers: layers)
    let memory = test.decoder.memory(of: test.sequences)
    let count = test.sourceLengths.count
    for most in [4, 24] {
      let stepper = AttentionDecoderStepper(
        test.decoder, memory: memory, state: test.state, rows: most, steps: 5)
      var random = TestRandom(UInt64(most))
      // The source of each row, and what it has been fed.
      var rows = (0..<count).map { (source: $0, fed: [Int32]()) }
      var last: (weights: AttentionWeights, values: [Float])?
      // From 8 rows on there are two pieces, whose rows continue those of one another.
      for width in [4, 7, 7, 7, 20, 20, 20, 2, 2, 5, 0] {
        let parents = (0..<width).map { place in
          last == nil ? place : Int.random(in: rows.indices, using: &random)
        }
        let tokens = random.ids(width, in: 0..<9)
        rows = zip(parents, tokens).map { (rows[$0].source, rows[$0].fed + [$1]) }
        let scores = stepper.logProbabilities(after: tokens, continuing: parents)
        for (place, row) in rows.enumerated() {
          let token = Int.random(in: 0..<8, using: &random)
          let expected = logProbability(
            of: Int32(token), after: row.fed, row.source, test, memory)
          #expect(abs(expected - scores[place, token]) < 1e-4, "\(width) rows, \(row.fed)")
        }
        // Who holds the weights of a step keeps them.
        if let last { #expect(last.weights.values.values == last.values) }
        last = (stepper.weights, stepper.weights.values.values)
      }
    }
  }

  /// Five rows of a decoder large enough for threads to share its products, which changes no bit, at every
  /// precision; and nearly the scores of each row alone.
  @Test(arguments: [RecurrentCellKind.lstm, .gru, .rnn])
  func sharedProductsChangeNoBit(_ cell: RecurrentCellKind) {
    var generator = RandomGenerator(seed: 11)
    let decoder = AttentionDecoder(
      AttentionDecoderConfiguration(
        classes: 20, inputs: 21, embeddingSize: 16, cell: cell, hiddenSize: 160, layers: 2,
        attention: .general, memorySize: 64, attentionalSize: 544, copies: false),
      using: &generator)
    let layout = SequenceLayout(lengths: [6])
    let memory = decoder.memory(
      of: Sequences(values: generator.normal(shape: [6, 64]), layout: layout))
    let state = decoder.stateNames.map { _ in generator.normal(shape: [1, 160]) }
    func scores(rows: Int, parents: [[Int]], tokens: [[Int32]]) -> [Tensor] {
      let stepper = AttentionDecoderStepper(
        decoder, memory: memory, state: [state, state], rows: rows, steps: 30)
      return zip(tokens, parents).map { stepper.logProbabilities(after: $0, continuing: $1) }
    }
    let parents = [[0], [0, 0, 0, 0, 0], [3, 1, 0, 0, 4], [4, 3, 2, 1, 0]]
    let tokens: [[Int32]] = [[1], [2, 3, 4, 5, 6], [7, 8, 9, 10, 11], [12, 13, 14, 15, 16]]
    for precision in ProductPrecision.allCases {
      ProductPrecision.with(precision) {
        let alone = Threads.with(1) { scores(rows: 5, parents: parents, tokens: tokens) }
        for threads in [2, 3] {
          let helped = Threads.with(threads) {
            scores(rows: 5, parents: parents, tokens: tokens)
          }
          #expect(helped == alone, "\(threads) threads, \(precision)")
        }
        // The last step's first row: it continues row 4, that one row 4 before it, that one row 0.
        let path = scores(
          rows: 1, parents: [[0], [0], [0], [0]], tokens: [[1], [6], [11], [12]])
        let tolerance: Float = precision == .highest ? 1e-4 : 0.2
        for token in 0..<20 {
          #expect(abs(path[3][0, token] - alone[3][0, token]) < tolerance)
        }
      }
    }
  }

  /// From the loss of one source's sequence.
  private func logProbability(
    of token: Int32, after fed: [Int32], _ source: Int, _ test: DecoderCase,
    _ memory: AttentionMemory
  ) -> Float {
    var none: RandomGenerator?
    let sources = test.sourceLengths.indices
    let loss = test.decoder.loss(
      TokenSequences(sources.map { $0 == source ? fed : [] }),
      targets: TokenSequences(
        sources.map { $0 == source ? fed.indices.map { $0 == fed.count - 1 ? token : -1 } : [] }),
      memory: memory, state: test.state, sources: [], using: &none)
    return -loss.scalar
  }

  @Test(arguments: [1, 3])
  func threadsChangeNoBit(_ threads: Int) {
    let test = DecoderCase(
      .lstm, .additive, sourceLengths: (0..<40).map { $0 % 6 },
      targetLengths: (0..<40).map { ($0 * 7) % 5 })
    func gradients(_ count: Int) -> [Tensor?] {
      Threads.with(count) {
        valueAndGradient(of: test) { $0.run().sum }.gradients.entries.map { $0.gradient?.tensor }
      }
    }
    for (came, expected) in zip(gradients(threads), gradients(2)) {
      expectSameBytes(came, expected, "\(threads) threads")
    }
  }

  @Test func namesEveryParameterOnce() {
    for copies in [false, true] {
      let test = DecoderCase(.lstmPeephole, .additive, layers: 2, copies: copies)
      #expect(visitingProblems(of: test) == [])
    }
  }

  @Test func bridgeTakesTheFinalStatesOfBothDirections() {
    var generator = RandomGenerator(seed: 3)
    var bridge = DecoderBridge(
      encoderLayers: 1, directions: 2, encoderSizes: [3], layers: 2, size: 4, components: 2,
      using: &generator)
    #expect(visitingProblems(of: bridge) == [])
    bridge.updateParameters { path, parameter in
      if path.hasSuffix("bias") { parameter = Tensor(repeating: 0.5, shape: parameter.shape) }
    }
    let state = bridge([generator.normal(shape: [2, 5, 3])])
    #expect(state.map { $0.map(\.shape) } == [[[5, 4], [5, 4]], [[5, 4], [5, 4]]])
    let empty = bridge([Tensor(zeros: [2, 1, 3])])
    #expect(empty[0][1].values == [0.5, 0.5, 0.5, 0.5])
    #expect(empty[0][0].values.allSatisfy { abs($0 - 0.46211716) < 1e-6 })  // tanh 0.5
  }
}
