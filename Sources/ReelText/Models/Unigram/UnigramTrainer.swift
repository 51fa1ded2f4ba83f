import Glibc

/// Learns the tokens and scores of a unigram language model from counted words (Kudo 2018).
///
/// Begins with many seed pieces: all scalars, and the frequent substrings with the highest product
/// of occurrences and length. Then, again and again: finds probabilities of the pieces under which
/// the words are likely, by expectation and maximization over all segmentations, and drops the
/// pieces that the likelihood suffers least from losing, until about as many are left as are asked
/// for. The steps are those of the Hugging Face tokenizers library, except that here substrings are
/// counted as often as their words come; the results are alike, not equal.
public struct UnigramTrainer: Sendable {
  /// The tokens, with the score of each.
  public struct Result: Sendable, Equatable {
    /// The bytes of each token: special tokens, then pieces, those with the highest scores first.
    public var tokens: [[UInt8]]
    /// The logarithm of each piece's probability; 0 for special tokens.
    public var scores: [Double]
    public var unknownID: Int32?
  }

  /// How many tokens to learn, special tokens included. There may be fewer where the words have not
  /// that many frequent substrings.
  public var vocabularySize: Int
  /// The first tokens, in this order; one that comes again is left out.
  public var specialTokens: [String] = []
  /// The token of what the vocabulary lacks. If it is not a special token, it gets the id 0.
  public var unknownToken: String?
  /// Scalars that are tokens even where no word has them.
  public var initialAlphabet: [Unicode.Scalar] = []
  /// What is left of the pieces at each pruning, above 0 and below 1.
  public var shrinkingFactor = 0.75
  /// Steps of expectation and maximization between two prunings.
  public var subiterations = 2
  /// The scalars of the longest piece.
  public var maximumPieceLength = 16
  /// How many pieces to begin with.
  public var seedSize = 1_000_000

  /// Longer words are learned from in parts of at most so many bytes, so that memory is bounded.
  static let partLimit = 4096
  /// Pieces that are expected less often are dropped.
  static let expectationThreshold = 0.5
  /// What is learned before scalars without a place of their own are added, and the rest cut off.
  static let surplus = 1.1

  public init(vocabularySize: Int, unknownToken: String? = nil) {
    self.vocabularySize = vocabularySize
    self.unknownToken = unknownToken
  }

  /// Learns from words.
  ///
  /// - Parameters:
  ///   - words: different words and how often each comes.
  ///   - progress: called with the steps taken and an estimate of all steps, after each step; what
  ///     it throws ends the training.
  /// - Throws: what `progress` throws, and `TextError` for words that are not UTF-8 and for more
  ///   scalars than there is room for.
  /// - Precondition: the sizes are not negative, a piece has room for at least one scalar, there is
  ///   at least one step between prunings, and the factor lies between 0 and 1.
  public func train(
    _ words: [(bytes: [UInt8], count: Int)], progress: ((Int, Int) throws -> Void)? = nil
  ) throws -> Result {
    precondition(
      vocabularySize >= 0 && seedSize >= 0 && maximumPieceLength >= 1 && subiterations >= 1
        && shrinkingFactor > 0 && shrinkingFactor < 1,
      "vocabulary \(vocabularySize), seed \(seedSize), piece length \(maximumPieceLength), "
        + "\(subiterations) steps, factor \(shrinkingFactor), expected none below 0, 0, 1 and 1, "
        + "and a factor between 0 and 1")
    let special = specialList()
    let corpus = UnigramCorpus(words, partLimit: Self.partLimit)
    let text = try TrainingText(corpus.words, counts: corpus.counts)
    let required = Set(text.scalars).union(initialAlphabet).sorted()
    let room = vocabularySize - special.count
    guard required.count <= room else {
      throw TextError(
        "a vocabulary of \(vocabularySize) tokens, expected at least "
          + "\(required.count + special.count): \(special.count) special ones and one for each of "
          + "\(required.count) different characters")
    }
    var pieces = seeds(text)
    let wanted = Int(Double(vocabularySize) * Self.surplus)
    var steps = Steps(
      progress, expected: expectedSteps(from: pieces.strings.count, to: wanted))
    try steps.report()
    var training = UnigramTraining(pieces, corpus)
    while true {
      for _ in 0..<subiterations {
        training.maximize(training.expectations(), threshold: Self.expectationThreshold)
        try steps.advance()
      }
      if training.liveCount <= wanted { break }
      let size = max(wanted, Int(Double(training.liveCount) * shrinkingFactor))
      pieces = training.pruned(to: size)
      training = UnigramTraining(pieces, corpus)
    }
    let result = finish(training.livePieces, required: required, special: special)
    try steps.end()
    return result
  }

  /// The special tokens, each once, with the unknown token.
  private func specialList() -> [[UInt8]] {
    // As bytes: equal strings of Swift may have different ones.
    let tokens = specialTokens.map { Array($0.utf8) }
    var list: [[UInt8]] = []
    if let unknownToken, !tokens.contains(Array(unknownToken.utf8)) {
      list.append(Array(unknownToken.utf8))
    }
    for token in tokens where !list.contains(token) { list.append(token) }
    return list
  }

  /// log(wanted / pieces) / log(factor) prunings, if nothing else is dropped.
  private func expectedSteps(from count: Int, to wanted: Int) -> Int {
    guard count > wanted, wanted > 0 else { return subiterations }
    let prunings = log(Double(wanted) / Double(count)) / log(shrinkingFactor)
    return (Int(prunings) + 1) * subiterations
  }

  /// All scalars of the words, and the best substrings.
  private func seeds(_ text: TrainingText) -> UnigramPieces {
    let substrings = FrequentSubstrings(text)
    let best = substrings.best(
      max(0, seedSize - text.scalars.count), maximumLength: maximumPieceLength)
    var strings = ByteStrings()
    var weights: [Double] = []
    for (scalar, count) in zip(text.scalars, text.scalarCounts) {
      strings.append(CollectionOfOne(scalar))
      weights.append(Double(count))
    }
    for substring in best {
      let start = Int(substrings.suffixes[Int(substring.suffix)])
      strings.append(text.scalars(at: start, length: Int(substring.length)))
      weights.append(Double(substring.score))
    }
    let total = log(weights.reduce(0, +))
    let order = (0..<strings.count).sorted { (weights[$1], $0) < (weights[$0], $1) }
    var ranks = [Int](repeating: 0, count: order.count)
    for (rank, index) in order.enumerated() { ranks[index] = rank }
    return UnigramPieces(strings: strings, scores: weights.map { log($0) - total }, ranks: ranks)
      .sortedByBytes()
  }

  /// Adds the scalars that were dropped, cuts the rest to the room there is, and puts the pieces in
  /// the order of their scores.
  private func finish(
    _ pieces: UnigramPieces, required: [Unicode.Scalar], special: [[UInt8]]
  ) -> Result {
    let taken = Set(special)
    let needed = Set(required.map { Array(String($0).utf8) })
    var kept: [(bytes: [UInt8], score: Double)] = []
    var missing = needed
    let order = (0..<pieces.strings.count).sorted { pieces.ranks[$0] < pieces.ranks[$1] }
    for index in order {
      let bytes = pieces.strings[index]
      if missing.remove(bytes) != nil, !taken.contains(bytes) {
        kept.append((bytes, pieces.scores[index]))
      }
    }
    let lowest = pieces.scores.min() ?? -UnigramModel.unknownPenalty
    var raised = 0.0
    for scalar in required {
      let bytes = Array(String(scalar).utf8)
      guard missing.contains(bytes), !taken.contains(bytes) else { continue }
      // Each a little likelier than the one before, so that no two are equally good.
      kept.append((bytes, lowest + raised))
      raised += 0.0001
    }
    let room = vocabularySize - special.count
    for index in order where kept.count < room {
      let bytes = pieces.strings[index]
      if !needed.contains(bytes), !taken.contains(bytes) {
        kept.append((bytes, pieces.scores[index]))
      }
    }
    kept.sort {
      $0.score != $1.score ? $0.score > $1.score : $0.bytes.lexicographicallyPrecedes($1.bytes)
    }
    let unknown = unknownToken.flatMap { special.firstIndex(of: Array($0.utf8)) }
    return Result(
      tokens: special + kept.map(\.bytes),
      scores: [Double](repeating: 0, count: special.count) + kept.map(\.score),
      unknownID: unknown.map { Int32($0) })
  }
}

/// Steps taken, for a progress display.
private struct Steps {
  let progress: ((Int, Int) throws -> Void)?
  var expected: Int
  var taken = 0

  init(_ progress: ((Int, Int) throws -> Void)?, expected: Int) {
    self.progress = progress
    self.expected = expected
  }

  func report() throws {
    try progress?(taken, expected)
  }

  mutating func advance() throws {
    taken += 1
    expected = max(expected, taken + 1)
    try report()
  }

  mutating func end() throws {
    expected = taken
    try report()
  }
}
