import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// What each output depends on, and which step is the last.
@Suite struct DirectionTests {
  /// Moving one input step changes that output and all after it (before it, backward), and
  /// nothing else: the state is fed back, and nobody looks ahead.
  @Test(arguments: RecurrentCellKind.allCases, RecurrentDirections.allCases)
  func reach(_ kind: RecurrentCellKind, _ directions: RecurrentDirections) {
    let test = RecurrentCase(
      kind, RecurrentConfiguration(inputSize: 3, hiddenSize: 4, directions: directions),
      lengths: [5, 5, 3], seed: 51)
    let before = test.model().output
    var poked = test.model
    poked.input.withMutableValues { $0[(1 * 5 + 2) * 3] += 0.5 }  // row 1, step 2
    let after = poked().output
    for row in [0, 2] { expectSameBytes(after[row], before[row], "row \(row)") }
    for time in 0..<5 {
      for (direction, isReversed) in [(0, directions == .backward), (1, true)]
      where direction < directions.count {
        let units = direction * 4..<(direction + 1) * 4
        let a = after[1].slice(time..<time + 1).slice(units, axis: 1)
        let b = before[1].slice(time..<time + 1).slice(units, axis: 1)
        let isReached = isReversed ? time <= 2 : time >= 2
        #expect((bits(a) != bits(b)) == isReached, "direction \(direction), step \(time)")
      }
    }
  }

  /// Backward is forward over the reversed row, whatever the lengths of the other rows.
  @Test(arguments: RecurrentCellKind.allCases)
  func backwardIsForwardOfTheReversed(_ kind: RecurrentCellKind) throws {
    let lengths = [3, 6, 0, 1, 5]
    let test = RecurrentCase(
      kind, RecurrentConfiguration(inputSize: 3, hiddenSize: 4, directions: .backward),
      lengths: lengths, seed: 52)
    var generator = RandomGenerator(seed: 1)
    var forward = test
    forward.model.network = RecurrentNetwork(
      kind, RecurrentConfiguration(inputSize: 3, hiddenSize: 4), using: &generator)
    try forward.model.network.load(
      test.model.network.parameters.map { (name: $0.path, tensor: $0.tensor) })
    let rows = lengths.indices.map { row in
      let input = test.model.input.slice(row..<row + 1).reshaped([6, 3]).slice(0..<lengths[row])
      return Self.reversed(input)
    }
    var none: RandomGenerator?
    let (expected, expectedState) = forward.model.network(
      .vectors(Sequences(rows)), state: test.model.state, using: &none)
    let (output, state) = test.model()
    for row in lengths.indices {
      expectClose(output[row], Self.reversed(expected[row]), "row \(row)", within: 1e-6)
    }
    for (a, b) in zip(state, expectedState) { expectClose(a, b, "state", within: 1e-6) }
  }

  private static func reversed(_ rows: Tensor) -> Tensor {
    rows.gatheredRows((0..<Int32(rows.shape[0])).reversed())
  }

  /// `last` and the final state belong to the sequence itself, not to the end of the batch.
  @Test(arguments: RecurrentCellKind.allCases)
  func lastStep(_ kind: RecurrentCellKind) {
    let lengths = [2, 5, 0, 4, 1]
    let test = RecurrentCase(
      kind, RecurrentConfiguration(inputSize: 3, hiddenSize: 4, directions: .bidirectional),
      lengths: lengths, seed: 53)
    let (output, state) = test.model()
    func unit(_ x: Tensor, _ direction: Int, _ row: Int) -> [UInt32] {
      bits(x.slice(direction..<direction + 1).slice(row..<row + 1, axis: 1))
    }
    for (row, length) in lengths.enumerated() {
      let last = output.last.slice(row..<row + 1)
      if length == 0 {
        #expect(last.values.allSatisfy { $0 == 0 })
        for direction in 0..<2 {
          #expect(unit(state[0], direction, row) == unit(test.model.state[0], direction, row))
        }
      } else {
        let steps = output[row]
        #expect(steps.shape == [length, 8])
        expectSameBytes(last, steps.slice(length - 1..<length), "last of row \(row)")
        // Forward ends at the last step, backward at the first.
        let (end, start) = (steps.slice(length - 1..<length), steps.slice(0..<1))
        #expect(unit(state[0], 0, row) == bits(end.slice(0..<4, axis: 1)))
        #expect(unit(state[0], 1, row) == bits(start.slice(4..<8, axis: 1)))
      }
    }
  }
}
