import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// A task like speech: a word of 2–6 symbols; each symbol is spoken for 2–5 frames with noise, with
/// a pause now and then; nobody says where a symbol begins.
private struct Utterances {
  static let symbols = 6
  var frames: [Tensor] = []
  var words: [[Int32]] = []

  init(count: Int, seed: UInt64) {
    var random = TestRandom(seed)
    for _ in 0..<count {
      let word = (0..<Int.random(in: 2...6, using: &random)).map { _ in
        Int32.random(in: 1...Int32(Self.symbols), using: &random)
      }
      var values: [Float] = []
      func say(_ symbol: Int32) {
        for feature in 1...Int32(Self.symbols) {
          values.append((feature == symbol ? 1 : 0) + Float.random(in: -0.3...0.3, using: &random))
        }
      }
      for (place, symbol) in word.enumerated() {
        // Equal neighbours have a pause between them, or nobody could tell.
        let mustPause = place > 0 && word[place - 1] == symbol
        if mustPause || Bool.random(using: &random) { say(0) }
        for _ in 0..<Int.random(in: 2...5, using: &random) { say(symbol) }
      }
      frames.append(
        Tensor(shape: [values.count / Self.symbols, Self.symbols], values: values))
      words.append(word)
    }
  }

  var sequences: Sequences { Sequences(frames) }
}

private struct Listener: Module {
  var encoder: LSTM
  var head: Linear

  init(seed: UInt64) {
    var generator = RandomGenerator(seed: seed)
    encoder = LSTM(
      inputSize: Utterances.symbols, hiddenSize: 24, directions: .bidirectional, using: &generator)
    head = Linear(encoder.outputSize, Utterances.symbols + 1, using: &generator)
  }

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("encoder", &encoder)
    visitor.visit("head", &head)
  }

  func callAsFunction(_ frames: Sequences) -> Sequences { head(encoder(frames).output) }
}

@Suite struct CTCLearningTests {
  @Test func anEncoderLearnsToSpellWhatItHears() {
    var listener = Listener(seed: 3)
    // Adam, written out: this floor knows no optimizers.
    var means: [[Float]] = []
    var squares: [[Float]] = []
    for step in 1...500 {
      let batch = Utterances(count: 16, seed: UInt64(step))
      let (loss, gradients) = valueAndGradient(of: listener) { listener in
        CTC.loss(listener(batch.sequences), targets: batch.words)
      }
      #expect(loss.scalar.isFinite)
      let values = gradients.entries.map { entry in
        entry.gradient?.tensor.values
          ?? [Float](repeating: 0, count: entry.shape.reduce(1, *))
      }
      if means.isEmpty {
        means = values.map { $0.map { _ in 0 } }
        squares = means
      }
      var number = 0
      let rate = 0.01 * (1 - 0.99 * Float(step) / 500)
      listener.updateParameters { _, parameter in
        var updated = parameter.values
        for index in updated.indices {
          let slope = values[number][index]
          means[number][index] = 0.9 * means[number][index] + 0.1 * slope
          squares[number][index] = 0.99 * squares[number][index] + 0.01 * slope * slope
          updated[index] -=
            rate * means[number][index] / (squares[number][index].squareRoot() + 1e-6)
        }
        parameter = Tensor(shape: parameter.shape, values: updated)
        number += 1
      }
    }
    let test = Utterances(count: 200, seed: 1_000_000)
    let logits = listener(test.sequences)
    let path = CTC.bestPath(logits)
    let beam = CTC.prefixBeam(logits, width: 8).map { $0.first?.labels ?? [] }
    let pathErrors = zip(path, test.words).count { $0 != $1 }
    let beamErrors = zip(beam, test.words).count { $0 != $1 }
    #expect(pathErrors <= 2, "\(pathErrors) of 200 words")
    #expect(beamErrors <= 2, "\(beamErrors) of 200 words")
  }
}
