import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// What zoneout draws. That the state follows its masks is tested against the oracle in
/// `DropInTests`.
@Suite struct ZoneoutTests {
  /// A network that counts its steps, h' = relu(x + h) with x = 1: where a unit keeps its value the
  /// count stands still, so the outputs show the masks.
  private func counts(
    _ probability: Float, batch: Int, steps: Int, size: Int, seed: UInt64
  ) -> [[Bool]] {
    var generator = RandomGenerator(seed: 83)
    var network = RNN(
      inputSize: size, hiddenSize: size, bias: false, zoneout: probability,
      cell: RNNCell(activation: .relu), using: &generator)
    let identity = Tensor(
      shape: [size, size], values: (0..<size * size).map { $0 % (size + 1) == 0 ? 1 : 0 })
    network.updateParameters { _, parameter in parameter = identity }
    var draws: RandomGenerator? = RandomGenerator(seed: seed)
    let output = network(
      Sequences(Tensor(repeating: 1, shape: [batch, steps, size])), using: &draws
    ).output.padded()
    return (0..<batch).map { row in
      (0..<steps * size).map { place in
        let (step, unit) = (place / size, place % size)
        let before = step == 0 ? 0 : output[row, step - 1, unit]
        let moved = output[row, step, unit] - before
        #expect(moved == 0 || moved == 1)
        return moved == 0
      }
    }
  }

  @Test(arguments: [Float(0.05), 0.3, 0.8])
  func unitsKeepTheirValuesWithThisProbability(_ probability: Float) {
    let kept = counts(probability, batch: 20, steps: 30, size: 32, seed: 1)
    let share = kept.joined().reduce(0.0) { $0 + ($1 ? 1 : 0) } / (20 * 30 * 32)
    let deviation = (Double(probability * (1 - probability)) / (20 * 30 * 32)).squareRoot()
    #expect(abs(share - Double(probability)) < 5 * deviation)
    // Other units at every step and in every row.
    #expect(kept[0] != kept[1])
    #expect(Array(kept[0][0..<32]) != Array(kept[0][32..<64]))
  }

  @Test func theSeedDecides() {
    let first = counts(0.5, batch: 3, steps: 7, size: 9, seed: 4)
    #expect(counts(0.5, batch: 3, steps: 7, size: 9, seed: 4) == first)
    #expect(counts(0.5, batch: 3, steps: 7, size: 9, seed: 5) != first)
  }

  /// A count that moves on by 1 with probability 1 − p is (1 − p)·t on the mean; here exactly.
  @Test func predictionTakesTheMean() {
    var generator = RandomGenerator(seed: 83)
    var network = RNN(
      inputSize: 1, hiddenSize: 1, bias: false, zoneout: 0.25, cell: RNNCell(activation: .relu),
      using: &generator)
    network.updateParameters { _, parameter in parameter = Tensor(repeating: 1, shape: [1, 1]) }
    let output = network(Sequences(Tensor(repeating: 1, shape: [1, 4, 1]))).output.padded()
    #expect(output.values == [0.75, 1.5, 2.25, 3])
  }
}
