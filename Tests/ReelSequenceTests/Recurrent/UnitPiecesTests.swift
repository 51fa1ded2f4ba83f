import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// Training with few sequences, where threads have units of a layer in place of rows of the batch.
@Suite struct UnitPiecesTests {
  /// Of so many units every cell with a whole W_hh has pieces.
  static let hidden = 133

  @Test func pieces() {
    let few = SequenceLayout(lengths: [6, 6, 6])
    func pieces(_ hidden: Int, gates: Int, _ layout: SequenceLayout) -> [Range<Int>] {
      UnitPieces.of(hiddenSize: hidden, weights: gates * hidden * hidden, layout: layout)
    }
    #expect(pieces(100, gates: 1, few).isEmpty)
    for (hidden, gates, count) in [
      (64, 4, 2), (133, 1, 2), (256, 4, 2), (384, 4, 4), (1000, 3, 4), (1100, 4, 8),
    ] {
      let pieces = pieces(hidden, gates: gates, few)
      #expect(pieces.count == count)
      #expect(pieces.flatMap { Array($0) } == Array(0..<hidden))
      #expect(pieces.dropLast().allSatisfy { $0.count % 16 == 0 })
    }
    // One sequence and seven; not eight, of different lengths, of one step or none, or no sequence.
    for (lengths, count) in [
      ([5], 2), ([Int](repeating: 2, count: 7), 2), ([Int](repeating: 5, count: 8), 0),
      ([5, 4], 0),
      ([5, 0], 0), ([1, 1], 0), ([0], 0), ([], 0),
    ] {
      #expect(
        pieces(Self.hidden, gates: 1, SequenceLayout(lengths: lengths)).count == count,
        "lengths \(lengths)")
    }
  }

  private func makeCase(
    _ kind: RecurrentCellKind, batch: Int, steps: Int, layers: Int = 1,
    directions: RecurrentDirections = .forward, bias: Bool = true, withState: Bool = true,
    hidden: Int = hidden, seed: UInt64
  ) -> RecurrentCase {
    RecurrentCase(
      kind,
      RecurrentConfiguration(
        inputSize: 5, hiddenSize: hidden, layers: layers, directions: directions, bias: bias),
      lengths: [Int](repeating: steps, count: batch), withState: withState, seed: seed)
  }

  /// Against finite differences of the Double oracle, one sequence and several, in either direction.
  @Test(
    arguments: RecurrentCellKind.allCases, [RecurrentDirections.forward, .backward])
  func gradientsAreThoseOfTheOracle(
    _ kind: RecurrentCellKind, _ directions: RecurrentDirections
  ) {
    for (batch, steps, bias, withState) in [
      (1, 5, true, true), (3, 4, true, false), (7, 2, false, true), (2, 3, false, false),
    ] {
      let test = makeCase(
        kind, batch: batch, steps: steps, directions: directions, bias: bias,
        withState: withState, seed: 81)
      OracleForwardTests.expectParity(test, within: kind == .lstmLayerNorm ? 1e-4 : 1e-5)
      for loss in [TestLoss.allSteps, .finalState] {
        checkGradients(
          of: test, loss, coordinates: 3, seed: 82, within: kind == .lstmLayerNorm ? 1e-4 : 5e-5)
      }
    }
  }

  /// Four pieces of a large layer, two layers, more steps than one stretch of the way back: as the same sequences in a
  /// batch that is divided by rows, whose others do not count. With the output in the loss, and with the final state
  /// alone, where D takes the place of an RNN's output.
  @Test(
    arguments: [RecurrentCellKind.rnn, .rnnReLU, .gru, .lstm, .lstmPeephole],
    [RecurrentDirections.forward, .backward])
  func gradientsAreThoseOfALargerBatch(
    _ kind: RecurrentCellKind, _ directions: RecurrentDirections
  ) {
    let large = kind == .rnn || kind == .rnnReLU ? 736 : 432
    for (batch, steps, layers, hidden, readsOutput) in [
      (1, 3, 1, large, true), (2, 3, 1, large, true), (5, 400, 2, 136, true),
      (5, 200, 1, 136, false),
    ] {
      let few = makeCase(
        kind, batch: batch, steps: steps, layers: layers, directions: directions, hidden: hidden,
        seed: 83)
      let others = 8
      var many = few
      many.model.lengths += [Int](repeating: steps, count: others)
      var random = TestRandom(84)
      many.model.input = .concatenated(
        [few.model.input, random.tensor([others, steps, 5])], axis: 0)
      many.model.state = few.model.state.map {
        .concatenated([$0, random.tensor([layers, others, hidden])], axis: 1)
      }
      var generator = RandomGenerator(seed: 85)
      let head = Linear(hidden, 2, using: &generator)
      let weights = random.tensor([batch, steps, 2])
      let final = few.model.state.map { _ in random.tensor([layers, batch, hidden]) }
      func run(_ test: RecurrentCase) -> Gradients {
        valueAndGradient(of: test.model) { model in
          let (output, state) = model()
          let last = zip(state, final).map { ($0.slice(0..<batch, axis: 1) * $1).sum() }
          let end = last.reduce(Tensor(0)) { $0 + $1 }
          guard readsOutput else { return end }
          return (head(output).padded().slice(0..<batch, axis: 0) * weights).sum() + end
        }.gradients
      }
      let (found, expected) = (run(few).entries, run(many).entries)
      #expect(found.count == expected.count && found.count > 4)
      for (came, expected) in zip(found, expected) {
        let what = "\(batch) sequences, \(hidden) units, \(came.path)"
        guard var exact = expected.gradient?.tensor, let tensor = came.gradient?.tensor else {
          Issue.record("\(what): no gradient")
          continue
        }
        if came.path == "input" { exact = exact.slice(0..<batch, axis: 0) }
        if came.path.hasPrefix("state") { exact = exact.slice(0..<batch, axis: 1) }
        let scale = exact.values.reduce(0) { max($0, abs($1)) }
        let errors = zip(tensor.values, exact.values).map { abs($0 - $1) }
        // After hundreds of steps little is left for the first state, or nothing.
        let isNear = errors.allSatisfy { $0 <= 1e-4 * scale + 1e-30 }
        let isThere = scale.isFinite && (scale > 0 || came.path.hasPrefix("state"))
        #expect(
          tensor.count == exact.count && isThere && isNear,
          "\(what): \(errors.max() ?? 0) of \(scale)")
      }
    }
  }

  /// Forward by units and back by rows, and the other way: where the precision changes between them, on processors that
  /// have less precise products of a few rows.
  @Test(arguments: [RecurrentCellKind.rnn, .gru, .lstm])
  func mixedPasses(_ kind: RecurrentCellKind) {
    let test = makeCase(kind, batch: 3, steps: 6, seed: 89)
    func run(forward: ProductPrecision, backward: ProductPrecision) -> Gradients {
      ProductPrecision.with(backward) {
        valueAndGradient(of: test.model) { model in
          ProductPrecision.with(forward) { model().output.values.squared().sum() }
        }.gradients
      }
    }
    let exact = run(forward: .highest, backward: .highest)
    for (forward, backward) in [
      (ProductPrecision.highest, ProductPrecision.medium), (.medium, .highest),
    ] {
      for (came, expected) in zip(run(forward: forward, backward: backward).entries, exact.entries)
      {
        let values = expected.gradient?.tensor.values ?? []
        let scale = values.reduce(0) { max($0, abs($1)) }
        let found = came.gradient?.tensor.values ?? []
        let isNear = zip(found, values).allSatisfy { abs($0 - $1) <= 3e-2 * scale }
        #expect(found.count == values.count && isNear, "\(forward), \(backward), \(came.path)")
      }
    }
  }

  /// Where the weights are held in 16 bits and the input and the state are trained: as with Floats of the same values.
  /// One tensor may be both components of a state.
  @Test(arguments: [RecurrentCellKind.rnn, .gru, .lstm], [1, 3])
  func narrowWeights(_ kind: RecurrentCellKind, _ batch: Int) throws {
    var test = makeCase(kind, batch: batch, steps: 4, seed: 90)
    try test.model.network.convertWeights(to: .bfloat16)
    var wide = test
    try wide.model.network.convertWeights(to: .float32)
    func run(_ model: WatchedNetwork) -> [Tensor] {
      let (_, output, gradients) = valueAndGradient(at: [model.input, model.state[0]]) { inputs in
        var model = model
        model.input = inputs[0]
        model.state = model.state.map { _ in inputs[1] }
        let output = model().output.values
        return (output.squared().sum(), output)
      }
      return [output] + gradients.compactMap { $0?.tensor }
    }
    let (narrow, expected) = (run(test.model), run(wide.model))
    #expect(narrow.count == 3)
    let areSame = narrow.map(bits) == expected.map(bits)
    #expect(areSame)
  }

  /// Looked-up projections equal those of dense rows.
  @Test(arguments: [RecurrentCellKind.rnn, .gru, .lstm])
  func oneHotTokens(_ kind: RecurrentCellKind) {
    // More rows than one range of lookups.
    let test = makeCase(kind, batch: 3, steps: 15, seed: 86)
    let ids: [[Int32]] = [0, 3, 6].map { first in
      (0..<15).map { step in Int32((step * 7 + first) % 6 - 1) }
    }
    let tokens = TokenSequences(ids)
    let weights = LossWeights(test, seed: 87)
    func run(_ input: SequenceInput) -> (value: Tensor, extra: Tensor, gradients: Gradients) {
      valueAndGradient(of: test.model.network) { network in
        var none: RandomGenerator?
        let (output, state) = network(input, state: test.model.state, using: &none)
        return (TestLoss.allSteps(output, state, weights), output.padded())
      }
    }
    let dense = run(.vectors(tokens.oneHot(classes: 5)))
    let sparse = run(.oneHot(tokens))
    expectClose(sparse.extra, dense.extra, "output", within: 1e-6)
    for entry in dense.gradients.entries {
      guard let expected = entry.gradient?.tensor else { continue }
      expectClose(sparse.gradients[entry.path]?.tensor, expected, entry.path, within: 1e-5)
    }
  }

  /// The number of threads changes no bit, whatever the precision.
  @Test(arguments: [RecurrentCellKind.rnn, .gru, .lstm, .lstmPeephole], ProductPrecision.allCases)
  func threads(_ kind: RecurrentCellKind, _ precision: ProductPrecision) {
    let large = kind == .rnn ? 736 : 432
    for (batch, steps, hidden) in [(1, 30, Self.hidden), (4, 30, Self.hidden), (2, 6, large)] {
      let test = makeCase(kind, batch: batch, steps: steps, hidden: hidden, seed: 88)
      let results = [1, 2, 3, 5].map { threads in
        Threads.with(threads) {
          ProductPrecision.with(precision) {
            let result = valueAndGradient(of: test.model) { model in
              let (output, state) = model()
              let last = state.reduce(Tensor(0)) { $0 + $1.squared().sum() }
              return (output.values.squared().sum() + last, output.values)
            }
            return [bits(result.extra)]
              + result.gradients.entries.map { $0.gradient.map { bits($0.tensor) } ?? [] }
          }
        }
      }
      #expect(results[0].count > 4)
      let areSame = results.dropFirst().allSatisfy { $0 == results[0] }
      #expect(areSame, "\(batch) sequences, \(hidden) units")
    }
  }
}
