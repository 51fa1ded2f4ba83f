import Reel

/// What a classifier is unless options say otherwise.
enum ClassifierDefaults: EncoderDefaults {
  static var encoder: EncoderConfiguration { TextClassifierConfiguration().encoder }
}

extension TextClassifier: SequenceTaskModel {
  static var itemName: String { "texts" }

  var encoder: EncoderConfiguration { configuration.encoder }

  var facts: [String] {
    [
      configuration.encoder.fact, "\(configuration.pooling.rawValue) pooling",
      TextFormat.counted(labels.count, "label"),
      "vocabulary \(TextFormat.grouped(tokenizer.vocabularySize))",
    ]
  }

  static func report(of evaluation: ClassificationEvaluation) -> EvaluationReport {
    EvaluationReport(evaluation)
  }
}

extension EvaluationReport {
  /// - Parameter items: what is classified.
  init(_ evaluation: ClassificationEvaluation, items: String = "texts") {
    let labels = evaluation.perLabel
    var perLabel: [String: JSONField] = [:]
    var table = TextTable([
      ("label", .left), ("precision", .right), ("recall", .right), ("F1", .right),
      (items, .right),
    ])
    for label in labels {
      perLabel[label.label] = .object([
        "precision": .number(label.precision), "recall": .number(label.recall),
        "f1": .number(label.f1), "count": .integer(label.count),
      ])
      table.add([
        PieceWriter.escaped(label.label), Self.percent(label.precision),
        Self.percent(label.recall), Self.percent(label.f1), TextFormat.grouped(label.count),
      ])
    }
    // As the macro F1 does, labels without examples are left out of the means.
    let present = labels.filter { $0.count > 0 }
    func mean(_ value: (ClassificationEvaluation.Label) -> Double) -> Double {
      present.isEmpty ? 0 : present.reduce(0) { $0 + value($1) } / Double(present.count)
    }
    let confusion = evaluation.confusion
    fields = [
      "loss": .number(evaluation.loss), "accuracy": .number(evaluation.accuracy),
      "balanced_error_rate": .number(evaluation.balancedErrorRate),
      "macro_f1": .number(evaluation.macroF1), "precision": .number(mean(\.precision)),
      "recall": .number(mean(\.recall)), "per_type": .object(perLabel),
      "examples": .integer(evaluation.count),
      "confusion": .object([
        "labels": .list(confusion.labels.map { .text($0) }),
        "counts": .list(confusion.counts.map { .list($0.map { .integer($0) }) }),
      ]),
    ]
    summary =
      "accuracy \(Self.percent(evaluation.accuracy)), balanced error rate "
      + "\(Self.percent(evaluation.balancedErrorRate)), macro F1 "
      + "\(Self.percent(evaluation.macroF1)), loss \(TextFormat.fixed(evaluation.loss, 4)) nats"
    details = table.text
    if labels.count <= 12 {
      var table = TextTable(
        [("label \\ answer", .left)] + labels.map { (PieceWriter.escaped($0.label), .right) })
      for (label, row) in zip(labels, confusion.counts) {
        table.add([PieceWriter.escaped(label.label)] + row.map { TextFormat.grouped($0) })
      }
      details += "\n" + table.text
    }
  }
}
