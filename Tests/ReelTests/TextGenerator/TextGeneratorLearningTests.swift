import Foundation
import Reel
import Testing

@Suite struct TextGeneratorLearningTests {
  @Test(arguments: [TextConditioning.initialState, .everyStep, .both])
  func writesTextsOfTheRightGrammar(_ conditioning: TextConditioning) throws {
    let model = try trained(
      smallGenerator(conditioning), texts: Grammar.texts(600, seed: 1), epochs: 12)
    for grammar in Grammar.allCases {
      let written = try model.generate(
        label: grammar.rawValue, count: 200, sampling: Sampling(temperature: 0.7), seed: 9)
      let right = written.count { grammar.accepts($0) }
      #expect(right >= 190, "\(grammar): \(right) of 200, \(written.prefix(10))")
      #expect(Set(written).count >= 8)
    }
    let heldOut = Grammar.texts(100, seed: 2)
    let examples = try heldOut.map(model.example)
    #expect(model.labelRecovery(examples).accuracy > 0.98)
    for text in heldOut.prefix(6) {
      let probabilities = try model.labelProbabilities(of: text.text)
      #expect(probabilities.map(\.label) == ["even", "steps"])
      #expect(abs(probabilities.reduce(0) { $0 + $1.probability } - 1) < 1e-9)
      #expect(probabilities.max { $0.probability < $1.probability }?.label == text.label)
    }
  }

  @Test func theConditionIsWorthWhatItTells() throws {
    let texts = Grammar.texts(600, seed: 1)
    let heldOut = Grammar.texts(200, seed: 2)
    let blind = try trained(smallGenerator(.none), texts: texts, epochs: 10)
    let model = try trained(smallGenerator(), texts: texts, epochs: 10)
    let without = blind.evaluate(try heldOut.map(blind.example))
    let with = model.evaluate(try heldOut.map(model.example))
    // Which of two equally frequent grammars it is: log 2 for each text, and nothing more.
    let gain = (without.loss - with.loss) * Double(with.tokens) / Double(with.texts)
    #expect(abs(gain - log(2)) < 0.15, "\(gain)")
    #expect(with.tokens == without.tokens && with.texts == 200)
    #expect(with.score == -with.loss && with.perplexity == exp(with.loss))
    // The labels' parts make the whole.
    let sum = with.labels.reduce(0.0) { $0 + $1.loss * Double($1.tokens) }
    #expect(abs(sum / Double(with.tokens) - with.loss) < 1e-9)
    #expect(
      with.labels.map(\.label) == ["even", "steps"] && with.labels.map(\.texts) == [100, 100])
    // A model that is told nothing says what it knew before.
    let blindly = try blind.labelProbabilities(of: "aabb")
    #expect(blindly.allSatisfy { abs($0.probability - 0.5) < 1e-9 })
  }

  @Test func aVectorIsACondition() throws {
    // The number says how many letters: a regression turned round.
    var generator = RandomGenerator(seed: 4)
    let texts = (0..<400).map { _ in
      let length = Int.random(in: 1...5, using: &generator)
      return ConditionedText(
        text: String(repeating: "x", count: length), vector: [Float(length) / 5, 1])
    }
    let model = try TextGenerator(texts: texts, configuration: smallGenerator(), seed: 1)
    #expect(model.configuration.vectorSize == 2 && model.configuration.labels.isEmpty)
    var settings = TrainingSettings()
    settings.epochs = 25
    settings.optimizer.learningRate = 0.02
    var trainer = try Trainer(model, training: texts.map(model.example), settings: settings)
    try trainer.train()
    for length in 1...5 {
      let written = try trainer.best.generate(
        vector: [Float(length) / 5, 1], count: 5, sampling: .greedy)
      #expect(written.allSatisfy { $0.count == length }, "\(length): \(written)")
    }
    #expect(
      errorText { _ = try model.generate(vector: [1]) }
        == "a vector of 1 numbers, 2 finite numbers are expected")
    #expect(
      errorText { _ = try model.generate(vector: [1, .nan]) }
        == "a vector with NaN or infinity, 2 finite numbers are expected")
    #expect(
      errorText { _ = try model.generate(label: "x", vector: [1, 1]) }
        == "label \"x\", this generator knows no labels")
    #expect(errorText { _ = try model.labelProbabilities(of: "x", vector: [1, 1]) } != nil)
    #expect(model.evaluate([]).loss == 0)
    #expect(model.labelRecovery([]).accuracy == 0)
  }
}
