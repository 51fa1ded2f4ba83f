import Foundation
import Reel
import Testing

/// A temporal convolutional network in every task: it learns, comes back from its folder, and
/// trains to the same bytes with any number of threads and after a stop.
@Suite struct TCNTaskTests {
  private func encoder(_ directions: RecurrentDirections) -> EncoderConfiguration {
    EncoderConfiguration(
      cell: .tcn, hiddenSize: 12, layers: 2, directions: directions, dropout: 0.1)
  }

  private func bits(_ network: some Module) -> [[UInt32]] {
    network.parameters.map { $0.tensor.values.map(\.bitPattern) }
  }

  /// Trains with 1, 2 and 3 threads, and stops once and goes on.
  ///
  /// - Returns: the model, and what its folder holds.
  private func trained<Model: TrainableModel>(
    _ model: Model, _ examples: [Model.Example], epochs: Int = 2, rate: Float = 0.01
  ) throws -> (before: Model, after: Model) {
    var settings = TrainingSettings()
    settings.epochs = epochs
    settings.batch = 4
    settings.optimizer.learningRate = rate
    func run(_ threads: Int, stop: Int? = nil) throws -> Model {
      try Threads.with(threads) {
        var trainer = try Trainer(model, training: examples, settings: settings)
        guard let stop else {
          try trainer.train()
          return trainer.best
        }
        var asked = 0
        try trainer.train(shouldStop: {
          asked += 1
          return asked > stop
        })
        return try withTemporaryFolder { folder in
          try trainer.save(to: folder)
          var second = try Trainer<Model>(resuming: folder, training: examples)
          try second.train()
          return second.best
        }
      }
    }
    let one = try run(1)
    let expected = bits(one.network)
    #expect(bits(try run(2).network) == expected)
    #expect(bits(try run(3).network) == expected)
    #expect(bits(try run(2, stop: 3).network) == expected)
    return try withTemporaryFolder { folder in
      try one.save(to: folder)
      return (one, try Model(folder: folder))
    }
  }

  // MARK: Many to one

  /// Labelled by the word that comes anywhere in them.
  private func texts(_ count: Int, seed: UInt64) -> [LabelledText] {
    var generator = RandomGenerator(seed: seed)
    let fillers = ["the", "film", "was", "on", "a", "day"]
    return (0..<count).map { number in
      let words = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
        fillers[Int.random(in: 0..<fillers.count, using: &generator)]
      }
      let good = number % 2 == 0
      let place = Int.random(in: 0...words.count, using: &generator)
      let text = words[..<place] + [good ? "fine" : "dull"] + words[place...]
      return LabelledText(text: text.joined(separator: " "), label: good ? "good" : "bad")
    }
  }

  @Test(arguments: Pooling.allCases, [RecurrentDirections.forward, .bidirectional])
  func textClassifier(_ pooling: Pooling, _ directions: RecurrentDirections) throws {
    let data = texts(60, seed: 1)
    let configuration = TextClassifierConfiguration(
      embeddingSize: 8, encoder: encoder(directions), pooling: pooling, attentionSize: 4,
      dropout: 0.1)
    let model = try TextClassifier(texts: data, configuration: configuration)
    let (before, after) = try trained(model, data.map(model.example), epochs: 6, rate: 0.02)
    let test = texts(40, seed: 2)
    let accuracy = before.evaluate(try test.map(model.example)).accuracy
    #expect(accuracy >= (pooling == .finalStates ? 0.6 : 0.95), "\(accuracy)")
    // A text without words, and one with words that never came.
    for text in test.map(\.text) + ["", "nothing known"] {
      #expect(before.classify(text) == after.classify(text))
    }
  }

  @Test func seriesOfNumbers() throws {
    var generator = RandomGenerator(seed: 3)
    let series = (0..<40).map { number in
      let rises = number % 2 == 0
      let frames = (0..<Int.random(in: 5...12, using: &generator)).map { time -> [Float] in
        let angle = Float(time) * (rises ? 0.8 : -0.8)
        return [50 + 5 * cos(angle), sin(angle)]
      }
      return (frames: frames, rises: rises)
    }
    let configuration = SequenceClassifierConfiguration(
      encoder: encoder(.forward), pooling: .mean, dropout: 0)
    let labelled = series.map { LabelledSequence(frames: $0.frames, label: "\($0.rises)") }
    let classifier = try SequenceClassifier(sequences: labelled, configuration: configuration)
    let (before, after) = try trained(classifier, labelled.map(classifier.example), epochs: 5)
    #expect(before.evaluate(try labelled.map(classifier.example)).accuracy >= 0.95)
    #expect(try before.classify(series[0].frames) == after.classify(series[0].frames))

    let measured = series.map {
      MeasuredSequence(frames: $0.frames, target: Double($0.frames[$0.frames.count - 1][1]))
    }
    let regressor = try SequenceRegressor(sequences: measured, configuration: configuration)
    let (first, second) = try trained(regressor, measured.map(regressor.example), epochs: 20)
    let evaluation = first.evaluate(try measured.map(regressor.example))
    #expect(evaluation.determination > 0.3, "\(evaluation)")
    #expect(evaluation == second.evaluate(try measured.map(regressor.example)))
  }

  // MARK: Many to many

  @Test(arguments: CharacterEncoderKind.allCases, [RecurrentDirections.forward, .bidirectional])
  func tagger(_ characters: CharacterEncoderKind, _ directions: RecurrentDirections) throws {
    let sentences = sampleSentences(40)
    var configuration = smallTagger(dropout: 0.2)
    configuration.encoder = encoder(directions)
    configuration.characterEncoder = characters
    let model = try SequenceTagger(training: sentences, configuration: configuration)
    let (before, after) = try trained(model, sentences.map(model.example), epochs: 5)
    let test = sampleSentences(30, seed: 7)
    let score = before.evaluate(try test.map(model.example)).spans?.f1 ?? 0
    #expect(score > 0.8, "\(score)")
    let tokens = test.map(\.tokens) + [[], ["Unseen"]]
    #expect(before.tag(tokens) == after.tag(tokens))
    #expect(before.spans(tokens, confidence: true) == after.spans(tokens, confidence: true))
    // A sentence alone is tagged as it is among others, where forms share what is computed.
    #expect(tokens.map { before.tag($0) } == before.tag(tokens))
  }

  @Test(arguments: [RecurrentDirections.forward, .bidirectional])
  func seq2seq(_ directions: RecurrentDirections) throws {
    let pairs = ["ab", "abc", "c", "bca", "cc", "ba"].map {
      TextPair(source: $0, target: String($0.reversed()))
    }
    var configuration = Seq2SeqConfiguration()
    configuration.encoder = encoder(directions)
    configuration.decoderHiddenSize = 16
    let tokenizer = try ScalarTokenizer(trainedOn: Array("abc".utf8))
    let model = try Seq2Seq(
      pairs: pairs, configuration: configuration, source: tokenizer, target: tokenizer)
    let (before, after) = try trained(model, pairs.map(model.example), epochs: 60, rate: 0.02)
    #expect(before.evaluate(try pairs.map(model.example)).wordErrorRate <= 0.2)
    for text in ["abcc", "a"] {
      #expect(
        try before.translate(text, beam: 2).map(\.text)
          == after.translate(text, beam: 2).map(\.text))
    }
  }

  // MARK: Writing

  @Test func textGenerator() throws {
    let texts = Grammar.texts(40, seed: 1)
    let model = try TextGenerator(
      texts: texts, configuration: smallGenerator(.everyStep, cell: .tcn, layers: 2))
    let examples = try texts.map(model.example)
    let (before, after) = try trained(model, examples, epochs: 4, rate: 0.02)
    #expect(before.evaluate(examples).loss < model.evaluate(examples).loss - 0.2)
    for label in ["even", "steps"] {
      #expect(
        try before.generate(label: label, count: 3, seed: 2)
          == after.generate(label: label, count: 3, seed: 2))
    }
    #expect(before.configuration == after.configuration)
  }

  /// Windows carry the state on: what the network says of a text does not depend on how it is cut.
  @Test func languageModelSeesAcrossItsWindows() throws {
    var generator = RandomGenerator(seed: 6)
    let model = try LanguageModel(
      LanguageModelConfiguration(tokens: .bytes, cell: .tcn, hiddenSize: 8, layers: 3),
      tokenizer: ByteTokenizer(), using: &generator)
    let ids = model.tokenizer.encode(String(decoding: sampleText(4), as: UTF8.self))
    let whole = model.network(TokenSequences([ids])).logits[0]
    var state: SequenceEncoder.State?
    var parts: [Tensor] = []
    for start in stride(from: 0, to: ids.count, by: 10) {
      let window = Array(ids[start..<min(start + 10, ids.count)])
      let (logits, next) = model.network(TokenSequences([window]), state: state)
      parts.append(logits[0])
      state = next
    }
    let difference =
      zip(whole.values, Tensor.concatenated(parts).values)
      .map { abs($0 - $1) }.max() ?? 1
    #expect(difference < 1e-5)
  }

  @Test func languageModelSettings() throws {
    let configuration = LanguageModelConfiguration(
      tokens: .bytes, cell: .tcn, hiddenSize: 8, layers: 3, embeddingSize: 5, kernelSize: 4,
      dilationBase: 3)
    try configuration.validate()
    #expect(configuration.encoder.receptiveField == 1 + 2 * 3 * (1 + 3 + 9))
    let data = try JSONEncoder().encode(configuration)
    #expect(try JSONDecoder().decode(LanguageModelConfiguration.self, from: data) == configuration)
    let recurrent = try JSONEncoder().encode(LanguageModelConfiguration(cell: .gru))
    #expect(!String(decoding: recurrent, as: UTF8.self).contains("kernelSize"))
    var generator = RandomGenerator(seed: 1)
    let layers = try LanguageModel(
      configuration, tokenizer: ByteTokenizer(), using: &generator
    ).layers
    #expect(
      layers.map(\.name)
        == ["embedding", "tcn.network.0", "tcn.network.1", "tcn.network.2", "head"])
    #expect(layers[1].multiplyAdds == 8 * 5 * 4 + 8 * 8 * 4 + 8 * 5)
    #expect(layers[2].multiplyAdds == 2 * 8 * 8 * 4 && layers[2].kind == "tcn")

    var wide = configuration
    wide.layers = 12
    #expect(
      errorText { try wide.validate() }?.hasPrefix("receptive field 1594321: a number from")
        ?? false)
    wide.layers = 3
    wide.zoneout = 0.1
    #expect(errorText { try wide.validate() }?.contains("zoneout 0.1 for the cell 'tcn'") ?? false)
  }
}
