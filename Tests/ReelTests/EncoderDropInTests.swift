import Foundation
import Reel
import Testing

/// Zoneout, projection and a learned initial state in the encoder of every task: a training runs,
/// and a folder gives back the same answers.
@Suite struct EncoderDropInTests {
  private func encoder(_ directions: RecurrentDirections) -> EncoderConfiguration {
    var encoder = EncoderConfiguration(hiddenSize: 8, layers: 2, directions: directions)
    encoder.zoneout = 0.1
    encoder.zoneoutCell = 0.2
    encoder.projectionSize = 5
    encoder.learnsInitialState = true
    return encoder
  }

  private func trained<Model: TrainableModel>(
    _ model: Model, _ examples: [Model.Example]
  ) throws -> (before: Model, after: Model) {
    var settings = TrainingSettings()
    settings.epochs = 2
    settings.batch = 2
    var trainer = try Trainer(model, training: examples, settings: settings)
    try trainer.train()
    return try withTemporaryFolder { folder in
      try trainer.best.save(to: folder)
      return (trainer.best, try Model(folder: folder))
    }
  }

  private let labelled = [
    LabelledText(text: "a good film", label: "good"), LabelledText(text: "dull", label: "bad"),
    LabelledText(text: "so very dull a film", label: "bad"),
  ]

  @Test func classifier() throws {
    for pooling in Pooling.allCases {
      let configuration = TextClassifierConfiguration(
        embeddingSize: 4, encoder: encoder(.bidirectional), pooling: pooling)
      let model = try TextClassifier(texts: labelled, configuration: configuration)
      let (before, after) = try trained(model, labelled.map(model.example))
      let text = "a dull good film"
      #expect(before.classify(text) == after.classify(text))
    }
  }

  @Test func tagger() throws {
    let sentences = [
      TaggedSentence(tokens: ["Ida", "left", "Bergen"], tags: ["B-PER", "O", "B-LOC"], line: 1),
      TaggedSentence(tokens: ["She", "sang"], tags: ["O", "O"], line: 5),
    ]
    var configuration = SequenceTaggerConfiguration()
    configuration.encoder = encoder(.bidirectional)
    let model = try SequenceTagger(training: sentences, configuration: configuration)
    let (before, after) = try trained(model, sentences.map(model.example))
    let tokens = [["Bergen", "sang", "loud"], [], ["Ida"]]
    #expect(before.tag(tokens) == after.tag(tokens))
  }

  @Test func generator() throws {
    for conditioning in TextConditioning.allCases {
      let configuration = TextGeneratorConfiguration(
        embeddingSize: 4, labelEmbeddingSize: 3, conditioning: conditioning,
        decoder: encoder(.forward))
      let texts = labelled.map { ConditionedText($0) }
      let model = try TextGenerator(texts: texts, configuration: configuration)
      let (before, after) = try trained(model, texts.map(model.example))
      let written = try before.generate(label: "good", count: 3, seed: 2, maximumLength: 12)
      #expect(written == (try after.generate(label: "good", count: 3, seed: 2, maximumLength: 12)))
      #expect(before.evaluate(try texts.map(model.example)).score.isFinite)
    }
  }

  @Test func seq2seq() throws {
    let pairs = [
      TextPair(source: "ab", target: "ba"), TextPair(source: "abc", target: "cba"),
      TextPair(source: "c", target: "c"),
    ]
    var configuration = Seq2SeqConfiguration()
    configuration.encoder = encoder(.bidirectional)
    configuration.decoderHiddenSize = 9
    let tokenizer = try ScalarTokenizer(trainedOn: Array("abc".utf8))
    let model = try Seq2Seq(
      pairs: pairs, configuration: configuration, source: tokenizer, target: tokenizer)
    let (before, after) = try trained(model, pairs.map(model.example))
    #expect(
      try before.translate("abcc", beam: 2).map(\.text)
        == after.translate("abcc", beam: 2).map(\.text))
  }
}
