import Foundation
import Reel
import ReelTestSupport
import Testing

/// Series of 3 values whose label is the direction in which the second one turns.
private func series(_ count: Int, seed: UInt64) -> [LabelledSequence] {
  var random = TestRandom(seed)
  return (0..<count).map { number in
    let rises = number % 2 == 0
    let length = Int.random(in: 4...12, using: &random)
    let phase = Float.random(in: 0...6, using: &random)
    let frames = (0..<length).map { time -> [Float] in
      let noise = Float.random(in: -0.1...0.1, using: &random)
      let angle = Float(time) * 0.7 * (rises ? 1 : -1) + phase
      return [100 + 5 * cos(angle), sin(angle) + noise, 3]
    }
    return LabelledSequence(frames: frames, label: rises ? "left" : "right", line: number + 1)
  }
}

private func tiny(_ pooling: Pooling = .finalStates) -> SequenceClassifierConfiguration {
  SequenceClassifierConfiguration(
    encoder: EncoderConfiguration(cell: .lstm, hiddenSize: 4), pooling: pooling, attentionSize: 3,
    dropout: 0)
}

@Suite struct SequenceClassifierTests {
  @Test(arguments: Pooling.allCases)
  func slopes(_ pooling: Pooling) throws {
    let data = series(6, seed: 1) + [LabelledSequence(frames: [], label: "left")]
    let model = try SequenceClassifier(sequences: data, configuration: tiny(pooling))
    #expect(visitingProblems(of: model.network) == [])
    let batch = try data.map(model.example)
    let found = slopeProblems(of: model.network) { network in
      var context = LossContext()
      return model.loss(network, batch, &context)
    }
    #expect(found == [])
  }

  @Test func standardizes() throws {
    let data = series(40, seed: 2)
    let model = try SequenceClassifier(sequences: data, configuration: tiny())
    let values = try data.map { try model.example($0).values }.flatMap { $0 }
    for feature in 0..<3 {
      let column = stride(from: feature, to: values.count, by: 3).map { Double(values[$0]) }
      let mean = column.reduce(0, +) / Double(column.count)
      let square = column.reduce(0) { $0 + $1 * $1 } / Double(column.count)
      #expect(abs(mean) < 1e-5)
      // The third value never changes.
      #expect(abs(square - (feature == 2 ? 0 : 1)) < 1e-4)
    }
  }

  @Test func learns() throws {
    let data = series(120, seed: 3)
    let test = series(60, seed: 4)
    let model = try SequenceClassifier(
      sequences: data,
      configuration: SequenceClassifierConfiguration(
        encoder: EncoderConfiguration(cell: .gru, hiddenSize: 16), dropout: 0.1, inputNoise: 0.05))
    var settings = TrainingSettings()
    settings.epochs = 20
    settings.optimizer = OptimizerConfiguration(.adam, learningRate: 1e-2)
    var trainer = try Trainer(model, training: data.map(model.example), settings: settings)
    try trainer.train()
    let evaluation = trainer.best.evaluate(try test.map(model.example))
    #expect(evaluation.accuracy >= 0.95)
  }

  @Test func neighbours() throws {
    let data = series(9, seed: 5)
    let model = try SequenceClassifier(sequences: data, configuration: tiny(.attention))
    let sequences = data.map(\.frames) + [[]]
    let together = try model.classify(sequences)
    for (sequence, answer) in zip(sequences, together) {
      let alone = try model.classify(sequence)
      for (a, b) in zip(alone.probabilities, answer.probabilities) { #expect(abs(a - b) < 1e-5) }
    }
    #expect(try model.classify([[[Float]]]()).isEmpty)
  }

  @Test func savesAndLoads() throws {
    try withTemporaryFolder { folder in
      let data = series(9, seed: 6)
      let model = try SequenceClassifier(sequences: data, configuration: tiny(.max))
      try model.save(to: folder)
      let loaded = try SequenceClassifier(folder: folder)
      #expect(loaded.configuration == model.configuration)
      #expect(try loaded.classify(data.map(\.frames)) == model.classify(data.map(\.frames)))
      #expect(
        errorText { _ = try TextClassifier(folder: folder) }
          == "'\(folder)' holds a sequence classifier, a text classifier is expected")
    }
  }

  @Test func badInput() throws {
    let data = series(4, seed: 7)
    let model = try SequenceClassifier(sequences: data, configuration: tiny())
    #expect(
      errorText { _ = try model.classify([[1, 2, 3], [1, 2]]) }
        == "frame 2 has 2 values, 3 are expected")
    #expect(
      errorText {
        _ = try model.example(
          LabelledSequence(frames: [[1, .nan, 3]], label: "left", line: 9))
      } == "line 9: value 2 of frame 1 is nan, a finite number is expected")
    #expect(
      errorText {
        _ = try model.example(LabelledSequence(frames: [[1, 2, 3]], label: "up", line: 9))
      } == "line 9: unknown label \"up\", expected one of \"left\", \"right\"")
    #expect(
      errorText { _ = try SequenceClassifier(sequences: []) }
        == "the training set is empty: at least 1 labelled sequence is expected")
    #expect(
      errorText { _ = try SequenceClassifier(sequences: [data[0]]) }
        == "the only label is \"left\": at least 2 different ones are expected")
    let empty = ["left", "right"].map { LabelledSequence(frames: [], label: $0) }
    #expect(
      errorText { _ = try SequenceClassifier(sequences: empty) }
        == "no sequence of the training set has a frame with values")
    let uneven = [data[0], LabelledSequence(frames: [[1]], label: "right", line: 2)]
    #expect(
      errorText { _ = try SequenceClassifier(sequences: uneven) }
        == "line 2: frame 1 has 1 values, 3 are expected")
  }

  @Test func readsFrames() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/frames.tsv"
      func read(_ lines: [String]) throws -> [LabelledSequence] {
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
        return try LabelledSequence.read(
          tsv: MappedFile(path), sequence: "who", label: 4, values: ["y", 2],
          format: TSVFormat(hasHeader: true))
      }
      let head = "who\tx\ty\tlabel"
      #expect(
        try read([head, "a\t1\t-2.5\tp", "a\t3\t4e-1\tp", "b\t5\t6\tp", "a\t7\t8\tq"]) == [
          LabelledSequence(frames: [[-2.5, 1], [0.4, 3]], label: "p", line: 2),
          LabelledSequence(frames: [[6, 5]], label: "p", line: 4),
          LabelledSequence(frames: [[8, 7]], label: "q", line: 5),
        ])
      #expect(try read([head]).isEmpty)
      let name = try MappedFile(path).name
      #expect(
        errorText { _ = try read([head, "a\t1\tx\tp"]) }
          == "\(name), line 2: column 3 is \"x\", expected a finite number")
      #expect(
        errorText { _ = try read([head, "a\t1\t2\tp", "a\tnan\t2\tp"]) }
          == "\(name), line 3: column 2 is \"nan\", expected a finite number")
      #expect(
        errorText { _ = try read([head, "a\t1\t2\tp", "a\t1\t2\tq"]) }
          == "\(name), line 3: the label \"q\", expected \"p\" as on line 2 of the same sequence")
    }
  }
}
