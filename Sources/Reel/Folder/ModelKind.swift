/// What a model folder holds: the `format` of its `config.json`.
public enum ModelKind: String, Codable, Sendable, CaseIterable {
  case languageModel = "reel-language-model"
  case textClassifier = "reel-text-classifier"
  case textRegressor = "reel-text-regressor"
  case sequenceClassifier = "reel-sequence-classifier"
  case sequenceRegressor = "reel-sequence-regressor"
  case sequenceTagger = "reel-sequence-tagger"
  case seq2seq = "reel-seq2seq"
  case textGenerator = "reel-text-generator"
  case imageClassifier = "reel-image-classifier"
  case imageSegmenter = "reel-image-segmenter"
  case imageLocalizer = "reel-image-localizer"

  /// Its name in a sentence, with the article.
  public var title: String {
    switch self {
    case .languageModel: "a language model"
    case .textClassifier: "a text classifier"
    case .textRegressor: "a text regressor"
    case .sequenceClassifier: "a sequence classifier"
    case .sequenceRegressor: "a sequence regressor"
    case .sequenceTagger: "a sequence tagger"
    case .seq2seq: "a seq2seq model"
    case .textGenerator: "a text generator"
    case .imageClassifier: "an image classifier"
    case .imageSegmenter: "an image segmenter"
    case .imageLocalizer: "an image localizer"
    }
  }
}
