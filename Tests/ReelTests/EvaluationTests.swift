import Foundation
import Reel
import Testing

@Suite struct EvaluationTests {
  /// −log p of each token but the first, the state carried by hand from token to token.
  private func lossTokenByToken(_ model: LanguageModel, _ ids: [Int32]) -> Double {
    var state: RecurrentNetwork.State?
    var total = 0.0
    for (id, target) in zip(ids, ids.dropFirst()) {
      let (logits, next) = model.network(TokenSequences([[id]]), state: state)
      let scores = logits[0].values.map(Double.init)
      let largest = scores.max() ?? 0
      let sum = scores.reduce(0) { $0 + exp($1 - largest) }
      total += log(sum) + largest - scores[Int(target)]
      state = next
    }
    return total / Double(ids.count - 1)
  }

  @Test(arguments: [2, 3, 255, 257, 513, 1400])
  func equalsThePlainLoop(length: Int) throws {
    let text = Array(sampleText(60).prefix(length))
    var settings = smallSettings(epochs: 4)
    settings.validationFraction = 0
    var trainer = try LanguageModelTrainer(
      corpus: sampleText(60), model: smallModel(dropout: 0.2), settings: settings)
    try trainer.train()
    let model = trainer.model
    let evaluation = try model.evaluate(text)
    let expected = lossTokenByToken(model, try model.tokenizer.encode(text))
    #expect(evaluation.tokens == length - 1)
    #expect(abs(evaluation.loss - expected) < 1e-5)
    #expect(abs(evaluation.bitsPerToken - expected / log(2)) < 1e-5)
    #expect(abs(evaluation.perplexity / exp(expected) - 1) < 1e-5)
  }

  /// A long text is read in up to 32 lanes, a short one in a single lane.
  @Test func doesNotDependOnTheLanes() throws {
    var trainer = try LanguageModelTrainer(
      corpus: sampleText(60), model: smallModel(), settings: smallSettings())
    try trainer.train()
    let text = sampleText(300, seed: 2)
    let ids = try trainer.model.tokenizer.encode(text)
    #expect(ids.count > 32 * 256)
    let expected = lossTokenByToken(trainer.model, ids)
    #expect(abs(try trainer.model.evaluate(text).loss - expected) < 1e-5)
  }

  @Test(arguments: ["", "T"])
  func aTextWithNothingToPredictIsRefused(text: String) throws {
    var generator = RandomGenerator(seed: 1)
    let model = try LanguageModel(
      smallModel(), tokenizer: ScalarTokenizer(trainedOn: "Te"), using: &generator)
    #expect(throws: ConfigurationError.self) { try model.evaluate(Array(text.utf8)) }
  }
}
