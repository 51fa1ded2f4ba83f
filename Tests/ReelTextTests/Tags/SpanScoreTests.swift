import Foundation
import ReelText
import Testing

/// What the CoNLL scorer says; written by `Fixtures/make_conlleval_fixtures.py`.
private struct ScorerFixture: Decodable {
  struct Case: Decodable {
    let gold: [String]
    let predicted: [String]
    let report: String
  }

  let cases: [Case]
  let samples: [String: String]

  static func load() throws -> ScorerFixture {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/conlleval", withExtension: "json"))
    return try JSONDecoder().decode(ScorerFixture.self, from: Data(contentsOf: url))
  }
}

/// Tags as words with spaces between them.
private func tags(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

@Suite struct SpanScoreTests {
  @Test func reportsAreThoseOfTheScorer() throws {
    let cases = try ScorerFixture.load().cases
    #expect(cases.count > 400)
    for (index, test) in cases.enumerated() {
      var scores = SpanScores()
      for (gold, predicted) in zip(test.gold, test.predicted) {
        scores.add(gold: tags(gold), predicted: tags(predicted))
      }
      #expect(scores.report == test.report, "case \(index): \(test.gold), \(test.predicted)")
      // The numbers behind the text.
      let first = test.report.split(separator: "\n")[0].split { !$0.isNumber }.compactMap {
        Int($0)
      }
      #expect(
        first == [scores.tokens, scores.total.gold, scores.total.predicted, scores.total.correct])
    }
  }

  /// The same from a file with both columns, and from two files.
  @Test func filesAreScoredAsTheirTags() throws {
    for test in try ScorerFixture.load().cases.prefix(60) {
      var (both, gold, predicted) = ("", "-DOCSTART- O\n\n", "")
      for (right, came) in zip(test.gold, test.predicted) {
        for (index, (right, came)) in zip(tags(right), tags(came)).enumerated() {
          both += "w\(index) x \(right) \(came)\n"
          gold += "w\(index) \(right)\n"
          predicted += "w\(index)\t\(came)\n"
        }
        both += "\n"
        gold += "\n"
        predicted += "\n\n"
      }
      #expect(try SpanEvaluation.compare(memory(both)).report == test.report)
      let scores = try SpanEvaluation.compare(gold: memory(gold), predicted: memory(predicted))
      #expect(scores.report == test.report)
    }
  }

  @Test(
    .enabled(
      if: FetchedCorporaTests.has("conlleval/ground_truth.txt"), "make_conlleval_fixtures.py"))
  func samplesOfTheScorer() throws {
    for (name, report) in try ScorerFixture.load().samples {
      let path = FetchedCorporaTests.cache.appendingPathComponent("conlleval/\(name)").path
      #expect(try SpanEvaluation.compare(MappedFile(path)).report == report, "\(name)")
    }
  }

  @Test func countsByType() {
    var scores = SpanScores()
    scores.add(gold: tags("B-PER I-PER O B-LOC O"), predicted: tags("B-PER I-PER O B-PER O"))
    scores.add(gold: [], predicted: [])
    #expect(scores.total == SpanCounts(gold: 2, predicted: 2, correct: 1))
    #expect(scores["PER"] == SpanCounts(gold: 1, predicted: 2, correct: 1))
    #expect(scores["LOC"] == SpanCounts(gold: 1))
    #expect(scores["ORG"] == SpanCounts())
    #expect(scores.types.map(\.type) == ["LOC", "PER"])
    #expect(scores.precision == 0.5 && scores.recall == 0.5 && scores.f1 == 0.5)
    #expect(scores["PER"].recall == 1 && scores["LOC"].f1 == 0)
    #expect(scores.accuracy == 0.8 && scores.tokens == 5)
    var twice = scores
    twice.add(scores)
    #expect(twice.total == SpanCounts(gold: 4, predicted: 4, correct: 2) && twice.tokens == 10)
    #expect(twice["PER"].predicted == 4 && twice.accuracy == 0.8)
  }

  @Test func nothingAtAll() {
    let scores = SpanScores()
    #expect(scores.report == "processed 0 tokens with 0 phrases; found: 0 phrases; correct: 0.\n")
    #expect(scores.f1 == 0 && scores.accuracy == 0 && scores.types.isEmpty)
  }

  /// By a scheme: as the scorer counts the same spans in IOB2.
  @Test(arguments: [TagScheme.iobes, .bilou])
  func countsByScheme(scheme: TagScheme) throws {
    var random = TestGenerator(state: 9)
    func spans() -> [ReelText.Span] {
      var spans: [ReelText.Span] = []
      var start = 0
      while start < 14 {
        let end = Int.random(in: start + 1...min(14, start + 3), using: &random)
        if Int.random(in: 0..<3, using: &random) > 0 {
          let label = Bool.random(using: &random) ? "A" : "B"
          spans.append(ReelText.Span(label: label, range: start..<end))
        }
        start = end
      }
      return spans
    }
    for _ in 0..<200 {
      let (gold, predicted) = (spans(), spans())
      var (own, standard) = (SpanScores(), SpanScores())
      own.add(
        gold: try scheme.tags(for: gold, count: 14),
        predicted: try scheme.tags(for: predicted, count: 14), scheme: scheme)
      standard.add(
        gold: try TagScheme.iob2.tags(for: gold, count: 14),
        predicted: try TagScheme.iob2.tags(for: predicted, count: 14), scheme: .iob2)
      #expect(own.total == standard.total && own["A"] == standard["A"] && own["B"] == standard["B"])
      #expect(own.total.correct == gold.filter(predicted.contains).count)
    }
  }
}

@Suite struct SpanEvaluationTests {
  private func file(_ text: String, _ name: String) -> MappedFile {
    MappedFile(bytes: Array(text.utf8), name: name, as: "file")
  }

  private func text(_ gold: String, _ predicted: String) -> String {
    errorText {
      _ = try SpanEvaluation.compare(gold: file(gold, "g"), predicted: file(predicted, "p"))
    }
  }

  @Test func whatDiffersIsNamedWithBothLines() {
    let gold = "\na O\nb O\n\nc B-X\n"
    #expect(text(gold, "a O\nb O\n\nc B-X") == "")
    #expect(
      text(gold, "a O\nB O\n\nc O\n")
        == "file 'p', line 2: found the token \"B\", expected \"b\" as in file 'g', line 3")
    #expect(
      text(gold, "a O\n\nb O\n\nc O\n")
        == "file 'p', line 2: the sentence ends, expected the token \"b\" of file 'g', line 3")
    #expect(
      text(gold, "a O\nb O\nc O\n")
        == "file 'p', line 3: found the token \"c\", expected the end of the sentence as in file "
        + "'g', line 4")
    #expect(
      text(gold, "a O\nb O\n")
        == "file 'p' ends after 1 sentence, expected the token \"c\" of file 'g', line 5")
    #expect(
      text(gold, "a O\nb O\n\nc O\n\n\nd O\n")
        == "file 'p', line 7: found the token \"d\", but file 'g' ends after 2 sentences")
    #expect(text("", "a O\n").hasSuffix("but file 'g' ends after 0 sentences"))
    #expect(text("\u{E9} O\n", "e\u{301} O\n").contains("found the token"))
    #expect(text(gold, "a O\nb O\n\nc\n").contains("file 'p', line 4: 1 column"))
  }

  @Test func oneFileWithBothColumns() throws {
    let both = file("#\n-DOCSTART- -X- O O O\n\na N B-X B-X\nb N I-X O\n\nc N O O\n", "f")
    #expect(
      errorText { _ = try SpanEvaluation.compare(both) }.contains(
        "line 1: 1 column, expected a token, the right tag"))
    let format = ConllFormat(commentPrefix: "#")
    let scores = try SpanEvaluation.compare(both, format: format)
    #expect(scores.total == SpanCounts(gold: 1, predicted: 1) && scores.tokens == 3)
    let same = try SpanEvaluation.compare(both, format: format, goldColumn: 4)
    #expect(same.total == SpanCounts(gold: 1, predicted: 1, correct: 1))
    let tabs = file("New York\tB-X\tB-X\n", "f")
    let separated = ConllFormat(separator: .tab)
    #expect(try SpanEvaluation.compare(tabs, format: separated).total.correct == 1)
    #expect(try SpanEvaluation.compare(file("\n", "f")).tokens == 0)
    #expect(
      errorText { _ = try SpanEvaluation.compare(file("\na O\n", "f")) }
        == "file 'f', line 2: 2 columns, expected a token, the right tag and the predicted one")
  }

  @Test func schemes() throws {
    let both = file("a S-X S-X\nb S-X S-X\n", "f")
    #expect(try SpanEvaluation.compare(both).total.gold == 1)
    #expect(try SpanEvaluation.compare(both, scheme: .iobes).total.gold == 2)
  }
}
