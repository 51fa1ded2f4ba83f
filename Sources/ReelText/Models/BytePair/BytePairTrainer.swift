/// Learns the tokens and merges of byte-pair encoding from counted words: the most frequent pair of
/// neighbours becomes a token, again and again (Sennrich, Haddow and Birch 2016).
///
/// Of equally frequent pairs the one with the smaller ids comes first. The result is the one of the
/// Hugging Face tokenizers library for the same words, where that library's result does not depend
/// on the order of a hash map: with a prefix or suffix, its symbols get their ids in such an order;
/// here they get them in the order of the words.
///
/// n log n in the number of symbols of all words: a pair knows its positions, and a queue of pairs
/// is put in order only where a pair comes to its top with a count that has changed.
public struct BytePairTrainer: Sendable {
  /// How many tokens to learn, special tokens and alphabet included. The alphabet is never cut short
  /// to it.
  public var vocabularySize: Int
  /// Pairs that come less often do not become tokens.
  public var minimumFrequency = 0
  /// The first tokens, in this order; one that comes again is left out.
  public var specialTokens: [String] = []
  /// How many symbols to keep, the most frequent ones; words lose the others.
  public var limitAlphabet: Int?
  /// Symbols that are tokens even where no word has them: the UTF-8 bytes of a scalar each, or one
  /// byte each if the alphabet is bytes.
  public var initialAlphabet: [[UInt8]] = []
  /// What tokens begin with that do not begin a word.
  public var continuingSubwordPrefix: String?
  /// What tokens end with that end a word.
  public var endOfWordSuffix: String?
  /// Tokens of merges have fewer symbols than this, those of two symbols of the alphabet excepted.
  public var maximumTokenLength: Int?

  /// All 256 bytes, for `initialAlphabet`.
  public static var allBytes: [[UInt8]] { (UInt8.min...UInt8.max).map { [$0] } }

  public init(vocabularySize: Int = 30_000) {
    self.vocabularySize = vocabularySize
  }

  /// Learns from words.
  ///
  /// - Parameters:
  ///   - words: different words and how often each comes.
  ///   - alphabet: what the first symbols are.
  ///   - progress: called with the tokens there are and those that are asked for, now and then; what
  ///     it throws ends the training.
  /// - Returns: the bytes of each token, by id, and the pairs of ids that merge, in order.
  /// - Throws: what `progress` throws, and `TextError` for words that are not UTF-8 if the alphabet
  ///   is scalars.
  /// - Precondition: the sizes and counts are not negative.
  public func train(
    _ words: [(bytes: [UInt8], count: Int)], alphabet: BytePairAlphabet,
    progress: ((Int, Int) throws -> Void)? = nil
  ) throws -> (tokens: [[UInt8]], merges: [(Int32, Int32)]) {
    precondition(
      vocabularySize >= 0 && minimumFrequency >= 0 && limitAlphabet ?? 0 >= 0,
      "vocabulary \(vocabularySize), minimum frequency \(minimumFrequency), "
        + "alphabet \(limitAlphabet ?? 0), expected none below 0")
    var table = TokenTable()
    for token in specialTokens { _ = table.insert(Array(token.utf8)) }
    let (symbols, kept) = try keptAlphabet(words, alphabet)
    for symbol in kept { _ = table.insert(symbol) }

    var training = PairTraining(
      prefix: continuingSubwordPrefix.map { Array($0.utf8) } ?? [],
      maximumLength: maximumTokenLength)
    try addWords(words, symbols, to: &training, &table)
    training.start()
    try progress?(table.count, vocabularySize)
    while table.count < vocabularySize, training.mergeNext(minimumFrequency, &table) {
      if training.merges.count % 256 == 0 { try progress?(table.count, vocabularySize) }
    }
    try progress?(table.count, vocabularySize)
    return ((0..<Int32(table.count)).map { table.bytes(of: $0) }, training.lastMerges)
  }
}
