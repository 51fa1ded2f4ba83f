import ReelSequence

/// Every hyper-parameter of a text classifier or a text regressor: what `config.json` holds.
public struct TextClassifierConfiguration: Codable, Sendable, Equatable {
  /// Size of the learned vector of each word.
  public var embeddingSize = 128
  public var encoder = EncoderConfiguration()
  /// How the encoder's output over the words becomes one vector.
  public var pooling = Pooling.max
  /// Units of the scores of attention pooling.
  public var attentionSize = 64
  /// Dropout of the pooled vector.
  public var dropout: Float = 0.5
  /// Dropout of the word vectors.
  public var embeddingDropout: Float = 0
  /// The probability with which a word becomes the unknown word in training (Iyyer et al. 2015): no
  /// single word may decide, and the unknown word gets a vector that was learned.
  public var wordDropout: Float = 0
  /// Whether words are taken in lower case. Used for the tokenizer that is made from the training
  /// texts, as are the next two.
  public var lowercases = true
  /// Words that come less often in the training texts become the unknown word.
  public var minimumCount = 1
  /// The most words; the most frequent ones stay.
  public var maximumVocabulary = 100_000
  /// Words of a text that are read; what follows is left out, in training and prediction.
  public var maximumLength = 10_000
  /// Whether every label counts the same in the training loss, however many examples it has: an
  /// example weighs n / (labels · examples of its label).
  public var balancesLabels = false
  /// The labels in the order of the outputs; filled from the training texts where it is empty. Not
  /// used by a regressor.
  public var labels: [String] = []
  /// The weight of each label in the training loss, filled where `balancesLabels` says so.
  public internal(set) var labelWeights: [Float]?

  public init(
    embeddingSize: Int = 128, encoder: EncoderConfiguration = EncoderConfiguration(),
    pooling: Pooling = .max, attentionSize: Int = 64, dropout: Float = 0.5,
    embeddingDropout: Float = 0, wordDropout: Float = 0, lowercases: Bool = true,
    minimumCount: Int = 1, maximumVocabulary: Int = 100_000, maximumLength: Int = 10_000,
    balancesLabels: Bool = false, labels: [String] = []
  ) {
    self.embeddingSize = embeddingSize
    self.encoder = encoder
    self.pooling = pooling
    self.attentionSize = attentionSize
    self.dropout = dropout
    self.embeddingDropout = embeddingDropout
    self.wordDropout = wordDropout
    self.lowercases = lowercases
    self.minimumCount = minimumCount
    self.maximumVocabulary = maximumVocabulary
    self.maximumLength = maximumLength
    self.balancesLabels = balancesLabels
    self.labels = labels
  }

  /// - Throws: `ConfigurationError` that quotes the first setting out of range.
  public func validate() throws {
    try ConfigurationError.check("embedding size", embeddingSize, in: 1...65_536)
    try encoder.validate()
    try ConfigurationError.check("attention size", attentionSize, in: 1...65_536)
    try ConfigurationError.checkDropout("dropout", dropout)
    try ConfigurationError.checkDropout("embedding dropout", embeddingDropout)
    try ConfigurationError.checkDropout("word dropout", wordDropout)
    try ConfigurationError.check("minimum count", minimumCount, in: 1...Int.max)
    try ConfigurationError.check("maximum vocabulary", maximumVocabulary, in: 2...Int.max)
    try ConfigurationError.check("maximum length", maximumLength, in: 1...Int.max)
  }
}
