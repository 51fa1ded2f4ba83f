import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// Chunks with the state handed on, single steps, rows alone: all equal the whole.
@Suite struct TCNStateTests {
  static let configurations = [
    TCNConfiguration(inputSize: 3, channels: [6, 6, 5]),
    TCNConfiguration(inputSize: 5, channels: [5, 5], kernelSize: 1),
    TCNConfiguration(inputSize: 2, channels: [19, 18], kernelSize: 5, dilationBase: 3),
    // Wide enough for rows in place of planes.
    TCNConfiguration(inputSize: 3, channels: [64, 67]),
  ]

  /// Chunks shorter and longer than the histories, and sequences that end in different chunks.
  @Test(arguments: configurations)
  func chunksEqualTheWhole(_ configuration: TCNConfiguration) {
    let lengths = [31, 7, 0, 44, 12]
    let test = TCNCase(configuration, lengths: lengths, seed: 21)
    let (network, input) = (test.model.network, test.model.input)
    let whole = test.model()
    var state: TCN.State?
    var rows = [[Tensor]](repeating: [], count: lengths.count)
    var start = 0
    for size in [1, 2, 12, 5, 20, 4] {
      let chunk = input.slice(start..<start + size, axis: 1)
      let chunkLengths = lengths.map { min(max($0 - start, 0), size) }
      let (output, next) = network(Sequences(chunk, lengths: chunkLengths), state: state)
      for row in lengths.indices { rows[row].append(output[row]) }
      state = next
      start += size
    }
    for row in lengths.indices {
      expectClose(
        .concatenated(rows[row]), whole.output[row], "row \(row)", within: 2e-6)
    }
    for (came, expected) in zip(state?.components ?? [], whole.state) {
      expectClose(came, expected, "state", within: 2e-6)
    }
    #expect(state?.components.count == whole.state.count)
  }

  @Test(arguments: configurations)
  func stepByStepEqualsTheWhole(_ configuration: TCNConfiguration) {
    let test = TCNCase(configuration, lengths: [40], seed: 22)
    let (network, input) = (test.model.network, test.model.input)
    let whole = test.model()
    for start in [0, 3, 17] {
      var state: TCN.State?
      if start > 0 {
        state = network(Sequences(input.slice(0..<start, axis: 1))).state
      }
      let stepper = TCNStepper(network, state: state)
      for time in start..<40 {
        let output = stepper.step(
          input.slice(time..<time + 1, axis: 1).reshaped([configuration.inputSize]))
        let expected = whole.output[0].slice(time..<time + 1).reshaped([configuration.outputSize])
        expectClose(output, expected, "step \(time)", within: 3e-6)
      }
      for (came, expected) in zip(stepper.state.components, whole.state) {
        expectClose(came, expected, "state", within: 3e-6)
      }
    }
  }

  /// One-hot rows are looked up, whatever came before them.
  @Test func tokensStepByStep() {
    var generator = RandomGenerator(seed: 23)
    let network = TCN(inputSize: 6, channels: [5, 4], using: &generator)
    let ids: [Int32] = [3, -1, 5, 0, 0, 2, 4, 1, 3, 3]
    let whole = network(oneHot: TokenSequences([ids]))
    for start in [0, 1, 4] {
      let state =
        start == 0 ? nil : network(oneHot: TokenSequences([Array(ids[..<start])])).state
      let stepper = TCNStepper(network, state: state)
      for (time, id) in ids.enumerated().dropFirst(start) {
        let expected = whole.output[0].slice(time..<time + 1).reshaped([4])
        // Every third as a vector, so that both ways meet in one ring.
        let output =
          time % 3 == 2
          ? stepper.step(OneHot([id], width: 6).dense.reshaped([6])) : stepper.step(oneHot: id)
        expectClose(output, expected, "token \(time)", within: 3e-6)
      }
      for (came, expected) in zip(stepper.state.components, whole.state.components) {
        expectClose(came, expected, "state", within: 3e-6)
      }
    }
  }

  /// Weights beyond one core's cache are shared out among threads.
  @Test func largeSteps() {
    var generator = RandomGenerator(seed: 24)
    let network = TCN(inputSize: 4, channels: [300, 300], using: &generator)
    let input = generator.normal(shape: [1, 7, 4])
    let whole = network(Sequences(input)).output[0]
    func steps(threads: Int) -> [Tensor] {
      Threads.with(threads) {
        let stepper = TCNStepper(network)
        return (0..<7).map { stepper.step(input.slice($0..<$0 + 1, axis: 1).reshaped([4])) }
      }
    }
    let shared = steps(threads: 3)
    for (time, output) in shared.enumerated() {
      expectClose(output, whole.slice(time..<time + 1).reshaped([300]), "step", within: 3e-6)
    }
    #expect(shared.map(\.values) == steps(threads: 1).map(\.values))
  }

  @Test(arguments: [true, false])
  func raggedRowsEqualEachRowAlone(_ isCausal: Bool) {
    let configuration = TCNConfiguration(
      inputSize: 3, channels: [6, 7], kernelSize: 4, isCausal: isCausal)
    let lengths = [9, 0, 23, 1, 23, 14]
    let test = TCNCase(configuration, lengths: lengths, padding: 3, seed: 25)
    let together = test.model()
    for (row, length) in lengths.enumerated() {
      let alone = WatchedTCN(
        network: test.model.network,
        input: test.model.input.slice(row..<row + 1).slice(0..<length, axis: 1),
        lengths: [length])()
      expectClose(together.output[row], alone.output[0], "row \(row)", within: 2e-6)
      for (all, one) in zip(together.state, alone.state) {
        expectClose(all.slice(row..<row + 1), one, "state of row \(row)", within: 2e-6)
      }
    }
    // What stands behind the end is never read.
    var other = test.model
    other.input.withMutableValues { values in
      for (row, length) in lengths.enumerated() {
        for index in (row * 26 + length) * 3..<(row + 1) * 26 * 3 { values[index] = .nan }
      }
    }
    expectSameBytes(other().output.padded(), together.output.padded(), "padding")
  }

  @Test func noStateIsTheZeroState() {
    let test = TCNCase(Self.configurations[0], lengths: [9, 0, 23], seed: 26)
    let network = test.model.network
    var withZeros = test.model
    withZeros.state = network.zeroState(batch: 3).components
    let (a, b) = (test.model(), withZeros())
    expectSameBytes(a.output.padded(), b.output.padded(), "output")
    for (came, expected) in zip(b.state, a.state) { expectSameBytes(came, expected, "state") }
    expectSameBytes(
      network.output(of: Sequences(test.model.input, lengths: [9, 0, 23])).padded(),
      a.output.padded(), "output without a state")
    // An empty sequence hands on what it was given.
    let given = TCNCase(Self.configurations[0], lengths: [9, 0, 23], withState: true, seed: 27)
    for (before, after) in zip(given.model.state, given.model().state) {
      expectSameBytes(after.slice(1..<2), before.slice(1..<2), "state of an empty sequence")
    }
  }

  @Test func tokens() {
    var generator = RandomGenerator(seed: 28)
    let network = TCN(inputSize: 6, channels: [5, 4], using: &generator)
    let embedding = Embedding(vocabulary: 9, dimension: 6, using: &generator)
    let tokens = TokenSequences([[0, 5, 5, 2], [], [1, 3, -1, 4, 4, 0]])
    var none: RandomGenerator?
    expectClose(
      network(oneHot: tokens).output.padded(), network(tokens.oneHot(classes: 6)).output.padded(),
      "one-hot", within: 2e-6)
    expectClose(
      network(tokens, embedding: embedding, using: &none).output.padded(),
      network(embedding(tokens)).output.padded(), "embedded", within: 2e-6)
  }
}
