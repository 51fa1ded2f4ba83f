import Foundation
import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// Zoneout, projection and learned initial state, alone and together, against the Double oracle.
@Suite struct DropInTests {
  /// A drop-in with settings that fit the cell: `base` is changed.
  enum DropIn: String, CaseIterable, Sendable {
    case zoneout, projection, initialState, all

    /// nil where the cell does not have it.
    func apply(
      to base: RecurrentConfiguration, for kind: RecurrentCellKind
    ) -> RecurrentConfiguration? {
      var c = base
      let isLSTM = kind.stateNames.count == 2
      if self == .zoneout || self == .all {
        c.zoneout = 0.4
        c.zoneoutCell = isLSTM ? 0.6 : 0
      }
      if self == .projection || self == .all {
        guard isLSTM || self == .all else { return nil }
        if isLSTM { c.projectionSize = (c.hiddenSize + 1) / 2 }
      }
      if self == .initialState || self == .all { c.learnsInitialState = true }
      return c
    }
  }

  private static let ragged = [5, 0, 3, 4, 4, 2, 5, 3, 1]

  @Test(arguments: RecurrentCellKind.allCases, DropIn.allCases)
  func randomShapesEqualTheOracle(_ kind: RecurrentCellKind, _ dropIn: DropIn) {
    var random = TestRandom(7)
    for seed in 0..<12 {
      let batch = [1, 2, 5, 9, 20, 40][seed % 6]
      let base = RecurrentConfiguration(
        inputSize: Int.random(in: 1...19, using: &random),
        hiddenSize: [2, 5, 16, 17, 33].randomElement(using: &random)!,
        layers: Int.random(in: 1...3, using: &random),
        directions: RecurrentDirections.allCases.randomElement(using: &random)!,
        bias: Bool.random(using: &random), recurrentDropout: seed % 4 == 0 ? 0.3 : 0)
      guard let configuration = dropIn.apply(to: base, for: kind) else { return }
      let lengths = (0..<batch).map { _ in Int.random(in: 0...7, using: &random) }
      let test = RecurrentCase(
        kind, configuration, lengths: lengths, padding: seed % 3,
        withState: Bool.random(using: &random), seed: UInt64(seed))
      OracleForwardTests.expectParity(test)  // prediction
      OracleForwardTests.expectParity(test, generator: RandomGenerator(seed: 11))  // training
    }
  }

  @Test(arguments: RecurrentCellKind.allCases, DropIn.allCases)
  func gradientsEqualFiniteDifferences(_ kind: RecurrentCellKind, _ dropIn: DropIn) {
    let base = RecurrentConfiguration(
      inputSize: 3, hiddenSize: 5, layers: 2, directions: .bidirectional)
    guard let configuration = dropIn.apply(to: base, for: kind) else { return }
    let equal = [Int](repeating: 4, count: 9)
    for (lengths, withState) in [(Self.ragged, true), (Self.ragged, false), (equal, true)] {
      let test = RecurrentCase(
        kind, configuration, lengths: lengths, padding: 1, withState: withState, seed: 21)
      for loss in TestLoss.allCases {
        checkGradients(
          of: test, loss, generator: RandomGenerator(seed: 5), coordinates: 8, seed: 31,
          within: kind == .lstmLayerNorm ? 3e-4 : 2e-5)
      }
      // What prediction computes can be differentiated too.
      checkGradients(
        of: test, .allSteps, coordinates: 8, seed: 32, within: kind == .lstmLayerNorm ? 3e-4 : 2e-5)
    }
  }

  /// Together with both kinds of dropout.
  @Test(arguments: RecurrentCellKind.allCases)
  func everythingAtOnce(_ kind: RecurrentCellKind) {
    let base = RecurrentConfiguration(
      inputSize: 3, hiddenSize: 6, layers: 2, directions: .bidirectional, dropout: 0.3,
      recurrentDropout: 0.4)
    guard let configuration = DropIn.all.apply(to: base, for: kind) else { return }
    let test = RecurrentCase(
      kind, configuration, lengths: Self.ragged, withState: false, seed: 23)
    OracleForwardTests.expectParity(test, generator: RandomGenerator(seed: 6))
    checkGradients(
      of: test, .allSteps, generator: RandomGenerator(seed: 6), coordinates: 8, seed: 33,
      within: 1e-4)
  }

  @Test(arguments: RecurrentCellKind.allCases)
  func threadsChangeNoByte(_ kind: RecurrentCellKind) {
    let base = RecurrentConfiguration(
      inputSize: 65, hiddenSize: 97, layers: 2, directions: .bidirectional, dropout: 0.2,
      recurrentDropout: 0.2)
    guard let configuration = DropIn.all.apply(to: base, for: kind) else { return }
    let test = RecurrentCase(
      kind, configuration, lengths: (0..<40).map { 12 - $0 * 5 % 13 }, withState: false, seed: 91)
    func run(threads: Int) -> [[UInt32]] {
      Threads.with(threads) {
        let result = valueAndGradient(of: test.model) { model in
          let (output, state) = model(using: RandomGenerator(seed: 93))
          return (output.values.squared().sum(), [output.padded()] + state)
        }
        return [bits(result.value)] + result.extra.map { bits($0) }
          + result.gradients.entries.map { $0.gradient.map { bits($0.tensor) } ?? [] }
      }
    }
    let one = run(threads: 1)
    for threads in [2, 3] { #expect(run(threads: threads) == one) }
  }

  /// A drop-in that is off changes no byte and draws no number.
  @Test(arguments: RecurrentCellKind.allCases)
  func offIsPlain(_ kind: RecurrentCellKind) {
    let plain = RecurrentConfiguration(
      inputSize: 3, hiddenSize: 5, layers: 2, recurrentDropout: 0.2)
    var generator = RandomGenerator(seed: 1)
    let network = RecurrentNetwork(kind, plain, using: &generator)
    #expect(
      network.parameters.allSatisfy {
        !$0.path.contains("weight_hr") && !$0.path.contains("initial_")
      })
    // The position after a call: what was drawn is the mask of variational dropout alone.
    var expected = RandomGenerator(seed: 2)
    for _ in 0..<2 { _ = expected.dropoutMask(shape: [4, 5], probability: 0.2) }
    var dropout: RandomGenerator? = RandomGenerator(seed: 2)
    let input = generator.normal(shape: [4, 6, 3])
    _ = network(.vectors(Sequences(input)), using: &dropout)
    #expect(dropout == expected)
  }

  @Test func parameterNamesShapesAndCounts() {
    var generator = RandomGenerator(seed: 1)
    let lstm = LSTM(
      inputSize: 3, hiddenSize: 4, layers: 2, directions: .bidirectional, projectionSize: 2,
      learnsInitialState: true, using: &generator)
    var expected: [String] = []
    for suffix in ["_l0", "_l0_reverse", "_l1", "_l1_reverse"] {
      let input = suffix.hasPrefix("_l0") ? 3 : 4
      expected += [
        "weight_ih\(suffix) [16, \(input)]", "weight_hh\(suffix) [16, 2]",
        "bias_ih\(suffix) [16]", "bias_hh\(suffix) [16]", "weight_hr\(suffix) [2, 4]",
        "initial_hidden\(suffix) [2]", "initial_cell\(suffix) [4]",
      ]
    }
    #expect(lstm.parameters.map { "\($0.path) \($0.tensor.shape)" } == expected)
    #expect(visitingProblems(of: lstm) == [])
    #expect(lstm.outputSize == 4)
    let gru = GRU(inputSize: 3, hiddenSize: 4, learnsInitialState: true, using: &generator)
    #expect(gru.parameters.last?.path == "initial_hidden_l0")
  }

  /// Files from before these settings read as if they were off; what is written reads back.
  @Test func configurationFiles() throws {
    let old = """
      {"inputSize": 3, "hiddenSize": 4, "layers": 2, "directions": "forward", "bias": true,
       "dropout": 0.5, "recurrentDropout": 0.25}
      """
    let read = try JSONDecoder().decode(RecurrentConfiguration.self, from: Data(old.utf8))
    #expect(
      read
        == RecurrentConfiguration(
          inputSize: 3, hiddenSize: 4, layers: 2, dropout: 0.5, recurrentDropout: 0.25))
    let new = RecurrentConfiguration(
      inputSize: 3, hiddenSize: 4, zoneout: 0.05, zoneoutCell: 0.5, projectionSize: 2,
      learnsInitialState: true)
    let encoded = try JSONEncoder().encode(new)
    #expect(try JSONDecoder().decode(RecurrentConfiguration.self, from: encoded) == new)
  }

  @Test func whatDoesNotFitIsNamed() {
    var c = RecurrentConfiguration(inputSize: 3, hiddenSize: 4)
    for kind in RecurrentCellKind.allCases { #expect(c.problem(for: kind) == nil) }
    c.zoneoutCell = 0.5
    #expect(c.problem(for: .lstm) == nil)
    #expect(
      c.problem(for: .gru)
        == "zoneout of the cell state 0.5 for the cell 'gru', which has none; an LSTM is expected")
    c = RecurrentConfiguration(inputSize: 3, hiddenSize: 4, projectionSize: 2)
    #expect(c.problem(for: .lstmPeephole) == nil)
    #expect(
      c.problem(for: .rnnReLU)
        == "projection to 2 for the cell 'rnn-relu'; an LSTM is expected")
    for size in [0, -1, 4, 5] {
      c.projectionSize = size
      #expect(
        c.problem(for: .lstm)
          == "projection to \(size) of 4 units, at least 1 and below 4 is expected")
    }
    c = RecurrentConfiguration(inputSize: 3, hiddenSize: 4, zoneout: 1)
    #expect(c.problem(for: .rnn) == "zoneout 1.0, at least 0 and below 1 is expected")
    c.zoneout = .nan
    #expect(c.problem(for: .rnn) == "zoneout nan, at least 0 and below 1 is expected")
  }

  @Test func misuseEndsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      var generator = RandomGenerator(seed: 1)
      _ = GRU(inputSize: 3, hiddenSize: 4, projectionSize: 2, using: &generator)
    }
    await #expect(processExitsWith: .failure) {
      var generator = RandomGenerator(seed: 1)
      let lstm = LSTM(inputSize: 3, hiddenSize: 4, projectionSize: 2, using: &generator)
      let zeros = Tensor(zeros: [1, 2, 4])  // the hidden state has two features
      _ = lstm(
        Sequences(Tensor(zeros: [2, 5, 3])), state: LSTMState(hidden: zeros, cell: zeros))
    }
  }
}
