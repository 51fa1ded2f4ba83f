import ReelLayers
import ReelSequence
import ReelTensor
import Testing

/// A programmer's mistake ends the program instead of computing something else.
@Suite struct MisuseTests {
  static func network(_ directions: RecurrentDirections = .forward) -> LSTM {
    var generator = RandomGenerator(seed: 1)
    return LSTM(inputSize: 3, hiddenSize: 4, directions: directions, using: &generator)
  }

  @Test func sizesThatDoNotFit() async {
    await #expect(processExitsWith: .failure) {
      _ = Self.network()(Sequences(Tensor(zeros: [2, 5, 4])))
    }
    await #expect(processExitsWith: .failure) {
      let network = Self.network()
      _ = network(Sequences(Tensor(zeros: [2, 5, 3])), state: network.zeroState(batch: 3))
    }
    await #expect(processExitsWith: .failure) {
      var generator = RandomGenerator(seed: 1)
      _ = GRU(inputSize: 3, hiddenSize: 0, using: &generator)
    }
    await #expect(processExitsWith: .failure) {
      var generator = RandomGenerator(seed: 1)
      _ = GRU(inputSize: 3, hiddenSize: 4, dropout: .nan, using: &generator)
    }
  }

  @Test func aBackwardDirectionCannotGoStepByStep() async {
    await #expect(processExitsWith: .failure) {
      _ = Self.network(.bidirectional).step(Tensor(zeros: [2, 3]), state: nil)
    }
  }

  /// Nothing was written when the first phase reads.
  @Test func phasesOutOfOrder() async {
    struct Impatient: RecurrentCell {
      typealias State = HiddenState
      static var gateCount: Int { 1 }
      static var phases: [[RecurrentProduct]] {
        [[RecurrentProduct(gates: 0..<1, operand: .written)]]
      }
      init(hiddenSize: Int) {}
      func forward(_ step: CellStep) {}
      func backward(_ step: CellGradientStep) {}
    }
    await #expect(processExitsWith: .failure) {
      var generator = RandomGenerator(seed: 1)
      let network = Recurrent<Impatient>(inputSize: 3, hiddenSize: 4, using: &generator)
      _ = network(Sequences(Tensor(zeros: [2, 5, 3])))
    }
  }
}
