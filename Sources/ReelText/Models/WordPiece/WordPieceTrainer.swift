/// Learns the tokens of a WordPiece model from counted words: those of byte-pair encoding over
/// scalars with a prefix for what continues a word, as in the Hugging Face tokenizers library.
public struct WordPieceTrainer: Sendable {
  /// How many tokens to learn, special tokens and alphabet included. The alphabet is never cut short
  /// to it.
  public var vocabularySize: Int
  /// Pairs that come less often do not become tokens.
  public var minimumFrequency = 0
  /// The first tokens, in this order; one that comes again is left out.
  public var specialTokens: [String]
  /// How many characters to keep, the most frequent ones.
  public var limitAlphabet: Int?
  /// Characters that are tokens even where no word has them.
  public var initialAlphabet: [Unicode.Scalar] = []
  /// What tokens begin with that do not begin a word.
  public var prefix = "##"

  public init(vocabularySize: Int, specialTokens: [String] = ["[UNK]"]) {
    self.vocabularySize = vocabularySize
    self.specialTokens = specialTokens
  }

  /// Learns from words.
  ///
  /// - Parameters:
  ///   - words: different words and how often each comes.
  ///   - progress: called with the tokens there are and those that are asked for, now and then; what
  ///     it throws ends the training.
  /// - Returns: the bytes of each token, by id.
  /// - Throws: what `progress` throws, and `TextError` for words that are not UTF-8.
  /// - Precondition: the sizes and counts are not negative.
  public func train(
    _ words: [(bytes: [UInt8], count: Int)], progress: ((Int, Int) throws -> Void)? = nil
  ) throws -> [[UInt8]] {
    var trainer = BytePairTrainer(vocabularySize: vocabularySize)
    trainer.minimumFrequency = minimumFrequency
    trainer.specialTokens = specialTokens
    trainer.limitAlphabet = limitAlphabet
    trainer.initialAlphabet = initialAlphabet.map { Array(String($0).utf8) }
    trainer.continuingSubwordPrefix = prefix
    return try trainer.train(words, alphabet: .scalars, progress: progress).tokens
  }
}
