/// What a model folder holds: the `format` of its `config.json`.
public enum ModelKind: String, Codable, Sendable, CaseIterable {
  case languageModel = "reel-language-model"
  case textClassifier = "reel-text-classifier"
  case sequenceClassifier = "reel-sequence-classifier"
  case sequenceTagger = "reel-sequence-tagger"
  case seq2seq = "reel-seq2seq"
  case textGenerator = "reel-text-generator"

  /// Its name in a sentence, with the article.
  public var title: String {
    switch self {
    case .languageModel: "a language model"
    case .textClassifier: "a text classifier"
    case .sequenceClassifier: "a sequence classifier"
    case .sequenceTagger: "a sequence tagger"
    case .seq2seq: "a seq2seq model"
    case .textGenerator: "a text generator"
    }
  }
}
