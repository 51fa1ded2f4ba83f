import Foundation
import Reel
import ReelTestSupport
import Testing

/// The convolution that reads the characters of a word.
@Suite struct CharacterCNNTests {
  private static let filters = 4
  private static let features = 3

  private func network(_ seed: UInt64, dropout: Float = 0) throws -> CharacterCNN {
    var generator = RandomGenerator(seed: seed)
    var network = try CharacterCNN(
      characters: 6, embeddingSize: Self.features, filters: Self.filters, dropout: dropout,
      using: &generator)
    network.updateParameters { _, parameter in
      parameter = generator.uniform(shape: parameter.shape, in: -1...1)
    }
    return network
  }

  private let words: [[Int32]] = [[1, 4, 5, 0], [], [3], [2, 2], [5, 1, 0, 3, 4, 2, 1]]

  /// max_t (Σ_j W_j·c_{t+j} + b), in Double, from the equation.
  private func expected(_ network: CharacterCNN, _ word: [Int32]) throws -> [Double] {
    func values(_ path: String) throws -> [Double] {
      try #require(network.parameters.first { $0.path == path }).tensor.values.map { Double($0) }
    }
    let table = try values("embedding.weight")
    let (weight, bias) = (try values("convolution.weight"), try values("convolution.bias"))
    return (0..<Self.filters).map { filter in
      word.indices.map { time in
        (-1...1).reduce(bias[filter]) { sum, shift in
          guard word.indices.contains(time + shift) else { return sum }
          return (0..<Self.features).reduce(sum) { sum, feature in
            let w = weight[(filter * Self.features + feature) * 3 + shift + 1]
            return sum + w * table[Int(word[time + shift]) * Self.features + feature]
          }
        }
      }.max() ?? 0
    }
  }

  @Test func isTheEquation() throws {
    let network = try network(1)
    #expect(visitingProblems(of: network) == [])
    #expect(
      network.parameters.map(\.path)
        == ["embedding.weight", "convolution.weight", "convolution.bias"])
    var none: RandomGenerator?
    let result = network(TokenSequences(words), using: &none)
    #expect(result.shape == [words.count, Self.filters])
    for (row, word) in words.enumerated() {
      for (filter, wanted) in try expected(network, word).enumerated() {
        #expect(abs(Double(result.values[row * Self.filters + filter]) - wanted) < 1e-5)
      }
    }
    // No words at all.
    #expect(network(TokenSequences([]), using: &none).shape == [0, Self.filters])
  }

  @Test func gradientsAreSlopes() throws {
    let network = try network(2, dropout: 0.25)
    let words = words
    let weights = RandomGenerator(seed: 3).tensor(shape: [words.count, Self.filters])
    let found = slopeProblems(of: network) { network in
      var generator: RandomGenerator? = RandomGenerator(seed: 4)
      return (network(TokenSequences(words), using: &generator) * weights).sum()
    }
    #expect(found == [])
  }

  @Test(arguments: CharacterEncoderKind.allCases)
  func spellingAloneTellsTheTag(_ kind: CharacterEncoderKind) throws {
    // Words that never come again; their ends tell what they are.
    var generator = RandomGenerator(seed: 5)
    func sentences(_ count: Int) -> [TaggedSentence] {
      (0..<count).map { _ in
        let pairs = (0..<4).map { _ -> (String, String) in
          let stem = String(
            (0..<4).map { _ in
              Character(Unicode.Scalar(UInt8(Int.random(in: 97...109, using: &generator))))
            })
          return Bool.random(using: &generator) ? (stem + "ness", "NOUN") : (stem + "ous", "ADJ")
        }
        return TaggedSentence(tokens: pairs.map(\.0), tags: pairs.map(\.1))
      }
    }
    let (training, test) = (sentences(60), sentences(20))
    var configuration = smallTagger(usesCRF: false, dropout: 0.1)
    configuration.characterEncoder = kind
    let tagger = try trained(training, configuration, epochs: 4)
    let names = tagger.network.parameters.map(\.path)
    #expect(names.contains("characters.convolution.weight") == (kind == .cnn))
    #expect(names.contains("characters.recurrent.weight_hh_l0_reverse") == (kind == .lstm))
    let accuracy = tagger.evaluate(try test.map(tagger.example)).accuracy
    #expect(accuracy > 0.95, "\(accuracy)")
    try withTemporaryFolder { folder in
      try tagger.save(to: folder)
      let read = try SequenceTagger(folder: folder)
      #expect(read.configuration == tagger.configuration)
      #expect(read.tag(test.map(\.tokens)) == tagger.tag(test.map(\.tokens)))
    }
  }

  /// A tagger that was saved before there was a choice.
  @Test func filesFromBeforeHaveAnLSTM() throws {
    let configuration = smallTagger()
    var fields = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(configuration)) as? [String: Any])
    #expect(fields.removeValue(forKey: "characterEncoder") as? String == "lstm")
    let data = try JSONSerialization.data(withJSONObject: fields)
    #expect(
      try JSONDecoder().decode(SequenceTaggerConfiguration.self, from: data) == configuration)
  }
}

extension RandomGenerator {
  fileprivate func tensor(shape: [Int]) -> Tensor {
    var copy = self
    return copy.normal(shape: shape, deviation: 1)
  }
}
