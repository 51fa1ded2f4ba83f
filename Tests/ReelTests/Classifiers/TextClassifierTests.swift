import Foundation
import Reel
import ReelTestSupport
import Testing

@Suite struct TextClassifierTests {
  @Test(arguments: Pooling.allCases)
  func visits(_ pooling: Pooling) throws {
    let model = try TextClassifier(texts: fewTexts, configuration: tinyClassifier(pooling))
    #expect(visitingProblems(of: model.network) == [])
    let paths = model.network.parameters.map(\.path)
    #expect(paths.first == "embedding.weight" && paths.contains("encoder.weight_ih_l0_reverse"))
    #expect(paths.suffix(2) == ["head.weight", "head.bias"])
  }

  /// The whole network, an empty text among the batch.
  @Test(arguments: Pooling.allCases)
  func slopes(_ pooling: Pooling) throws {
    let model = try TextClassifier(texts: fewTexts, configuration: tinyClassifier(pooling))
    let batch = try fewTexts.map(model.example)
    let step: Float = pooling == .max ? 1e-3 : 1e-2
    let found = slopeProblems(of: model.network, step: step) { network in
      var context = LossContext(labelSmoothing: 0.1)
      return model.loss(network, batch, &context)
    }
    #expect(found == [])
  }

  /// With dropout of everything: the same generator gives the same masks.
  @Test func slopesWithDropout() throws {
    var configuration = tinyClassifier(.attention)
    configuration.dropout = 0.3
    configuration.embeddingDropout = 0.3
    configuration.wordDropout = 0.3
    configuration.balancesLabels = true
    let model = try TextClassifier(texts: fewTexts, configuration: configuration)
    let batch = try fewTexts.map(model.example)
    let found = slopeProblems(of: model.network) { network in
      var context = LossContext(generator: RandomGenerator(seed: 5))
      return model.loss(network, batch, &context)
    }
    #expect(found == [])
  }

  private func trained(
    _ texts: [LabelledText], _ configuration: TextClassifierConfiguration, epochs: Int
  ) throws -> TextClassifier {
    let model = try TextClassifier(texts: texts, configuration: configuration, seed: 1)
    var settings = TrainingSettings()
    settings.batch = 16
    settings.epochs = epochs
    settings.optimizer = OptimizerConfiguration(.adamw, learningRate: 5e-3)
    var trainer = try Trainer(model, training: texts.map(model.example), settings: settings)
    try trainer.train()
    return trainer.best
  }

  /// The set is too small to say anything about other sentences, but it must be learned.
  @Test(arguments: Pooling.allCases)
  func learnsSentiment(_ pooling: Pooling) throws {
    let texts = try corpus("sentiment/train.tsv")
    let model = try trained(
      texts,
      TextClassifierConfiguration(
        embeddingSize: 64, encoder: EncoderConfiguration(cell: .gru, hiddenSize: 32),
        pooling: pooling, embeddingDropout: 0.2), epochs: 20)
    let evaluation = model.evaluate(try texts.map(model.example))
    #expect(evaluation.accuracy > 0.95)
    #expect(evaluation.balancedErrorRate < 0.05 && evaluation.macroF1 > 0.95)
  }

  /// The number of a sentence's subject, with other nouns between it and the verb.
  @Test func generalizes() throws {
    let texts = try Array(corpus("agreement/train.tsv").prefix(1500))
    let test = try Array(corpus("agreement/test.tsv").prefix(500))
    let model = try trained(
      texts,
      TextClassifierConfiguration(
        embeddingSize: 32, encoder: EncoderConfiguration(cell: .lstm, hiddenSize: 32),
        pooling: .attention, dropout: 0.2, wordDropout: 0.05), epochs: 8)
    #expect(model.evaluate(try test.map(model.example)).accuracy > 0.85)
  }

  /// A text's answer does not depend on which texts are asked about beside it.
  @Test(arguments: Pooling.allCases)
  func neighbours(_ pooling: Pooling) throws {
    let texts = try corpus("sentiment/train.tsv")
    let model = try TextClassifier(texts: texts, configuration: tinyClassifier(pooling), seed: 3)
    let asked = ["", "good", texts[7].text, texts.map(\.text).joined(separator: " "), "Warm soup."]
    let together = model.classify(asked + texts.map(\.text))
    #expect(together.count == asked.count + texts.count)
    for (text, answer) in zip(asked, together) {
      let alone = model.classify(text)
      for (a, b) in zip(alone.probabilities, answer.probabilities) { #expect(abs(a - b) < 1e-5) }
      #expect(abs(answer.probabilities.reduce(0, +) - 1) < 1e-6)
      #expect(answer.probability == answer.probabilities.max())
    }
  }

  @Test func classifiesNothing() throws {
    let model = try TextClassifier(texts: fewTexts, configuration: tinyClassifier())
    #expect(model.classify([]).isEmpty)
    // The head's bias is 0 before training.
    #expect(model.classify("").probabilities == [0.5, 0.5])
    #expect(model.classify(" \n\t ").probabilities == [0.5, 0.5])
  }

  @Test func veryLongText() throws {
    let model = try TextClassifier(texts: fewTexts, configuration: tinyClassifier())
    let answer = model.classify([String(repeating: "warm ", count: 100_000), "warm"])
    #expect(answer.allSatisfy { $0.probability.isFinite })
    let example = try model.example(
      LabelledText(text: String(repeating: "warm ", count: 100_000), label: "positive"))
    #expect(model.length(of: example) == model.configuration.maximumLength)
  }

  @Test func savesAndLoads() throws {
    try withTemporaryFolder { folder in
      var configuration = tinyClassifier(.attention)
      configuration.minimumCount = 2
      configuration.balancesLabels = true
      let texts = try corpus("sentiment/train.tsv")
      let model = try TextClassifier(texts: texts, configuration: configuration, seed: 4)
      try model.save(to: folder)
      let loaded = try TextClassifier(folder: folder)
      #expect(loaded.configuration == model.configuration)
      #expect(loaded.labels == model.labels)
      #expect(model.configuration.labelWeights == [1, 1])
      let asked = texts.prefix(20).map(\.text) + ["", "Unknown wörds, čísla 12."]
      #expect(loaded.classify(asked) == model.classify(asked))
      #expect(try ModelFolder.kind(of: folder) == .textClassifier)
      #expect(
        errorText { _ = try TextRegressor(folder: folder) }
          == "'\(folder)' holds a text classifier, a text regressor is expected")
    }
  }

  @Test func threads() throws {
    let texts = try Array(corpus("sentiment/train.tsv").prefix(64))
    var configuration = tinyClassifier(.attention)
    configuration.embeddingDropout = 0.2
    configuration.wordDropout = 0.2
    let model = try TextClassifier(texts: texts, configuration: configuration, seed: 5)
    let examples = try texts.map(model.example)
    func run(_ threads: Int) throws -> [[UInt32]] {
      try Threads.with(threads) {
        var settings = TrainingSettings()
        settings.epochs = 2
        settings.averaging = 0.9
        var trainer = try Trainer(
          model, training: examples, validation: examples, settings: settings)
        try trainer.train()
        return trainer.best.network.parameters.map { bits($0.tensor) }
      }
    }
    let one = try run(1)
    #expect(try run(2) == one)
    #expect(try run(3) == one)
  }

  @Test func vectors() throws {
    let vectors: (String) -> [Float]? = { $0 == "good" ? [1, 2, 3, 4, 5] : nil }
    let model = try TextClassifier(
      texts: fewTexts, configuration: tinyClassifier(), vectors: vectors)
    let id = try #require(model.tokenizer.encode("good").first)
    let weight = try #require(model.network.embedding?.weight)
    #expect((0..<5).map { weight[Int(id), $0] } == [1, 2, 3, 4, 5])
    #expect(
      errorText {
        _ = try TextClassifier(
          texts: fewTexts, configuration: tinyClassifier(), vectors: { _ in [1] })
      }?.hasSuffix("has 1 values, the embedding size is 5") == true)
  }

  @Test func badInput() throws {
    let model = try TextClassifier(texts: fewTexts, configuration: tinyClassifier())
    #expect(
      errorText { _ = try model.example(LabelledText(text: "x", label: "neutral", line: 7)) }
        == "line 7: unknown label \"neutral\", expected one of \"negative\", \"positive\"")
    #expect(
      errorText { _ = try TextClassifier(texts: []) }
        == "the training set is empty: at least 1 labelled text is expected")
    #expect(
      errorText { _ = try TextClassifier(texts: [fewTexts[0], fewTexts[2]]) }
        == "the only label is \"positive\": at least 2 different ones are expected")
    var configuration = tinyClassifier()
    configuration.wordDropout = 1
    #expect(
      errorText { _ = try TextClassifier(texts: fewTexts, configuration: configuration) }
        == "word dropout 1.0: a number of at least 0 and below 1 is expected")
  }

  /// Labels may be given: then their order stays, and ones without examples are fine.
  @Test func givenLabels() throws {
    var configuration = tinyClassifier()
    configuration.labels = ["positive", "neutral", "negative"]
    configuration.balancesLabels = true
    let model = try TextClassifier(texts: fewTexts, configuration: configuration)
    #expect(model.labels.names == ["positive", "neutral", "negative"])
    let weights: [Float] = [5.0 / 6, 1, 5.0 / 9]
    #expect(model.configuration.labelWeights == weights)
    #expect(model.classify("good").probabilities.count == 3)
  }

  /// Weights of 1 are no weights, and doubling an example is doubling its label's weight.
  @Test func labelWeights() {
    let logits = Tensor(shape: [2, 2], values: [0.5, -1, 2, 0.25])
    let plain = crossEntropy(logits, [0, 1], smoothing: 0.1).scalar
    let ones = logits.weightedCrossEntropy([0, 1], weights: [1, 1], smoothing: 0.1).scalar
    #expect(abs(plain - ones) < 1e-6)
    let doubled = Tensor(shape: [3, 2], values: [0.5, -1, 2, 0.25, 2, 0.25])
    let expected = crossEntropy(doubled, [0, 1, 1]).scalar
    let weighted = logits.weightedCrossEntropy([0, 1], weights: [1, 2], smoothing: 0).scalar
    #expect(abs(weighted - expected) < 1e-6)
  }
}
