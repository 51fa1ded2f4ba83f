import Reel

/// What a tagger is unless options say otherwise.
enum TaggerDefaults: EncoderDefaults {
  static var encoder: EncoderConfiguration { SequenceTaggerConfiguration().encoder }
}

extension SequenceTagger: SequenceTaskModel {
  static var itemName: String { "sentences" }

  var encoder: EncoderConfiguration { configuration.encoder }

  var facts: [String] {
    let c = configuration
    var facts = [c.encoder.fact]
    if c.characterHiddenSize > 0 {
      facts.append("characters \(c.characterEncoder.rawValue) \(c.characterHiddenSize)")
    }
    facts.append(c.usesCRF ? "CRF" : "no CRF")
    facts.append(TextFormat.counted(c.tags.count, "tag"))
    facts.append("\(TextFormat.grouped(words.count)) words")
    return facts
  }

  static func report(of evaluation: SequenceTaggerEvaluation) -> EvaluationReport {
    var report = EvaluationReport(
      fields: [
        "loss": .number(evaluation.loss), "accuracy": .number(evaluation.accuracy),
        "examples": .integer(evaluation.sentences), "tokens": .integer(evaluation.tokens),
      ],
      summary: "accuracy \(EvaluationReport.percent(evaluation.accuracy)), loss "
        + "\(TextFormat.fixed(evaluation.loss, 4)) nats")
    if let total = evaluation.spans {
      report.add(total, of: evaluation.perType.map { ($0.label, $0.counts) })
    }
    return report
  }
}

extension EvaluationReport {
  /// What the scorer of spans found, of tags from any source.
  init(_ scores: SpanScores) {
    fields = [
      "accuracy": .number(scores.accuracy), "tokens": .integer(scores.tokens),
    ]
    summary = "accuracy \(Self.percent(scores.accuracy))"
    add(scores.total, of: scores.types)
  }

  mutating func add(_ total: SpanCounts, of types: [(type: String, counts: SpanCounts)]) {
    var perType: [String: JSONField] = [:]
    for (type, counts) in types { perType[type] = .object(Self.fields(of: counts)) }
    fields["per_type"] = .object(perType)
    fields["span_f1"] = .number(total.f1)
    fields["precision"] = .number(total.precision)
    fields["recall"] = .number(total.recall)
    fields["spans"] = .object([
      "gold": .integer(total.gold), "predicted": .integer(total.predicted),
      "correct": .integer(total.correct),
    ])
    summary =
      "span F1 \(Self.percent(total.f1)), precision \(Self.percent(total.precision)), recall "
      + "\(Self.percent(total.recall)), " + summary
    details = Self.table(of: total, types)
  }

  private static func fields(of counts: SpanCounts) -> [String: JSONField] {
    [
      "precision": .number(counts.precision), "recall": .number(counts.recall),
      "f1": .number(counts.f1), "gold": .integer(counts.gold),
      "predicted": .integer(counts.predicted), "correct": .integer(counts.correct),
    ]
  }

  private static func table(
    of total: SpanCounts, _ types: [(type: String, counts: SpanCounts)]
  ) -> String {
    var table = TextTable([
      ("type", .left), ("precision", .right), ("recall", .right), ("F1", .right),
      ("gold", .right), ("predicted", .right), ("correct", .right),
    ])
    func add(_ name: String, _ counts: SpanCounts) {
      table.add([
        name, percent(counts.precision), percent(counts.recall), percent(counts.f1),
        TextFormat.grouped(counts.gold), TextFormat.grouped(counts.predicted),
        TextFormat.grouped(counts.correct),
      ])
    }
    for (type, counts) in types {
      add(type.isEmpty ? "(no type)" : PieceWriter.escaped(type), counts)
    }
    table.addRule()
    add("all", total)
    return table.text
  }
}
