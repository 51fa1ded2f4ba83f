import Reel
import Testing

@Suite struct SaliencyTests {
  private func model(_ texts: [LabelledText]) throws -> TextClassifier {
    let configuration = TextClassifierConfiguration(
      embeddingSize: 5, encoder: EncoderConfiguration(hiddenSize: 6, directions: .forward),
      pooling: .finalStates, dropout: 0)
    return try TextClassifier(texts: texts, configuration: configuration, seed: 3)
  }

  private let texts = [
    LabelledText(text: "the film is a joy", label: "good"),
    LabelledText(text: "dull", label: "bad"),
    LabelledText(text: "a long dull film", label: "bad"), LabelledText(text: "", label: "good"),
  ]

  /// A word that stands once in one text has its vector's gradient to itself.
  @Test func equalsTheGradientOfTheEmbedding() throws {
    let model = try model(texts)
    let saliency = try model.saliency(of: texts)
    #expect(saliency.map(\.count) == [5, 1, 4, 0])
    #expect(saliency[0].map(\.token) == ["the", "film", "is", "a", "joy"])
    for (text, words) in zip(texts, saliency) {
      let example = try model.example(text)
      let (_, gradients) = valueAndGradient(of: model.network) { network in
        var context = LossContext()
        return model.loss(network, [example], &context)
      }
      guard let gradient = gradients["embedding.weight"]?.tensor else { continue }
      for (id, word) in zip(example.tokens, words) {
        let row = gradient.slice(Int(id)..<Int(id) + 1)
        let expected = Double(row.squared().sum().scalar).squareRoot()
        #expect(abs(word.norm - expected) <= 1e-5 * max(1, expected), "\(word)")
      }
    }
  }

  @Test func theCompanyOfOtherTextsChangesNothing() throws {
    let model = try model(texts)
    let together = try model.saliency(of: texts)
    for (text, words) in zip(texts, together) {
      let alone = try model.saliency(of: [text])[0]
      #expect(alone.map(\.token) == words.map(\.token))
      for (a, b) in zip(alone, words) { #expect(abs(a.norm - b.norm) < 1e-6) }
    }
    #expect(throws: TextError.self) {
      try model.saliency(of: [LabelledText(text: "a", label: "ugly", line: 7)])
    }
    #expect(try model.saliency(of: []).isEmpty)
  }
}
