import Foundation
import Reel
import ReelTestSupport
import Testing

@Suite struct RegressorTests {
  /// Texts of three to eight words; the number is 10 for each "up", and −10 for each "down".
  private func texts(_ count: Int, seed: UInt64) -> [RatedText] {
    var random = TestRandom(seed)
    return (0..<count).map { number in
      let words = (0..<Int.random(in: 3...8, using: &random)).map { _ in
        ["up", "down", "and", "so"][Int.random(in: 0..<4, using: &random)]
      }
      let rating = words.reduce(40.0) { $0 + ($1 == "up" ? 10 : $1 == "down" ? -10 : 0) }
      return RatedText(text: words.joined(separator: " "), rating: rating, line: number + 1)
    }
  }

  private let configuration = TextClassifierConfiguration(
    embeddingSize: 8, encoder: EncoderConfiguration(cell: .gru, hiddenSize: 16),
    pooling: .finalStates, dropout: 0)

  private func settings(_ epochs: Int) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.epochs = epochs
    settings.optimizer = OptimizerConfiguration(.adam, learningRate: 1e-2)
    return settings
  }

  @Test func textSlopes() throws {
    let data = texts(6, seed: 1)
    let model = try TextRegressor(texts: data, configuration: configuration)
    let batch = try data.map(model.example)
    let found = slopeProblems(of: model.network) { network in
      var context = LossContext()
      return model.loss(network, batch, &context)
    }
    #expect(found == [])
  }

  @Test func textLearnsAndReloads() throws {
    let data = texts(300, seed: 2)
    let model = try TextRegressor(texts: data, configuration: configuration)
    var trainer = try Trainer(model, training: data.map(model.example), settings: settings(15))
    try trainer.train()
    let best = trainer.best
    let test = texts(80, seed: 3)
    let evaluation = best.evaluate(try test.map(model.example))
    #expect(evaluation.determination > 0.9)
    // Measured in the units that came in.
    let errors = zip(best.predict(test.map(\.text)), test).map {
      ($0 - $1.rating) * ($0 - $1.rating)
    }
    let mean = errors.reduce(0, +) / Double(errors.count)
    #expect(abs(evaluation.meanSquaredError - mean) < 1e-3 * mean)
    #expect(best.predict("").isFinite)
    try withTemporaryFolder { folder in
      try best.save(to: folder)
      let loaded = try TextRegressor(folder: folder)
      #expect(loaded.predict(test.map(\.text)) == best.predict(test.map(\.text)))
      #expect(loaded.scale == best.scale)
    }
  }

  /// The sum of a series' first values.
  private func series(_ count: Int, seed: UInt64) -> [MeasuredSequence] {
    var random = TestRandom(seed)
    return (0..<count).map { number in
      let frames = (0..<Int.random(in: 2...6, using: &random)).map { _ -> [Float] in
        [Float.random(in: 0...2, using: &random), Float.random(in: -9...9, using: &random)]
      }
      let target = frames.reduce(0.0) { $0 + Double($1[0]) }
      return MeasuredSequence(frames: frames, target: target, line: number + 1)
    }
  }

  @Test func sequenceLearnsAndReloads() throws {
    let data = series(300, seed: 4)
    let configuration = SequenceClassifierConfiguration(
      encoder: EncoderConfiguration(cell: .lstm, hiddenSize: 16), dropout: 0)
    let model = try SequenceRegressor(sequences: data, configuration: configuration)
    let batch = try data.prefix(5).map(model.example)
    let found = slopeProblems(of: model.network) { network in
      var context = LossContext()
      return model.loss(network, batch, &context)
    }
    #expect(found == [])
    var trainer = try Trainer(model, training: data.map(model.example), settings: settings(15))
    try trainer.train()
    let best = trainer.best
    let test = series(80, seed: 5)
    #expect(best.evaluate(try test.map(model.example)).determination > 0.9)
    try withTemporaryFolder { folder in
      try best.save(to: folder)
      let loaded = try SequenceRegressor(folder: folder)
      #expect(try loaded.predict(test.map(\.frames)) == best.predict(test.map(\.frames)))
    }
  }

  @Test func equalNumbers() throws {
    let data = [RatedText(text: "a b", rating: 3), RatedText(text: "c", rating: 3)]
    let model = try TextRegressor(texts: data, configuration: configuration)
    #expect(model.scale == NumberScale(mean: 3, deviation: 1))
  }

  @Test func badInput() throws {
    #expect(
      errorText { _ = try TextRegressor(texts: []) }
        == "the training set is empty: at least 1 rated text is expected")
    #expect(
      errorText { _ = try TextRegressor(texts: [RatedText(text: "a", rating: .nan, line: 3)]) }
        == "line 3: the rating nan, expected a finite number")
    #expect(
      errorText { _ = try RatedText(LabelledText(text: "a", label: "good", line: 4)) }
        == "line 4: the rating \"good\", expected a finite number")
    #expect(try RatedText(LabelledText(text: "a", label: "-0.6", line: 4)).rating == -0.6)
    #expect(
      errorText { _ = try SequenceRegressor(sequences: []) }
        == "the training set is empty: at least 1 sequence is expected")
    #expect(
      errorText {
        _ = try SequenceRegressor(
          sequences: [MeasuredSequence(frames: [[1]], target: .infinity, line: 2)])
      } == "line 2: the target inf, expected a finite number")
  }
}
