import Foundation
import Reel
import Testing

/// Language models with zoneout, projection, learned initial state and tied weights.
@Suite struct LanguageModelDropInTests {
  static func configuration(
    _ cell: RecurrentCellKind, embedding: Int = 6
  ) -> LanguageModelConfiguration {
    var c = smallModel(.recurrent(cell), embedding: embedding, dropout: 0.1)
    let isLSTM = cell.stateNames.count == 2
    c.zoneout = 0.1
    c.zoneoutCell = isLSTM ? 0.3 : 0
    c.projectionSize = isLSTM ? 12 : nil
    c.learnsInitialState = true
    c.tiesWeights = true
    return c
  }

  /// Sizes that meet (20 units or 12 projected features) and sizes that do not (6).
  @Test(arguments: RecurrentCellKind.allCases, [6, 12, 20])
  func learnsGeneratesAndComesBack(_ cell: RecurrentCellKind, embedding: Int) throws {
    let configuration = Self.configuration(cell, embedding: embedding)
    var trainer = try LanguageModelTrainer(
      corpus: sampleText(60), model: configuration, settings: smallSettings(epochs: 4))
    var losses: [Double] = []
    try trainer.train { _, event in if case .step(let loss) = event { losses.append(loss) } }
    let last = losses.suffix(5).reduce(0, +) / 5
    #expect(last < losses[0] - 0.5, "from \(losses[0]) to \(last)")

    let model = trainer.model
    let names = model.network.parameters.map(\.path)
    #expect(!names.contains("head.weight"))
    #expect(
      names.contains("head.projection") == (embedding != configuration.projectionSize ?? 20))
    #expect(names.filter { $0.contains("embedding") } == ["embedding.weight"])
    try withTemporaryFolder { folder in
      try model.save(to: folder)
      let read = try LanguageModel(folder: folder)
      #expect(read.configuration == configuration)
      #expect(bits(read) == bits(model))
      #expect(
        try read.generate(prompt: "The ", length: 40, seed: 2)
          == model.generate(prompt: "The ", length: 40, seed: 2))
    }
  }

  /// What generation computes token by token is what the network says of the whole text.
  @Test(arguments: RecurrentCellKind.allCases)
  func stepsEqualTheWhole(_ cell: RecurrentCellKind) throws {
    var generator = RandomGenerator(seed: 4)
    var model = try LanguageModel(
      Self.configuration(cell), tokenizer: ScalarTokenizer(trainedOn: "abcdéfgh \n"),
      using: &generator)
    model.network.updateParameters { _, parameter in
      parameter = generator.uniform(shape: parameter.shape, in: -0.5...0.5)
    }
    let ids = model.tokenizer.encode("abc dé")
    let whole = model.network(TokenSequences([ids])).logits[0]
    let stepper = model.network.stepper()
    for (position, id) in ids.enumerated() {
      let scores = stepper.scores(after: id).values
      let expected = whole.slice(position..<position + 1).values
      for (a, b) in zip(scores, expected) { #expect(abs(a - b) < 1e-5) }
    }
  }

  @Test(arguments: [RecurrentCellKind.lstm, .gru])
  func stoppedAndResumedGivesTheSameBytes(_ cell: RecurrentCellKind) throws {
    let corpus = sampleText(60)
    let (configuration, settings) = (Self.configuration(cell), smallSettings(epochs: 2))
    var straight = try LanguageModelTrainer(
      corpus: corpus, model: configuration, settings: settings)
    try straight.train()
    try withTemporaryFolder { folder in
      var first = try LanguageModelTrainer(
        corpus: corpus, model: configuration, settings: settings)
      var asked = 0
      try first.train(shouldStop: {
        asked += 1
        return asked == 8
      })
      try first.save(to: folder)
      var second = try LanguageModelTrainer(resuming: folder, corpus: corpus)
      try second.train()
      #expect(bits(second.model) == bits(straight.model))
    }
  }

  @Test func theTableOfLayersCountsEachParameterOnce() throws {
    var generator = RandomGenerator(seed: 1)
    let model = try LanguageModel(
      LanguageModelConfiguration(
        tokens: .bytes, cell: .lstm, hiddenSize: 10, layers: 1, embeddingSize: 7,
        projectionSize: 4, learnsInitialState: true, tiesWeights: true),
      tokenizer: ByteTokenizer(), using: &generator)
    let layers = model.layers
    #expect(layers.reduce(0) { $0 + $1.parameters } == model.network.parameterCount)
    #expect(layers.map(\.kind) == ["embedding", "lstm", "tied linear"])
    #expect(layers.map(\.outputShape) == ["[B, T, 7]", "[B, T, 4]", "[B, T, 256]"])
    #expect(layers.map(\.parameters) == [256 * 7, 40 * (7 + 4 + 2) + 4 * 10 + 14, 256 + 7 * 4])
    #expect(layers.map(\.multiplyAdds) == [0, 40 * (7 + 4) + 40, 256 * 7 + 7 * 4])
  }

  @Test func whatCannotBeIsRefusedInOneLine() throws {
    func message(_ change: (inout LanguageModelConfiguration) -> Void) -> String? {
      var configuration = smallModel()
      change(&configuration)
      return errorText { try configuration.validate() }
    }
    #expect(message { $0.tiesWeights = true } == nil)
    #expect(
      message {
        $0.tiesWeights = true
        $0.embeddingSize = 0
      } == "tied weights with embedding size 0 (one-hot rows): an embedding to share is expected")
    #expect(
      message { $0.zoneout = 1 } == "zoneout 1.0: a number of at least 0 and below 1 is expected")
    #expect(
      message {
        $0.cell = .gru
        $0.projectionSize = 4
      } == "projection to 4 for the cell 'gru'; an LSTM is expected")
    #expect(
      message { $0.projectionSize = 20 }
        == "projection to 20 of 20 units, at least 1 and below 20 is expected")
    #expect(
      message {
        $0.cell = .rnn
        $0.zoneoutCell = 0.5
      } == "zoneout of the cell state 0.5 for the cell 'rnn', which has none; an LSTM is expected")
  }

  /// Files written before these settings were there.
  @Test func configurationsFromBefore() throws {
    let old = """
      {"tokens": "bytes", "cell": "gru", "hiddenSize": 20, "layers": 2, "embeddingSize": 6,
       "dropout": 0, "recurrentDropout": 0.25}
      """
    #expect(
      try JSONDecoder().decode(LanguageModelConfiguration.self, from: Data(old.utf8))
        == LanguageModelConfiguration(
          tokens: .bytes, cell: .gru, hiddenSize: 20, layers: 2, embeddingSize: 6,
          recurrentDropout: 0.25))
  }
}
