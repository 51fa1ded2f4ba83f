import ReelSequence

/// Every hyper-parameter of a model that turns one sequence of tokens into another: what
/// `config.json` holds.
public struct Seq2SeqConfiguration: Codable, Sendable, Equatable {
  /// What reads the source. The decoder has the same cell; beside a TCN it is an LSTM.
  public var encoder = EncoderConfiguration()
  /// Size of the learned vector of each token of the source.
  public var sourceEmbeddingSize = 128
  /// Size of the learned vector of each token of the target.
  public var targetEmbeddingSize = 128
  /// Units of each layer of the decoder.
  public var decoderHiddenSize = 256
  public var decoderLayers = 1
  public var attention = AttentionKind.general
  /// Size of the attentional vector, which is fed to the next step and scores the tokens; nil: that
  /// of the decoder's layers.
  public var attentionalSize: Int?
  /// Dropout of embedded tokens, between the decoder's layers, and before the scores. (The
  /// encoder's layers have their own.)
  public var dropout: Float = 0
  public var teacherForcing = TeacherForcing.always
  /// Whether source and target have one tokenizer, so that a token has one id in both.
  public var sharesVocabulary = false
  /// Whether tokens of the source can be copied (See et al. 2017); needs a shared vocabulary.
  public var copies = false
  /// The most tokens that a source may have.
  public var maximumLength = 1000
  /// The most tokens of a target that training saw: set by the training data. An answer has at most
  /// half as many more, and 5.
  public var longestTarget = 0

  public init(
    encoder: EncoderConfiguration = EncoderConfiguration(), sourceEmbeddingSize: Int = 128,
    targetEmbeddingSize: Int = 128, decoderHiddenSize: Int = 256, decoderLayers: Int = 1,
    attention: AttentionKind = .general, attentionalSize: Int? = nil, dropout: Float = 0,
    teacherForcing: TeacherForcing = .always, sharesVocabulary: Bool = false,
    copies: Bool = false, maximumLength: Int = 1000
  ) {
    self.encoder = encoder
    self.sourceEmbeddingSize = sourceEmbeddingSize
    self.targetEmbeddingSize = targetEmbeddingSize
    self.decoderHiddenSize = decoderHiddenSize
    self.decoderLayers = decoderLayers
    self.attention = attention
    self.attentionalSize = attentionalSize
    self.dropout = dropout
    self.teacherForcing = teacherForcing
    self.sharesVocabulary = sharesVocabulary
    self.copies = copies
    self.maximumLength = maximumLength
  }

  /// The cell of the decoder, which is recurrent whatever the encoder is.
  var decoderCell: RecurrentCellKind { encoder.cell.recurrentCell ?? .lstm }

  /// The most tokens of an answer.
  public var longestAnswer: Int { longestTarget + longestTarget / 2 + 5 }

  /// - Throws: `ConfigurationError` that quotes the first setting out of range.
  public func validate() throws {
    try encoder.validate()
    try ConfigurationError.check("source embedding size", sourceEmbeddingSize, in: 1...65_536)
    try ConfigurationError.check("target embedding size", targetEmbeddingSize, in: 1...65_536)
    try ConfigurationError.check("decoder hidden size", decoderHiddenSize, in: 1...65_536)
    try ConfigurationError.check("decoder layers", decoderLayers, in: 1...64)
    if let attentionalSize {
      try ConfigurationError.check("attentional size", attentionalSize, in: 1...65_536)
    }
    try ConfigurationError.checkDropout("dropout", dropout)
    try teacherForcing.validate()
    try ConfigurationError.check("maximum length", maximumLength, in: 1...1_000_000)
    try ConfigurationError.check("longest target", longestTarget, in: 0...1_000_000)
    guard attention != .dot || encoder.outputSize == decoderHiddenSize else {
      throw ConfigurationError(
        "dot attention of \(decoderHiddenSize) decoder units over \(encoder.outputSize) encoder "
          + "features: equal sizes are expected")
    }
    guard sharesVocabulary || !copies else {
      throw ConfigurationError(
        "copies without a shared vocabulary: source and target with one tokenizer are expected")
    }
  }
}
