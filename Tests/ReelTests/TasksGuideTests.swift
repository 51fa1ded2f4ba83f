import Foundation
import Reel
import Testing

// begin Guides/Tasks.md
/// Reads frames and gives each of them scores for every label and for the blank, number 0.
struct Listener: Module {
  var lstm: LSTM
  var head: Linear

  init(features: Int, labels: Int, using generator: inout RandomGenerator) {
    lstm = LSTM(
      inputSize: features, hiddenSize: 24, directions: .bidirectional, using: &generator)
    head = Linear(48, labels + 1, using: &generator)
  }

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("lstm", &lstm)
    visitor.visit("head", &head)
  }

  func callAsFunction(_ frames: Sequences) -> Sequences { head(lstm(frames).output) }
}
// end Guides/Tasks.md

/// The code of `Guides/Tasks.md`, compiled and run; its lines stand here and there.
@Suite struct TasksGuideTests {
  private func corpus(_ name: String) -> String { DocumentedCode.path("corpora/\(name)") }

  @Test func theGuideHasThisCode() throws {
    let guide = "Guides/Tasks.md"
    let blocks = try DocumentedCode.blocks(of: guide)
    let regions = try DocumentedCode.regions(of: guide, in: #filePath)
    #expect(!blocks.isEmpty)
    for block in blocks where !regions.contains(block) {
      Issue.record("\(guide): the block that begins '\(block.prefix { $0 != "\n" })' is not here")
    }
    #expect(blocks.sorted() == regions.sorted())
  }

  @Test func convolutionsInsteadOfARecurrence() throws {
    // begin Guides/Tasks.md
    let configuration = TextClassifierConfiguration(
      encoder: EncoderConfiguration(
        cell: .tcn, hiddenSize: 64, layers: 4, dropout: 0.2, kernelSize: 3, dilationBase: 2))
    print(configuration.encoder.receptiveField ?? 0)  // 61 steps that one output depends on
    // end Guides/Tasks.md
    try configuration.validate()
    #expect(configuration.encoder.receptiveField == 61)
  }

  @Test func aLabelForAText() throws {
    let path = corpus("sentiment/patterns.tsv")
    try withTemporaryFolder { folder in
      // begin Guides/Tasks.md
      let texts = try LabelledTextReader(tsv: MappedFile(path)).records()
      var generator = RandomGenerator(seed: 1)
      let parts = Splits.parts(count: texts.count, fractions: [0.9, 0.1], using: &generator)
      let (training, heldOut) = (parts[0].map { texts[$0] }, parts[1].map { texts[$0] })

      var configuration = TextClassifierConfiguration()
      configuration.encoder = EncoderConfiguration(cell: .gru, hiddenSize: 32)
      configuration.wordDropout = 0.2
      let model = try TextClassifier(texts: training, configuration: configuration, seed: 1)

      var settings = TrainingSettings()
      settings.epochs = 6
      var trainer = try Trainer(
        model, training: training.map(model.example), validation: heldOut.map(model.example),
        settings: settings)
      try trainer.train { trainer, event in
        if case .evaluation(let result) = event { print(trainer.position.epoch, result.accuracy) }
      }
      let answer = trainer.best.classify("The guide was patient and very funny.")
      print(answer.label, answer.probability)
      // end Guides/Tasks.md
      #expect(try #require(trainer.position.bestScore) > 0.7)
      #expect(["positive", "negative"].contains(answer.label) && answer.probability > 0.5)

      // begin Guides/Tasks.md
      let evaluation = try trainer.best.evaluate(heldOut.map(model.example))
      for label in evaluation.perLabel {
        print(label.label, label.precision, label.recall, label.f1)
      }
      print(evaluation.confusion.counts)  // a row for each right label, a column for each answer
      // end Guides/Tasks.md
      #expect(evaluation.perLabel.map(\.label) == ["negative", "positive"])
      #expect(evaluation.accuracy == trainer.position.bestScore)

      // begin Guides/Tasks.md
      try trainer.save(to: folder)
      var longer = try Trainer<TextClassifier>(
        resuming: folder, training: training.map(model.example),
        validation: heldOut.map(model.example)
      ) { $0.epochs = 8 }
      try longer.train()
      // end Guides/Tasks.md
      #expect(trainer.position.epoch == 6 && longer.position.epoch == 8)

      // begin Guides/Tasks.md
      let classifier = try TextClassifier(folder: folder)
      let answers = classifier.classify(["What a dull film.", "The soup was delicious."])
      print(answers.map(\.label))
      // end Guides/Tasks.md
      #expect(answers == trainer.best.classify(["What a dull film.", "The soup was delicious."]))
      #expect(try ModelFolder.kind(of: folder) == .textClassifier)
    }
  }

  @Test func aLabelForASeries() throws {
    var generator = RandomGenerator(seed: 3)
    let recordings: [(values: [[Float]], speaker: String)] = (0..<80).map { index in
      let pitch = 0.4 + 0.2 * Float(index % 2)
      let values = (0..<12 + index % 5).map { step in
        [sin(Float(step) * pitch) + 0.2 * generator.uniform(), generator.uniform()]
      }
      return (values, index % 2 == 0 ? "low" : "high")
    }
    // begin Guides/Tasks.md
    let sequences = recordings.map { LabelledSequence(frames: $0.values, label: $0.speaker) }
    let model = try SequenceClassifier(sequences: sequences, seed: 1)
    var trainer = try Trainer(model, training: sequences.map(model.example))
    try trainer.train()
    let answer = try trainer.best.classify(recordings[0].values)
    // end Guides/Tasks.md
    #expect(answer.label == "low")
    #expect(try trainer.best.evaluate(sequences.map(model.example)).accuracy > 0.9)
  }

  @Test func aNumberForASeries() throws {
    var generator = RandomGenerator(seed: 4)
    let days: [(readings: [[Float]], next: Double)] = (0..<60).map { index in
      let phase = Float(index) * 0.37
      let readings = (0..<10).map { [sin(phase + Float($0) * 0.5) + 0.05 * generator.uniform()] }
      return (readings, Double(sin(phase + 5)))
    }
    // begin Guides/Tasks.md
    let series = days.map { MeasuredSequence(frames: $0.readings, target: $0.next) }
    let model = try SequenceRegressor(sequences: series, seed: 1)
    var settings = TrainingSettings()
    settings.epochs = 30
    var trainer = try Trainer(model, training: series.map(model.example), settings: settings)
    try trainer.train()
    let evaluation = try trainer.best.evaluate(series.map(model.example))
    print(evaluation.meanAbsoluteError, evaluation.determination)
    // end Guides/Tasks.md
    #expect(evaluation.determination > 0.5)
    #expect(try trainer.best.predict(days[0].readings).isFinite)
  }

  @Test func aTagForEveryToken() throws {
    let path = corpus("entities/train.txt")
    // begin Guides/Tasks.md
    let sentences = try ConllReader(MappedFile(path)).records()
    var configuration = SequenceTaggerConfiguration()
    configuration.encoder = EncoderConfiguration(hiddenSize: 50)
    let tagger = try SequenceTagger(training: sentences, configuration: configuration, seed: 1)
    var settings = TrainingSettings()
    settings.batch = 8
    settings.epochs = 8
    settings.optimizer = OptimizerConfiguration(.adam, learningRate: 5e-3)
    var trainer = try Trainer(
      tagger, training: sentences.map(tagger.example), settings: settings)
    try trainer.train()
    let tagged = trainer.best.tag(text: "Ida Holm left Bergen on Monday.", confidence: true)
    for span in tagged.spans { print(span.label, span.text, span.probability ?? 0) }
    // end Guides/Tasks.md
    #expect(tagged.sentences.count == 1)
    #expect(try trainer.best.evaluate(sentences.map(tagger.example)).score > 0.4)
    for span in tagged.spans { #expect(try #require(span.probability) > 0) }
  }

  @Test func aTextForALabel() throws {
    let path = corpus("sentiment/patterns.tsv")
    // begin Guides/Tasks.md
    let texts = try LabelledTextReader(tsv: MappedFile(path)).records()
    let model = try TextGenerator(texts: texts, seed: 1)
    var settings = TrainingSettings()
    settings.epochs = 3
    settings.optimizer = OptimizerConfiguration(.adam, learningRate: 3e-3)
    var trainer = try Trainer(model, training: texts.map(model.example), settings: settings)
    try trainer.train()
    let sampling = Sampling(temperature: 0.5)
    print(try trainer.best.generate(label: "negative", count: 5, sampling: sampling, seed: 1))
    // end Guides/Tasks.md
    let again = try trainer.best.generate(label: "negative", count: 5, sampling: sampling, seed: 1)
    #expect(again.count == 5 && again.allSatisfy { !$0.isEmpty })
  }

  @Test func anotherTextForAText() throws {
    let path = corpus("pronunciation/train.tsv")
    let test = corpus("pronunciation/test.tsv")
    // begin Guides/Tasks.md
    let pairs = try TextPairReader(tsv: MappedFile(path)).records()
    var configuration = Seq2SeqConfiguration()
    configuration.encoder = EncoderConfiguration(hiddenSize: 64)
    configuration.decoderHiddenSize = 128
    let model = try Seq2Seq(
      pairs: pairs, configuration: configuration, source: .characters, target: .whitespace,
      seed: 1)
    var settings = TrainingSettings()
    settings.epochs = 8
    settings.optimizer = OptimizerConfiguration(.adam, learningRate: 3e-3)
    var trainer = try Trainer(model, training: pairs.map(model.example), settings: settings)
    try trainer.train()
    for answer in try trainer.best.translate("shelf", beam: 5, nBest: 2) {
      print(answer.text, answer.logProbability)
    }
    // end Guides/Tasks.md
    let evaluation = try trainer.best.evaluate(
      TextPairReader(tsv: MappedFile(test)).records().map(model.example))
    #expect(evaluation.tokenErrorRate < 0.5)

    // begin Guides/Tasks.md
    let translation = try trainer.best.translate("shelf", givesAttention: true)[0]
    let sounds = translation.text.split(separator: " ")
    for (sound, weights) in zip(sounds, translation.attention ?? []) {
      print(sound, weights)  // one weight for each letter
    }
    // end Guides/Tasks.md
    #expect(translation.attention?.first?.count == 5)
  }

  @Test func labelsWithoutAlignment() throws {
    var generator = RandomGenerator(seed: 5)
    // Each label sounds for 2 to 4 frames.
    var frames: [Tensor] = []
    var transcripts: [[Int32]] = []
    for _ in 0..<32 {
      let labels = (0..<3).map { _ in Int32.random(in: 1...4, using: &generator) }
      var values: [Float] = []
      var steps = 0
      for label in labels {
        for _ in 0..<Int.random(in: 2...4, using: &generator) {
          values += (1...4).map { ($0 == Int(label) ? 1 : 0) + 0.1 * generator.uniform() }
          steps += 1
        }
        values += (1...4).map { _ in 0.1 * generator.uniform() }
        steps += 1
      }
      frames.append(Tensor(shape: [steps, 4], values: values))
      transcripts.append(labels)
    }
    // begin Guides/Tasks.md
    let sound = Sequences(frames)
    var listener = Listener(features: 4, labels: 4, using: &generator)
    var optimizer = Adam(learningRate: 0.01)
    for _ in 0..<200 {
      let (_, gradients) = valueAndGradient(of: listener) { listener in
        CTC.loss(listener(sound), targets: transcripts)
      }
      optimizer.update(&listener, with: gradients, scale: gradients.clip(globalNorm: 5))
    }
    let heard = CTC.bestPath(listener(sound))
    let surer = CTC.prefixBeam(listener(sound), width: 10)[0][0]
    print(heard[0], surer.labels, surer.logProbability)
    // end Guides/Tasks.md
    let right = zip(heard, transcripts).filter { $0 == $1 }.count
    #expect(right > 24, "\(right) of \(transcripts.count)")
    #expect(surer.logProbability <= 0)
  }
}
