import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// Every cell equals the naive Double loop on random ragged shapes.
@Suite struct OracleForwardTests {
  static func expectParity(
    _ test: RecurrentCase, generator: RandomGenerator? = nil, within tolerance: Double = 1e-5
  ) {
    let (output, state) = test.model(using: generator)
    let expected = test.oracle(dropoutFrom: generator)()
    let (c, batch) = (test.configuration, test.model.lengths.count)
    let longest = test.model.lengths.max() ?? 0
    let name = "\(test.kind.rawValue) \(c) \(test.model.lengths)"
    expectClose(
      output.padded(), shape: [batch, longest, c.outputSize],
      expected.output, name, within: tolerance)
    #expect(output.lengths == test.model.lengths)
    let widths = c.widths(test.model.network)
    for (component, came) in state.enumerated() {
      expectClose(
        came, shape: [c.layers * c.directions.count, batch, widths[component]],
        expected.state[component], "state of \(name)", within: tolerance)
    }
  }

  @Test(arguments: RecurrentCellKind.allCases)
  func randomShapes(_ kind: RecurrentCellKind) {
    var random = TestRandom(7)
    for seed in 0..<24 {
      let batch = [1, 2, 5, 9, 20, 40][seed % 6]
      let configuration = RecurrentConfiguration(
        inputSize: Int.random(in: 1...19, using: &random),
        hiddenSize: [1, 5, 16, 17, 33].randomElement(using: &random)!,
        layers: Int.random(in: 1...3, using: &random),
        directions: RecurrentDirections.allCases.randomElement(using: &random)!,
        bias: Bool.random(using: &random))
      let lengths = (0..<batch).map { _ in Int.random(in: 0...7, using: &random) }
      Self.expectParity(
        RecurrentCase(
          kind, configuration, lengths: lengths, padding: seed % 3,
          withState: Bool.random(using: &random), seed: UInt64(seed)))
    }
  }

  @Test(arguments: RecurrentCellKind.allCases)
  func dropoutWithGivenMasks(_ kind: RecurrentCellKind) {
    for directions in RecurrentDirections.allCases {
      let configuration = RecurrentConfiguration(
        inputSize: 4, hiddenSize: 6, layers: 3, directions: directions, dropout: 0.4,
        recurrentDropout: 0.3)
      let test = RecurrentCase(kind, configuration, lengths: [4, 0, 7, 2, 5, 5, 1, 3, 6], seed: 3)
      Self.expectParity(test, generator: RandomGenerator(seed: 11))
    }
  }

  /// No rows, rows without steps, and no steps at all.
  @Test(arguments: RecurrentCellKind.allCases)
  func nothingToRead(_ kind: RecurrentCellKind) {
    for directions in RecurrentDirections.allCases {
      for lengths in [[], [0, 0, 0]] {
        for padding in [0, 2] {
          let test = RecurrentCase(
            kind,
            RecurrentConfiguration(
              inputSize: 3, hiddenSize: 4, layers: 2, directions: directions),
            lengths: lengths, padding: padding, seed: 5)
          let (output, state) = test.model()
          #expect(output.padded().shape == [lengths.count, 0, 4 * directions.count])
          for (came, given) in zip(state, test.model.state) {
            expectSameBytes(came, given, "the state passes through")
          }
          let weights = LossWeights(test, seed: 1)
          let (_, gradients) = valueAndGradient(of: test.model) { model in
            let (output, state) = model()
            return TestLoss.finalState(output, state, weights)
              + TestLoss.allSteps(output, state, weights)
          }
          for (index, weight) in weights.state.enumerated() {
            expectClose(gradients["state.\(index)"]?.tensor, weight, "gradient of the state")
          }
          for entry in gradients.entries where entry.path.hasPrefix("network") {
            let values = entry.gradient?.tensor.values ?? []
            #expect(values.allSatisfy { $0 == 0 }, "\(entry.path)")
          }
        }
      }
    }
  }
}
