import ReelLayers
import ReelSequence
import ReelTensor
import Testing

/// Gradients of every cell against finite differences of the Double oracle: in weights, biases,
/// the cell's own parameters, the input and the initial state.
@Suite struct OracleGradientTests {
  static let ragged = [5, 0, 3, 4]

  @Test(arguments: RecurrentCellKind.allCases, TestLoss.allCases)
  func stackedBothDirections(_ kind: RecurrentCellKind, _ loss: TestLoss) {
    let test = RecurrentCase(
      kind,
      RecurrentConfiguration(inputSize: 3, hiddenSize: 5, layers: 2, directions: .bidirectional),
      lengths: Self.ragged, padding: 1, seed: 21)
    checkGradients(of: test, loss, coordinates: 20, seed: 31)
  }

  @Test(arguments: RecurrentCellKind.allCases, RecurrentDirections.allCases)
  func withoutBiasAndState(_ kind: RecurrentCellKind, _ directions: RecurrentDirections) {
    for bias in [false, true] {
      let test = RecurrentCase(
        kind,
        RecurrentConfiguration(inputSize: 4, hiddenSize: 3, directions: directions, bias: bias),
        lengths: [6, 6], withState: false, seed: 22)
      checkGradients(of: test, .allSteps, coordinates: 20, seed: 32)
    }
  }

  /// Nine rows are two pieces of the batch, each with its part of the mask.
  @Test(arguments: RecurrentCellKind.allCases)
  func dropout(_ kind: RecurrentCellKind) {
    let test = RecurrentCase(
      kind,
      RecurrentConfiguration(
        inputSize: 3, hiddenSize: 5, layers: 2, directions: .bidirectional, dropout: 0.3,
        recurrentDropout: 0.4),
      lengths: [3, 0, 5, 1, 4, 4, 2, 5, 3], seed: 23)
    // Rows of five units, some dropped, have small deviations to divide by.
    checkGradients(
      of: test, .allSteps, generator: RandomGenerator(seed: 5), coordinates: 20, seed: 33,
      within: kind == .lstmLayerNorm ? 1e-4 : 2e-5)
  }

  /// Sequences of one length, whose states before a step are read from the output: several pieces of the
  /// batch, both directions, with a state and without, one step and more.
  @Test(arguments: RecurrentCellKind.allCases, [1, 4])
  func equalLengths(_ kind: RecurrentCellKind, _ length: Int) {
    for (withState, recurrentDropout) in [(true, Float(0)), (false, 0), (true, 0.4)] {
      let test = RecurrentCase(
        kind,
        RecurrentConfiguration(
          inputSize: 3, hiddenSize: 5, layers: 2, directions: .bidirectional,
          recurrentDropout: recurrentDropout),
        lengths: [Int](repeating: length, count: 9), withState: withState, seed: 26)
      for loss in [TestLoss.allSteps, .finalState] {
        checkGradients(
          of: test, loss, generator: recurrentDropout > 0 ? RandomGenerator(seed: 5) : nil,
          coordinates: 10, seed: 36, within: kind == .lstmLayerNorm ? 1e-4 : 2e-5)
      }
    }
  }

  /// Layers that read as many features as they have units, one above the other.
  @Test(arguments: RecurrentCellKind.allCases, [[5, 0, 3, 4], [4, 4, 4]])
  func asManyFeaturesAsUnits(_ kind: RecurrentCellKind, _ lengths: [Int]) {
    let test = RecurrentCase(
      kind, RecurrentConfiguration(inputSize: 5, hiddenSize: 5, layers: 3), lengths: lengths,
      seed: 27)
    for loss in [TestLoss.allSteps, .finalState] {
      checkGradients(of: test, loss, coordinates: 10, seed: 37)
    }
  }

  /// Several pieces of the batch, and sizes that no vector divides.
  @Test(
    arguments: RecurrentCellKind.allCases, [(5, 33), (9, 17), (20, 33), (40, 5)])
  func largerSizes(_ kind: RecurrentCellKind, _ size: (batch: Int, hidden: Int)) {
    let test = RecurrentCase(
      kind, RecurrentConfiguration(inputSize: 7, hiddenSize: size.hidden),
      lengths: (0..<size.batch).map { 5 - $0 * 7 % 6 }, seed: 24)
    for loss in [TestLoss.allSteps, .finalState] {
      checkGradients(of: test, loss, coordinates: 4, seed: 34, within: 5e-5)
    }
  }

  /// A hundred steps: errors of single precision do not build up.
  @Test(arguments: RecurrentCellKind.allCases)
  func longSequences(_ kind: RecurrentCellKind) {
    let test = RecurrentCase(
      kind, RecurrentConfiguration(inputSize: 20, hiddenSize: 96), lengths: [100, 73], seed: 25)
    // Normalized to unit size at every step, small differences grow: the slope of this loss in the
    // first state is in the hundreds.
    let growth = kind == .lstmLayerNorm ? 10.0 : 1
    OracleForwardTests.expectParity(test, within: growth * 1e-5)
    checkGradients(of: test, .allSteps, coordinates: 1, seed: 35, within: growth * 5e-5)
  }
}
