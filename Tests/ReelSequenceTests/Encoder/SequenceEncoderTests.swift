import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// Every kind of encoder keeps the same promises.
@Suite struct SequenceEncoderTests {
  private static let vocabulary = 7

  private func encoder(
    _ kind: EncoderKind, _ directions: RecurrentDirections, inputSize: Int,
    using generator: inout RandomGenerator
  ) -> SequenceEncoder {
    let configuration = EncoderConfiguration(
      cell: kind, hiddenSize: 5, layers: 2, directions: directions)
    var encoder = configuration.network(inputSize: inputSize, using: &generator)
    encoder.updateParameters { _, parameter in
      parameter = generator.uniform(shape: parameter.shape, in: -0.5...0.5)
    }
    return encoder
  }

  private func largestDifference(_ a: Tensor, _ b: Tensor) -> Float {
    a.shape == b.shape
      ? zip(a.values, b.values).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 0 : .infinity
  }

  @Test(arguments: EncoderKind.allCases)
  func theVisitorForgetsNothing(_ kind: EncoderKind) {
    var generator = RandomGenerator(seed: 1)
    let encoder = encoder(kind, .forward, inputSize: 4, using: &generator)
    #expect(visitingProblems(of: encoder) == [])
  }

  /// Vectors, tokens through an embedding, one-hot rows, and tables that batches share.
  @Test(arguments: EncoderKind.allCases, [RecurrentDirections.forward, .bidirectional])
  func whatIsReadInAnotherWayIsTheSame(_ kind: EncoderKind, _ directions: RecurrentDirections) {
    var generator = RandomGenerator(seed: 2)
    var none: RandomGenerator?
    let rows: [[Int32]] = [[1, 6, 1, 1, 0, 3, 1], [], [2], [5, 4, 3]]
    let tokens = TokenSequences(rows)
    let embedding = Embedding(vocabulary: Self.vocabulary, dimension: 4, using: &generator)
    let reader = encoder(kind, directions, inputSize: 4, using: &generator)
    let whole = reader(.vectors(embedding(tokens)), using: &none).output
    #expect(whole.featureCount == reader.outputSize && whole.lengths == rows.map(\.count))
    for other in [
      reader(.embedded(tokens, embedding), using: &none).output,
      reader.output(of: .vectors(embedding(tokens)), using: &none),
      reader.output(of: .embedded(tokens, embedding), using: &none),
      reader(tokens, tables: reader.tables(of: embedding.weight)),
    ] {
      #expect(largestDifference(other.padded(), whole.padded()) < 1e-5)
    }
    let oneHot = encoder(kind, directions, inputSize: Self.vocabulary, using: &generator)
    let dense = oneHot(.vectors(tokens.oneHot(classes: Self.vocabulary)), using: &none).output
    #expect(
      largestDifference(oneHot(.oneHot(tokens), using: &none).output.padded(), dense.padded())
        < 1e-5)
    #expect(
      largestDifference(oneHot.output(of: .oneHot(tokens), using: &none).padded(), dense.padded())
        < 1e-5)
  }

  /// The last output, and what each direction knows at its own end, read in every way.
  @Test(arguments: EncoderKind.allCases, [RecurrentDirections.forward, .bidirectional])
  func theEndsAreThoseOfTheWholeOutput(_ kind: EncoderKind, _ directions: RecurrentDirections) {
    var generator = RandomGenerator(seed: 6)
    var none: RandomGenerator?
    let ends = EncoderConfiguration(cell: kind, directions: directions).featureDirections
    let rows: [[Int32]] = [
      (0..<40).map { $0 * $0 % 7 }, [], [2], [5, 4, 3], [1, 6, 1, 0, 3, 1, 4],
    ]
    let tokens = TokenSequences(rows)
    let embedding = Embedding(vocabulary: Self.vocabulary, dimension: 4, using: &generator)
    let reader = encoder(kind, directions, inputSize: 4, using: &generator)
    let oneHot = encoder(kind, directions, inputSize: Self.vocabulary, using: &generator)
    for (reader, input) in [
      (reader, SequenceInput.embedded(tokens, embedding)), (reader, .vectors(embedding(tokens))),
      (oneHot, .oneHot(tokens)),
    ] {
      let whole = reader.output(of: input, using: &none)
      let came = reader.finalStates(of: input, ends, using: &none)
      #expect(largestDifference(came, whole.finalStates(ends)) < 1e-5)
      #expect(came.values.contains { abs($0) > 0.01 })
      let last = reader.lastOutput(of: input, using: &none)
      #expect(largestDifference(last, whole.last) < 1e-5)
    }
  }

  @Test(arguments: EncoderKind.allCases)
  func chunksWithTheStateEqualTheWhole(_ kind: EncoderKind) {
    var generator = RandomGenerator(seed: 3)
    var none: RandomGenerator?
    let encoder = encoder(kind, .forward, inputSize: 3, using: &generator)
    let x = generator.normal(shape: [2, 11, 3], deviation: 1)
    let whole = encoder(.vectors(Sequences(x)), using: &none)
    var state: SequenceEncoder.State?
    var chunks: [Tensor] = []
    for range in [0..<1, 1..<6, 6..<11] {
      let part = Sequences(x.slice(range, axis: 1))
      let result = encoder(.vectors(part), state: state, using: &none)
      chunks.append(result.output.padded())
      state = result.state
    }
    #expect(largestDifference(.concatenated(chunks, axis: 1), whole.output.padded()) < 1e-5)
    #expect(state?.count == encoder.stateNames.count)
    for (came, expected) in zip(state ?? [], whole.state) {
      #expect(largestDifference(came, expected) < 1e-5)
    }
  }

  /// What begins in the network goes on step by step, to the same scores and the same state.
  @Test(arguments: EncoderKind.allCases, [0, 3])
  func stepsEqualTheWhole(_ kind: EncoderKind, embeddingSize: Int) {
    var generator = RandomGenerator(seed: 4)
    var none: RandomGenerator?
    let embedding =
      embeddingSize > 0
      ? Embedding(vocabulary: Self.vocabulary, dimension: embeddingSize, using: &generator) : nil
    let encoder = encoder(
      kind, .forward, inputSize: embeddingSize > 0 ? embeddingSize : Self.vocabulary,
      using: &generator)
    let head = Linear(encoder.outputSize, Self.vocabulary, using: &generator)
    let ids: [Int32] = [3, 1, 6, 0, 2, 2, 5, 1, 1, 4, 0, 6]
    func input(_ ids: [Int32]) -> SequenceInput {
      let tokens = TokenSequences([ids])
      return if let embedding { .embedded(tokens, embedding) } else { .oneHot(tokens) }
    }
    let whole = encoder(input(ids), using: &none)
    for start in [0, 4] {
      let state =
        start == 0 ? nil : encoder(input(Array(ids[..<start])), using: &none).state
      let stepper = TokenStepper(embedding: embedding, encoder: encoder, head: head, state: state)
      for (position, id) in ids.enumerated().dropFirst(start) {
        let expected = head(whole.output)[0].slice(position..<position + 1).reshaped([7])
        #expect(largestDifference(stepper.scores(after: id), expected) < 1e-5)
      }
      for (came, expected) in zip(stepper.state, whole.state) {
        #expect(largestDifference(came, expected) < 1e-5)
      }
    }
  }

  @Test(arguments: EncoderKind.allCases, [RecurrentDirections.forward, .bidirectional])
  func theSummaryHasItsShape(_ kind: EncoderKind, _ directions: RecurrentDirections) {
    var generator = RandomGenerator(seed: 5)
    var none: RandomGenerator?
    let encoder = encoder(kind, directions, inputSize: 3, using: &generator)
    let x = Sequences(generator.normal(shape: [3, 4, 3], deviation: 1), lengths: [4, 0, 2])
    let (output, state) = encoder(.vectors(x), using: &none)
    let (layers, count, sizes) = encoder.summaryShape
    let summary = encoder.summary(output, state)
    #expect(summary.map(\.shape) == sizes.map { [layers * count, 3, $0] })
    guard kind == .tcn else { return }
    #expect(summary[0].reshaped([3, 5]).values == output.meanPooled().values)
  }
}
