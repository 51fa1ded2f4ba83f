import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// What stands behind the end of a row is never read: not even NaN there changes a byte of the
/// outputs, the states, the loss or a gradient.
@Suite struct PaddingTests {
  @Test(arguments: RecurrentCellKind.allCases, RecurrentDirections.allCases)
  func paddingChangesNothing(_ kind: RecurrentCellKind, _ directions: RecurrentDirections) {
    let lengths = [4, 0, 6, 1, 6]
    let test = RecurrentCase(
      kind,
      RecurrentConfiguration(inputSize: 3, hiddenSize: 5, layers: 2, directions: directions),
      lengths: lengths, seed: 61)
    var generator = RandomGenerator(seed: 62)
    let head = Linear(5 * directions.count, 7, using: &generator)
    let targets = TokenSequences(lengths.map { length in (0..<length).map { Int32($0 % 7) } })

    func run(padding: Int, with garbage: Float) -> (
      value: Tensor, extra: [Tensor], gradients: Gradients
    ) {
      var model = test.model
      let time = 6 + padding
      var values = [Float](repeating: garbage, count: 5 * time * 3)
      for (row, length) in lengths.enumerated() {
        for index in 0..<length * 3 {
          values[row * time * 3 + index] = test.model.input.values[row * 6 * 3 + index]
        }
      }
      model.input = Tensor(shape: [5, time, 3], values: values)
      return valueAndGradient(of: model) { model in
        let (output, state) = model()
        return (crossEntropy(head(output), targets), [output.padded(), output.last] + state)
      }
    }

    let plain = run(padding: 0, with: 0)
    for (padding, garbage) in [(0, Float.nan), (3, 0), (1, .infinity), (2, .nan)] {
      let padded = run(padding: padding, with: garbage)
      expectSameBytes(padded.value, plain.value, "loss")
      for (a, b) in zip(padded.extra, plain.extra) { expectSameBytes(a, b, "output or state") }
      for entry in plain.gradients.entries where entry.path != "input" {
        expectSameBytes(
          padded.gradients[entry.path]?.tensor, entry.gradient?.tensor, "\(entry.path)")
      }
      let inInput = padded.gradients["input"]?.tensor
      #expect(inInput?.shape == [5, 6 + padding, 3])
      expectSameBytes(
        inInput?.slice(0..<6, axis: 1), plain.gradients["input"]?.tensor, "gradient of the input")
      if padding > 0 {
        let behind = inInput?.slice(6..<6 + padding, axis: 1).values ?? [.nan]
        #expect(behind.allSatisfy { $0 == 0 })
      }
    }
  }

  /// The other rows of a batch change nothing but the last bits.
  @Test(arguments: RecurrentCellKind.allCases)
  func rowsAreIndependent(_ kind: RecurrentCellKind) {
    let lengths = (0..<20).map { $0 * 7 % 9 }
    let test = RecurrentCase(
      kind,
      RecurrentConfiguration(inputSize: 3, hiddenSize: 5, layers: 2, directions: .bidirectional),
      lengths: lengths, withState: false, seed: 63)
    let (output, _) = test.model()
    // A single row sums its products in another order; normalized, five units that are nearly equal
    // make more of that.
    let tolerance = kind == .lstmLayerNorm ? 1e-5 : 2e-6
    for row in lengths.indices {
      var alone = test.model
      alone.input = test.model.input.slice(row..<row + 1)
      alone.lengths = [lengths[row]]
      expectClose(alone().output[0], output[row], "row \(row)", within: tolerance)
    }
  }

  /// A NaN stays in its own row, and large inputs saturate the gates without overflow.
  @Test(arguments: RecurrentCellKind.allCases)
  func extremeInputs(_ kind: RecurrentCellKind) {
    let test = RecurrentCase(
      kind,
      RecurrentConfiguration(inputSize: 3, hiddenSize: 5, layers: 2, directions: .bidirectional),
      lengths: (0..<9).map { 3 + $0 % 3 }, seed: 64)
    let before = test.model().output
    var poked = test.model
    poked.input.withMutableValues { $0[(4 * 5 + 1) * 3] = .nan }
    let after = poked().output
    for row in 0..<9 where row != 4 { expectSameBytes(after[row], before[row], "row \(row)") }
    #expect(after[4].values.contains { $0.isNaN })
    var large = test.model
    large.input = large.input * 1e6
    #expect(large().output.values.values.allSatisfy { $0.isFinite })
  }
}
