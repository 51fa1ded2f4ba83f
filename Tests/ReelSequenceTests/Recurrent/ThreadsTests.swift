import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// The number of threads changes no byte, nor does running again.
@Suite struct RecurrentThreadsTests {
  @Test(arguments: RecurrentCellKind.allCases, ProductPrecision.allCases)
  func sameBytes(_ kind: RecurrentCellKind, _ precision: ProductPrecision) {
    let ragged = (0..<40).map { 12 - $0 * 5 % 13 }
    ProductPrecision.with(precision) {
      for lengths in [ragged, [Int](repeating: 9, count: 40)] {
        expectSameBytes(kind, lengths: lengths)
      }
    }
  }

  private func expectSameBytes(_ kind: RecurrentCellKind, lengths: [Int]) {
    // Large enough that the big products are cut into pieces too.
    let test = RecurrentCase(
      kind,
      RecurrentConfiguration(
        inputSize: 65, hiddenSize: 97, layers: 2, directions: .bidirectional, dropout: 0.2,
        recurrentDropout: 0.2),
      lengths: lengths, seed: 91)
    var weightGenerator = RandomGenerator(seed: 92)
    let head = Linear(2 * 97, 50, using: &weightGenerator)
    let targets = TokenSequences(
      test.model.lengths.map { length in (0..<length).map { Int32($0 * 11 % 50) } })
    func run(threads: Int) -> [(name: String, bits: [UInt32])] {
      Threads.with(threads) {
        let result = valueAndGradient(of: test.model) { model in
          let (output, state) = model(using: RandomGenerator(seed: 93))
          return (crossEntropy(head(output), targets), [output.padded()] + state)
        }
        return [("loss", bits(result.value))] + result.extra.map { ("output or state", bits($0)) }
          + result.gradients.entries.map { ($0.path, $0.gradient.map { bits($0.tensor) } ?? []) }
      }
    }
    let one = run(threads: 1)
    for threads in [1, 2, 3, 2] {
      for (came, expected) in zip(run(threads: threads), one) {
        #expect(came.bits == expected.bits, "\(came.name) with \(threads) threads")
      }
    }
  }

  /// A batch that nobody goes back through is cut as suits the threads, and takes the products of a step
  /// as one: the bits are those of the watched pass with any number of threads.
  @Test(arguments: [7, 40, 60, 130, 230], [ProductPrecision.highest, .medium])
  func predictionsAreThoseOfTheWatchedPass(_ batch: Int, _ precision: ProductPrecision) {
    ProductPrecision.with(precision) { expectPredictionsOfTheWatchedPass(batch) }
  }

  private func expectPredictionsOfTheWatchedPass(_ batch: Int) {
    var random = TestRandom(94)
    var generator = RandomGenerator(seed: 95)
    let lengths = (0..<batch).map { 9 - $0 * 5 % 7 }
    let (inputs, hidden) = (70, 72)
    func check<Cell: RecurrentCell>(_ cell: Cell.Type) {
      let network = Recurrent<Cell>(
        inputSize: inputs, hiddenSize: hidden, layers: 2, directions: .bidirectional,
        using: &generator)
      let x = Sequences(
        random.tensor([batch, lengths.max() ?? 0, inputs]), lengths: lengths)
      let watched = valueAndGradient(of: network) { network in
        let y = network(x).output.padded()
        return (y.sum(), y)
      }.extra
      for threads in [1, 2, 3] {
        let (output, state) = Threads.with(threads) { network(x) }
        #expect(bits(output.padded()) == bits(watched), "\(Cell.self), \(threads) threads")
        _ = state
      }
    }
    check(LSTMCell.self)
    check(RNNCell.self)
    check(GRUCell.self)
  }
}
