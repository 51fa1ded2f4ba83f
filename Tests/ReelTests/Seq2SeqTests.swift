import Foundation
import Reel
import ReelTestSupport
import Testing

/// The whole task: pairs in, answers out.
struct Seq2SeqTests {
  /// Words of four letters and their reverse.
  private static func reversals(_ count: Int, seed: UInt64) -> [TextPair] {
    var random = TestRandom(seed)
    let letters = Array("abcdef")
    return (0..<count).map { _ in
      let word = (0..<Int.random(in: 1...5, using: &random)).map { _ in
        letters[Int.random(in: 0..<6, using: &random)]
      }
      return TextPair(source: String(word), target: String(word.reversed()))
    }
  }

  private static func configuration(
    _ attention: AttentionKind = .general, cell: EncoderKind = .gru, copies: Bool = false
  ) -> Seq2SeqConfiguration {
    Seq2SeqConfiguration(
      encoder: EncoderConfiguration(cell: cell, hiddenSize: 24), sourceEmbeddingSize: 16,
      targetEmbeddingSize: 16, decoderHiddenSize: 48, attention: attention,
      sharesVocabulary: copies, copies: copies)
  }

  private static func settings(epochs: Int) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.batch = 16
    settings.epochs = epochs
    settings.optimizer = OptimizerConfiguration(.adam, learningRate: 0.01)
    return settings
  }

  private static func trained(
    _ configuration: Seq2SeqConfiguration, epochs: Int
  ) throws -> Seq2Seq {
    let pairs = reversals(1200, seed: 1)
    let model = try Seq2Seq(
      pairs: pairs, configuration: configuration, source: .characters, target: .characters)
    var trainer = try Trainer(
      model, training: pairs.map(model.example), settings: settings(epochs: epochs))
    try trainer.train()
    return trainer.best
  }

  @Test(arguments: AttentionKind.allCases)
  func learnsToReverse(_ attention: AttentionKind) throws {
    let model = try Self.trained(Self.configuration(attention), epochs: 6)
    let evaluation = model.evaluate(try Self.reversals(200, seed: 2).map(model.example))
    #expect(evaluation.wordErrorRate < 0.1, "\(evaluation)")
    // A word that is wrong has right tokens; on some processors no word is wrong.
    #expect(
      evaluation.tokenErrorRate < evaluation.wordErrorRate || evaluation.wordErrorRate == 0)
    let answer = try model.translate("abcd", givesAttention: true)[0]
    #expect(answer.text == "dcba")
    #expect(answer.attention?.count == 5 && answer.attention?[0].count == 4)
  }

  @Test func learnsToCopyWithAPointer() throws {
    let model = try Self.trained(Self.configuration(copies: true), epochs: 6)
    let evaluation = model.evaluate(try Self.reversals(200, seed: 2).map(model.example))
    #expect(evaluation.wordErrorRate < 0.1, "\(evaluation)")
  }

  @Test func learnsWithItsOwnChoices() throws {
    var configuration = Self.configuration()
    configuration.teacherForcing = TeacherForcing(initial: 1, final: 0.5)
    let model = try Self.trained(configuration, epochs: 6)
    let evaluation = model.evaluate(try Self.reversals(200, seed: 2).map(model.example))
    #expect(evaluation.wordErrorRate < 0.2, "\(evaluation)")
  }

  @Test func answersStayAfterSavingAndWithAnyNumberOfThreads() throws {
    let model = try Self.trained(Self.configuration(cell: .lstm), epochs: 1)
    let (read, kind) = try withTemporaryFolder { folder in
      try model.save(to: folder)
      return (try Seq2Seq(folder: folder), try ModelFolder.kind(of: folder))
    }
    let texts = Self.reversals(50, seed: 3).map(\.source)
    let options = TranslationOptions(beam: 4, nBest: 3)
    let answers = try model.translate(texts, options)
    #expect(try read.translate(texts, options) == answers)
    #expect(try Threads.with(1) { try model.translate(texts, options) } == answers)
    #expect(answers.allSatisfy { $0.count == 3 && $0[0].score >= $0[1].score })
    #expect(kind == .seq2seq)
    #expect(visitingProblems(of: model.network) == [])
  }

  @Test func trainingIsTheSameWithAnyNumberOfThreads() throws {
    let pairs = Self.reversals(64, seed: 1)
    var configuration = Self.configuration()
    configuration.dropout = 0.2
    configuration.teacherForcing = TeacherForcing(initial: 0.5, final: 0.5)
    let model = try Seq2Seq(
      pairs: pairs, configuration: configuration, source: .characters, target: .characters)
    func weights(_ threads: Int) throws -> [[Float]] {
      try Threads.with(threads) {
        var trainer = try Trainer(
          model, training: pairs.map(model.example), settings: Self.settings(epochs: 1))
        try trainer.train()
        return trainer.best.network.parameters.map(\.tensor.values)
      }
    }
    #expect(try weights(1) == weights(2))
  }

  @Test func theNearestOfSeveralRightAnswersCounts() throws {
    let pairs = [
      TextPair(source: "ab", target: "x y"), TextPair(source: "ab", target: "x"),
      TextPair(source: "b", target: "y"),
    ]
    let model = try Seq2Seq(
      pairs: pairs, configuration: Self.configuration(), source: .characters, target: .whitespace)
    var trainer = try Trainer(
      model, training: try Array(repeating: pairs[1...], count: 40).joined().map(model.example),
      settings: Self.settings(epochs: 10))
    try trainer.train()
    let evaluation = trainer.best.evaluate(try pairs.map(model.example))
    #expect(evaluation.sources == 2)
    #expect(evaluation.wordErrorRate == 0 && evaluation.tokenErrorRate == 0)
    #expect(try trainer.best.translate("b")[0].text == "y")
  }

  @Test func badInputIsOneLine() throws {
    func line(_ body: () throws -> Void) -> String {
      do {
        try body()
        return "nothing thrown"
      } catch { return "\(error)" }
    }
    let pairs = Self.reversals(20, seed: 1)
    let model = try Seq2Seq(
      pairs: pairs, configuration: Self.configuration(), source: .characters, target: .characters)
    #expect(
      line { _ = try model.translate("") } == "the source is empty, expected text")
    #expect(
      line { _ = try model.translate(String(repeating: "a", count: 100_000)) }
        == "a source of 100000 tokens, expected at most 1000")
    #expect(
      line { _ = try model.translate(["ab", "???"]) }
        == "text 2: none of the 3 tokens of the source is in the vocabulary, expected some that "
        + "training saw")
    #expect(
      line { _ = try model.example(TextPair(source: "a", target: "", line: 7)) }
        == "line 7: the target is empty, expected text")
    #expect(
      line { _ = try model.translate("a", beam: 2, nBest: 3) }
        == "n-best 3: a number from 1 to 2 is expected")
    #expect(
      line {
        _ = try Seq2Seq(pairs: [], source: .characters, target: .characters)
      } == "the training set is empty: at least 1 pair is expected")
    var configuration = Self.configuration()
    configuration.copies = true
    #expect(
      line {
        _ = try Seq2Seq(
          pairs: pairs, configuration: configuration, source: .characters, target: .characters)
      }
        == "copies without a shared vocabulary: source and target with one tokenizer are expected")
    configuration.copies = false
    configuration.attention = .dot
    configuration.decoderHiddenSize = 20
    #expect(line { try configuration.validate() }.hasPrefix("dot attention of 20 decoder units"))
    #expect(line { _ = try Seq2Seq(folder: "/nonexistent") }.contains("no model folder"))
  }

  @Test func unknownTokensNeverComeOut() throws {
    let pairs = Self.reversals(20, seed: 1)
    let model = try Seq2Seq(
      pairs: pairs, configuration: Self.configuration(), source: .characters, target: .characters)
    for answer in try model.translate("abcdef", beam: 20, nBest: 20) {
      #expect(!answer.tokens.contains(model.target.unknownID ?? -1))
    }
  }

  @Test func teacherForcingFollowsItsSchedule() {
    let linear = TeacherForcing(initial: 1, final: 0.2, delay: 0.5)
    #expect(linear.probability(share: 0.25) == 1)
    #expect(abs(linear.probability(share: 0.75) - 0.6) < 1e-12)
    #expect(abs(linear.probability(share: 1) - 0.2) < 1e-12)
    let exponential = TeacherForcing(initial: 1, final: 0.25, decay: .exponential)
    #expect(abs(exponential.probability(share: 0.5) - 0.5) < 1e-12)
    let cosine = TeacherForcing(initial: 1, final: 0, decay: .cosine)
    #expect(abs(cosine.probability(share: 0.5) - 0.5) < 1e-12)
  }

  @Test func amongEquallyRightModelsTheLowerLossIsBetter() {
    func score(_ words: Double, _ tokens: Double, _ loss: Double) -> Double {
      Seq2SeqEvaluation(loss: loss, wordErrorRate: words, tokenErrorRate: tokens, sources: 9).score
    }
    #expect(score(0, 0, 0.001) > score(0, 0, 0.002))
    #expect(score(0.1, 0.01, 9) > score(0.1, 0.02, 1))
    #expect(score(0.1, 0.9, 9) > score(0.2, 0.1, 0.1))
  }

  @Test func editDistanceIsLevenshteins() {
    #expect(EditDistance.between(Array("kitten"), Array("sitting")) == 3)
    #expect(EditDistance.between([Int](), [1, 2]) == 2)
    #expect(EditDistance.between([1, 2], []) == 2)
    #expect(EditDistance.between([1, 2, 3], [1, 2, 3]) == 0)
  }

  @Test func attentionIsAPicture() throws {
    let picture = AttentionPicture(
      source: ["a", "<&"], target: ["X", "end"], weights: [[1, 0], [0.25, 0.75]])
    #expect(picture.description == "    a  <&\nX   ██\nend ░░ ▓▓")
    #expect(picture.svg.contains("&lt;&amp;</text>") && picture.svg.contains("75 %"))
    let pairs = Self.reversals(20, seed: 1)
    let model = try Seq2Seq(
      pairs: pairs, configuration: Self.configuration(), source: .characters, target: .characters)
    let answer = try model.translate("abc", givesAttention: true)[0]
    let drawn = try #require(model.attentionPicture(of: answer, to: "abc"))
    #expect(drawn.source == ["a", "b", "c"] && drawn.target.count == answer.tokens.count + 1)
    #expect(try model.translate("abc")[0].attention == nil)
  }
}
