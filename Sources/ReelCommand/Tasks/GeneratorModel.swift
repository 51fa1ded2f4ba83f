import Reel

/// What a text generator is unless options say otherwise.
enum GeneratorDefaults: EncoderDefaults {
  static var encoder: EncoderConfiguration { TextGeneratorConfiguration().decoder }
}

extension TextGenerator: SequenceTaskModel {
  static var itemName: String { "texts" }

  var encoder: EncoderConfiguration { configuration.decoder }

  var facts: [String] {
    [
      configuration.decoder.fact, TextFormat.counted(configuration.labels.count, "label"),
      "vocabulary \(TextFormat.grouped(tokenizer.vocabularySize))",
    ]
  }

  static func report(of evaluation: TextGeneratorEvaluation) -> EvaluationReport {
    var perLabel: [String: JSONField] = [:]
    var table = TextTable([
      ("label", .left), ("loss", .right), ("perplexity", .right), ("texts", .right),
    ])
    for label in evaluation.labels {
      perLabel[label.label] = .object([
        "loss": .number(label.loss), "perplexity": .number(label.perplexity),
        "texts": .integer(label.texts), "tokens": .integer(label.tokens),
      ])
      table.add([
        PieceWriter.escaped(label.label), TextFormat.fixed(label.loss, 4),
        TextFormat.fixed(label.perplexity, 2), TextFormat.grouped(label.texts),
      ])
    }
    return EvaluationReport(
      fields: [
        "loss": .number(evaluation.loss), "perplexity": .number(evaluation.perplexity),
        "examples": .integer(evaluation.texts), "tokens": .integer(evaluation.tokens),
        "per_type": .object(perLabel),
      ],
      summary: "loss \(TextFormat.fixed(evaluation.loss, 4)) nats, perplexity "
        + TextFormat.fixed(evaluation.perplexity, 2),
      details: evaluation.labels.isEmpty ? "" : table.text)
  }
}
