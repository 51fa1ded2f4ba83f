import ReelSequence
import ReelText

/// Every hyper-parameter of a sequence tagger, and what it learned from its data besides weights:
/// what `config.json` holds.
public struct SequenceTaggerConfiguration: Codable, Sendable, Equatable {
  /// Size of the learned vector of each word; pretrained vectors set it to their own.
  public var wordEmbeddingSize = 100
  /// Words that came less often in the training data have no vector of their own.
  public var minimumCount = 1
  /// Whether words are looked up in lower case. Their case is still seen by the characters and the
  /// capitalization.
  public var lowercases = true
  /// Whether every digit of a word counts as 0 when it is looked up.
  public var normalizesDigits = true
  /// What reads the characters of a word.
  public var characterEncoder = CharacterEncoderKind.lstm
  /// Size of the learned vector of each character.
  public var characterEmbeddingSize = 25
  /// Units of the LSTM that reads the characters of a word, in each direction, or filters of the
  /// convolution; 0: no characters.
  public var characterHiddenSize = 25
  /// Whether the way a word is capitalized (lower case, first letter, all letters, mixed, digits) is
  /// an input of its own.
  public var usesCapitalization = true
  /// The network that reads the sentence.
  public var encoder = EncoderConfiguration(hiddenSize: 100)
  /// Dropout of the encoder's input and output, and of the characters that a convolution reads.
  public var dropout: Float = 0.5
  /// How likely a rare word is taken for an unknown one in training, so that unknown words mean
  /// something (Lample et al. 2016).
  public var wordDropout: Float = 0.5
  /// Words that came at most so often in the training data are rare.
  public var rareCount = 1
  /// Whether tags are scored together, by a conditional random field, and not each by itself.
  public var usesCRF = true
  /// The scheme of the tags inside the model. Tags come and go in the scheme of the training data.
  public var scheme = TagScheme.iobes

  /// The scheme of the training data; nil where its tags mark no spans, such as parts of speech.
  public var dataScheme: TagScheme?
  /// The tags inside the model, from the training data.
  public var tags: [String] = []
  /// The characters of the training data.
  public var characters: [String] = []

  public init(
    wordEmbeddingSize: Int = 100, characterEmbeddingSize: Int = 25, characterHiddenSize: Int = 25,
    characterEncoder: CharacterEncoderKind = .lstm, usesCapitalization: Bool = true,
    encoder: EncoderConfiguration = EncoderConfiguration(hiddenSize: 100), dropout: Float = 0.5,
    wordDropout: Float = 0.5, usesCRF: Bool = true, scheme: TagScheme = .iobes
  ) {
    self.wordEmbeddingSize = wordEmbeddingSize
    self.characterEmbeddingSize = characterEmbeddingSize
    self.characterHiddenSize = characterHiddenSize
    self.characterEncoder = characterEncoder
    self.usesCapitalization = usesCapitalization
    self.encoder = encoder
    self.dropout = dropout
    self.wordDropout = wordDropout
    self.usesCRF = usesCRF
    self.scheme = scheme
  }

  /// - Throws: `ConfigurationError` that quotes the first setting out of range.
  public func validate() throws {
    try ConfigurationError.check("word embedding size", wordEmbeddingSize, in: 1...65_536)
    try ConfigurationError.check("minimum count", minimumCount, in: 1...(.max))
    try ConfigurationError.check("character embedding size", characterEmbeddingSize, in: 1...65_536)
    try ConfigurationError.check("character hidden size", characterHiddenSize, in: 0...65_536)
    try ConfigurationError.check("rare count", rareCount, in: 0...(.max))
    try encoder.validate()
    for (name, value) in [("dropout", dropout), ("word dropout", wordDropout)] {
      try ConfigurationError.check(name, value, "a number of at least 0 and below 1") {
        $0 >= 0 && $0 < 1
      }
    }
  }
}
