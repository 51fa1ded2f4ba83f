import ReelText

/// How well a tagger tags.
public struct SequenceTaggerEvaluation: TaskEvaluation {
  /// Mean loss of a sentence with a conditional random field, else of a token, in nats.
  public var loss: Double
  public var sentences: Int
  public var tokens: Int
  public var correctTokens: Int
  /// The spans, counted as the CoNLL scorer does; nil for tags that mark no spans.
  public var spans: SpanCounts?
  /// The same for each label, in the order of their bytes.
  public var perType: [LabelCounts]

  /// The spans of one label.
  public struct LabelCounts: Codable, Sendable, Equatable {
    public var label: String
    public var counts: SpanCounts
  }

  /// The share of tokens whose tag is right.
  public var accuracy: Double {
    tokens == 0 ? 0 : Double(correctTokens) / Double(tokens)
  }

  /// F1 of spans, 0…1; the token accuracy for tags that mark no spans.
  public var score: Double { spans?.f1 ?? accuracy }

  public var figures: [(name: String, value: Double)] {
    let rest = [(name: "accuracy", value: accuracy), (name: "loss", value: loss)]
    return (spans.map { [(name: "span F1", value: $0.f1)] } ?? []) + rest
  }
}
