import ReelText

/// How well a tagger tags.
public struct SequenceTaggerEvaluation: TaskEvaluation {
  /// Mean loss of a sentence with a conditional random field, else of a token, in nats.
  public var loss: Double
  public var sentences: Int
  public var tokens: Int
  public var correctTokens: Int
  /// Precision, recall and F1 of spans as the CoNLL scorer counts them; nil for tags that mark no
  /// spans.
  public var spans: Scores?
  /// The same for each label, in the order of the labels.
  public var perType: [String: Scores] = [:]

  /// How well spans were found.
  public struct Scores: Codable, Sendable, Equatable {
    public var precision: Double
    public var recall: Double
    public var f1: Double
    public var gold: Int
    public var predicted: Int
    public var correct: Int
  }

  /// The share of tokens whose tag is right.
  public var accuracy: Double {
    tokens == 0 ? 0 : Double(correctTokens) / Double(tokens)
  }

  init(
    loss: Double, sentences: Int, tokens: Int, correctTokens: Int, spans: SpanScores?
  ) {
    self.loss = loss
    self.sentences = sentences
    self.tokens = tokens
    self.correctTokens = correctTokens
  }

  /// F1 of spans, 0 to 1; the token accuracy for tags that mark no spans.
  public var score: Double { spans?.f1 ?? accuracy }

  public var figures: [(name: String, value: Double)] {
    var figures = [("loss", loss), ("accuracy", accuracy)]
    if let spans {
      figures = [("loss", loss), ("span F1", spans.f1), ("accuracy", accuracy)]
    }
    return figures.map { (name: $0.0, value: $0.1) }
  }
}
