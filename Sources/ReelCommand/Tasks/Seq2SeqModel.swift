import Reel

/// What a seq2seq model is unless options say otherwise.
enum Seq2SeqDefaults: EncoderDefaults {
  static var encoder: EncoderConfiguration { Seq2SeqConfiguration().encoder }
}

extension Seq2Seq: SequenceTaskModel {
  static var itemName: String { "pairs" }

  var encoder: EncoderConfiguration { configuration.encoder }

  var facts: [String] {
    let c = configuration
    return [
      "\(c.encoder.fact) to \(c.decoderLayers)×\(c.decoderHiddenSize)",
      "\(c.attention.rawValue) attention",
      "\(TextFormat.grouped(source.vocabularySize)) source and "
        + "\(TextFormat.grouped(target.vocabularySize)) target tokens",
    ]
  }

  static func report(of evaluation: Seq2SeqEvaluation) -> EvaluationReport {
    EvaluationReport(
      fields: [
        "loss": .number(evaluation.loss), "word_error_rate": .number(evaluation.wordErrorRate),
        "token_error_rate": .number(evaluation.tokenErrorRate),
        "accuracy": .number(1 - evaluation.wordErrorRate),
        "examples": .integer(evaluation.sources),
      ],
      summary: "wrong answers \(EvaluationReport.percent(evaluation.wordErrorRate)), wrong tokens "
        + "\(EvaluationReport.percent(evaluation.tokenErrorRate)), loss "
        + "\(TextFormat.fixed(evaluation.loss, 4)) nats")
  }
}
