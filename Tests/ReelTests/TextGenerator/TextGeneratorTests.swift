import Foundation
import Reel
import Testing

@Suite struct TextGeneratorTests {
  private func model(
    _ configuration: TextGeneratorConfiguration = smallGenerator(), seed: UInt64 = 1
  ) throws -> TextGenerator {
    try TextGenerator(
      texts: Grammar.texts(20, seed: 1), configuration: configuration, seed: seed)
  }

  @Test func theSameSeedGivesTheSameTexts() throws {
    let model = try model()
    let one = try Threads.with(1) { try model.generate(label: "even", count: 9, seed: 5) }
    for threads in [2, 4] {
      let many = try Threads.with(threads) { try model.generate(label: "even", count: 9, seed: 5) }
      #expect(many == one)
    }
    // More texts begin with the same ones.
    #expect(try model.generate(label: "even", count: 4, seed: 5) == Array(one.prefix(4)))
    #expect(try model.generate(label: "even", count: 9, seed: 6) != one)
    #expect(try model.generate(label: "steps", count: 9, seed: 5) != one)
    #expect(Set(one).count > 1)
    #expect(try model.generate(label: "even", count: 0).isEmpty)
    #expect(try model.generate(label: "even", count: 2, maximumLength: 0) == ["", ""])
    let short = try model.generate(label: "even", count: 50, maximumLength: 3)
    #expect(short.allSatisfy { $0.count <= 3 } && short.contains { $0.count == 3 })
  }

  @Test func trainingIsTheSameWithAnyNumberOfThreads() throws {
    let texts = Grammar.texts(60, seed: 1)
    func run() throws -> [[UInt32]] {
      try trained(smallGenerator(layers: 2), texts: texts, epochs: 2).network.parameters
        .map { $0.tensor.values.map(\.bitPattern) }
    }
    let one = try Threads.with(1) { try run() }
    let three = try Threads.with(3) { try run() }
    #expect(one == three)
  }

  @Test(arguments: EncoderKind.allCases, TextConditioning.allCases)
  func comesBackFromItsFolder(_ cell: EncoderKind, _ conditioning: TextConditioning) throws {
    let configuration = smallGenerator(conditioning, cell: cell, layers: 2)
    guard cell != .tcn || [.none, .everyStep].contains(conditioning) else {
      let text = errorText { try configuration.validate() }
      #expect(
        text == "conditioning \(conditioning.rawValue) for the cell 'tcn', which has no initial "
          + "state to set; every-step or none is expected")
      return
    }
    let model = try model(configuration)
    try withTemporaryFolder { folder in
      try model.save(to: folder + "/deep/model")
      let read = try TextGenerator(folder: folder + "/deep/model")
      #expect(read.configuration == model.configuration)
      #expect(
        try read.generate(label: "steps", count: 3, seed: 2)
          == model.generate(label: "steps", count: 3, seed: 2))
      let example = try model.example(LabelledText(text: "aab", label: "even"))
      #expect(read.evaluate([example]) == model.evaluate([example]))
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder + "/deep/model").sorted()
          == ["config.json", "model.safetensors", "tokenizer.json"])
    }
  }

  @Test(arguments: [TokenizerKind.bytes, .characters, .words, .byteBytePair])
  func anyTokenizer(_ tokens: TokenizerKind) throws {
    let texts = (0..<30).map { index in
      LabelledText(text: "the bell number \(index) rings é", label: "bells")
    }
    let model = try trained(smallGenerator(tokens: tokens), texts: texts, epochs: 1)
    try withTemporaryFolder { folder in
      try model.save(to: folder)
      let read = try TextGenerator(folder: folder)
      #expect(
        try read.generate(label: "bells", count: 2, seed: 1, maximumLength: 40)
          == model.generate(label: "bells", count: 2, seed: 1, maximumLength: 40))
    }
    // One label only: it is certain.
    #expect(try model.labelProbabilities(of: "the bell").map(\.probability) == [1])
  }

  /// Generation goes step by step, evaluation reads whole texts: a text comes as often as its
  /// likelihood says.
  @Test(arguments: TextConditioning.allCases)
  func stepsAgreeWithWholeTexts(_ conditioning: TextConditioning) throws {
    let model = try trained(
      smallGenerator(conditioning, cell: .gru, layers: 2), texts: Grammar.texts(200, seed: 1),
      epochs: 3)
    for label in ["even", "steps"] {
      let text = try model.generate(label: label, sampling: .greedy, maximumLength: 20)[0]
      let whole = model.logLikelihoods([
        try model.example(LabelledText(text: text, label: label))
      ])[0]
      let samples = try model.generate(label: label, count: 2_000, seed: 1, maximumLength: 30)
      let share = Double(samples.count { $0 == text }) / 2_000
      #expect(abs(share - exp(whole)) < 0.05, "\(share) and \(exp(whole))")
    }
  }

  // MARK: Bad input

  @Test func badInputGivesOneClearLine() throws {
    let model = try model()
    #expect(
      errorText { _ = try model.generate(label: "odd") }
        == "unknown label \"odd\", expected one of \"even\", \"steps\"")
    #expect(
      errorText { _ = try model.generate() } == "no label, expected one of \"even\", \"steps\"")
    #expect(
      errorText { _ = try model.example(LabelledText(text: "a", label: "o\n\"d", line: 7)) }
        == "line 7: unknown label \"o\\n\\\"d\", expected one of \"even\", \"steps\"")
    #expect(
      errorText { _ = try TextGenerator(texts: [LabelledText]()) }
        == "the training set is empty: at least 1 text is expected")
    #expect(
      errorText {
        _ = try TextGenerator(texts: [
          ConditionedText(text: "a", label: "x", line: 1), ConditionedText(text: "b", line: 2),
        ])
      } == "line 2: no label, expected one of \"x\"")
    #expect(
      errorText {
        _ = try TextGenerator(texts: [
          ConditionedText(text: "a", vector: [1], line: 1), ConditionedText(text: "b", line: 2),
        ])
      } == "line 2: a vector of 0 numbers, 1 finite numbers are expected")
    #expect(
      errorText { _ = try model.generate(label: "even", sampling: Sampling(temperature: -1)) }
        != nil)
    #expect(errorText { _ = try model.generate(label: "even", count: -1) } != nil)
    #expect(errorText { _ = try model.generate(label: "even", maximumLength: -1) } != nil)
    var configuration = smallGenerator()
    configuration.decoder.directions = .bidirectional
    #expect(
      errorText { _ = try self.model(configuration) }
        == "directions bidirectional: a generator writes forward")
    configuration = smallGenerator()
    configuration.embeddingSize = 0
    #expect(errorText { _ = try self.model(configuration) } != nil)
  }

  @Test func damagedModelsAreRefused() throws {
    var model = try model()
    model.network.updateParameters { path, parameter in
      if path == "head.bias" { parameter = Tensor(repeating: .nan, shape: parameter.shape) }
    }
    #expect(
      errorText { _ = try model.generate(label: "even") }
        == "the model's scores are not numbers: its weights are damaged")
    try withTemporaryFolder { folder in
      let message = errorText { _ = try TextGenerator(folder: folder + "/nothing") }
      #expect(message == "there is no model folder '\(folder)/nothing'")
      try self.model().save(to: folder)
      let path = folder + "/config.json"
      let text = String(decoding: try contents(path), as: UTF8.self)
      for (old, new) in [
        ("\"even\"", "\"steps\""), ("reel-text-generator", "reel-language-model"),
        ("\"hiddenSize\" : 24", "\"hiddenSize\" : 25"),
        ("\"tokens\" : \"characters\"", "\"tokens\" : \"bytes\""),
      ] {
        #expect(text.contains(old))
        try Data(text.replacingOccurrences(of: old, with: new).utf8)
          .write(to: URL(fileURLWithPath: path))
        let message = errorText { _ = try TextGenerator(folder: folder) }
        #expect(message?.contains("\n") == false, "\(old)")
      }
    }
  }

  @Test func emptyTextsAreTexts() throws {
    let texts = [LabelledText(text: "", label: "silence"), LabelledText(text: "a", label: "sound")]
    let model = try trained(smallGenerator(), texts: texts, epochs: 60)
    #expect(try model.generate(label: "silence", count: 3, sampling: .greedy) == ["", "", ""])
    #expect(try model.generate(label: "sound", sampling: .greedy) == ["a"])
  }
}
