import Reel
import ReelTestSupport
import Testing

@Suite struct SequenceTaggerNetworkTests {
  private static let sentences = [
    TaggedSentence(tokens: ["Jo", "ate", "Jo"], tags: ["B-A", "O", "B-B"]),
    TaggedSentence(tokens: [], tags: []),
    TaggedSentence(tokens: ["an", "", "Apple", "pie", "2"], tags: ["O", "O", "B-A", "I-A", "O"]),
  ]

  private func tagger(_ change: (inout SequenceTaggerConfiguration) -> Void = { _ in }) throws
    -> SequenceTagger
  {
    var configuration = SequenceTaggerConfiguration(
      wordEmbeddingSize: 3, characterEmbeddingSize: 2, characterHiddenSize: 2,
      encoder: EncoderConfiguration(hiddenSize: 3))
    configuration.dropout = 0.25
    change(&configuration)
    return try SequenceTagger(training: Self.sentences, configuration: configuration, seed: 9)
  }

  @Test func theVisitorForgetsNothing() throws {
    #expect(visitingProblems(of: try tagger().network) == [])
    let bare = try tagger {
      $0.characterHiddenSize = 0
      $0.usesCapitalization = false
      $0.usesCRF = false
    }
    #expect(visitingProblems(of: bare.network) == [])
    #expect(bare.network.parameters[0].path == "words.weight")
    #expect(bare.network.parameters.last?.path == "head.bias")
  }

  /// Central differences of the whole network in every parameter, with dropout (the same masks
  /// every time) and without.
  @Test(arguments: [true, false], [true, false])
  func gradientsOfTheWholeNetwork(usesCRF: Bool, dropsOut: Bool) throws {
    try checkGradients(of: tagger { $0.usesCRF = usesCRF }, dropsOut: dropsOut)
  }

  @Test(arguments: CharacterEncoderKind.allCases, EncoderKind.allCases)
  func gradientsOfOtherParts(_ characters: CharacterEncoderKind, _ cell: EncoderKind) throws {
    let tagger = try tagger {
      $0.characterEncoder = characters
      $0.encoder.cell = cell
    }
    #expect(visitingProblems(of: tagger.network) == [])
    try checkGradients(of: tagger, dropsOut: true)
  }

  private func checkGradients(of tagger: SequenceTagger, dropsOut: Bool) throws {
    let batch = try Self.sentences.map { try tagger.example($0) }
    func loss(_ network: SequenceTaggerNetwork) -> Tensor {
      var context = LossContext(generator: dropsOut ? RandomGenerator(seed: 4) : nil)
      return tagger.loss(network, batch, &context)
    }
    let (value, gradients) = valueAndGradient(of: tagger.network) { loss($0) }
    #expect(value.scalar.isFinite && value.scalar > 0)
    var checked = 0
    for (path, parameter) in tagger.network.parameters {
      let gradient = gradients[path]?.tensor.values ?? parameter.values.map { _ in 0 }
      for index in gradient.indices {
        func moved(_ step: Float) -> Double {
          var network = tagger.network
          network.updateParameters { other, parameter in
            if other == path { parameter.withMutableValues { $0[index] += step } }
          }
          return Double(loss(network).scalar)
        }
        // A rectifier or a maximum may turn within one step, hardly within one ten times as small.
        let slopes = [Float(0.01), 0.001].lazy.map { step in
          (moved(step) - moved(-step)) / Double(2 * step)
        }
        #expect(
          slopes.contains { abs($0 - Double(gradient[index])) < 2e-3 + 0.01 * abs($0) },
          "\(path)[\(index)]: \(gradient[index]), differences \(Array(slopes))")
        checked += 1
      }
    }
    #expect(checked == tagger.network.parameterCount)
  }

  @Test func theLossOfABatchIsTheMeanOfItsSentences() throws {
    let tagger = try tagger()
    let examples = try Self.sentences.map { try tagger.example($0) }
    func loss(_ batch: [SequenceTaggerExample]) -> Double {
      var context = LossContext()
      return Double(tagger.loss(tagger.network, batch, &context).scalar)
    }
    // The sentence without tokens counts for nothing.
    let mean = (loss([examples[0]]) + loss([examples[2]])) / 2
    #expect(abs(loss(examples) - mean) < 1e-4)
    #expect(abs(tagger.evaluate(examples).loss - mean) < 1e-4)
    #expect(loss([examples[1]]) == 0)
    #expect(tagger.evaluate([]).score == 0)
  }

  @Test func rareWordsAreDroppedInTrainingAlone() throws {
    // With every word rare and nearly always dropped, the words' own vectors hardly matter.
    let tagger = try tagger {
      $0.wordDropout = 0.99
      $0.rareCount = 2
      $0.dropout = 0
    }
    let batch = try Self.sentences.map { try tagger.example($0) }
    func used(_ generator: RandomGenerator?) -> Int {
      var context = LossContext(generator: generator)
      let (_, gradients) = valueAndGradient(of: tagger.network) {
        tagger.loss($0, batch, &context)
      }
      guard case .rows(let rows)? = gradients["words.weight"] else { return -1 }
      return rows.indices.count
    }
    #expect(used(RandomGenerator(seed: 1)) <= 2)
    #expect(used(nil) == tagger.words.count - 1 + 1)
  }
}
