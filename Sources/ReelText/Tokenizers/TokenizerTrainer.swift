/// Trains a tokenizer on text that comes bit by bit: only the different pieces and their counts are
/// kept.
///
/// Text is taken line by line, each with its line end, as the Hugging Face tokenizers library reads
/// files.
public struct TokenizerTrainer: Sendable {
  /// How far a training is.
  public enum Progress: Sendable, Equatable {
    /// Text is being read: its bytes so far.
    case reading(bytes: Int)
    /// Tokens are being chosen: so many of so many are certain.
    case choosing(tokens: Int, of: Int)
  }

  public let training: TokenizerTraining
  private var counts = PieceCounts()
  /// How many bytes of text have been read.
  public private(set) var byteCount = 0

  /// - Throws: a line that says what is wrong with the settings.
  public init(_ training: TokenizerTraining) throws(TextError) {
    try training.validate()
    self.training = training
  }

  /// Counts the pieces of a text.
  public mutating func add(_ text: String) {
    var copy = text
    copy.withUTF8 { addValid($0) }
  }

  /// Counts the pieces of a text in UTF-8.
  ///
  /// - Throws: the position of bytes that are not UTF-8.
  public mutating func add(_ bytes: [UInt8]) throws(UTF8Error) {
    try UTF8Validation.validate(bytes)
    bytes.withUnsafeBufferPointer { addValid($0) }
  }

  /// Counts the pieces of a file, which may be larger than the memory.
  ///
  /// - Throws: a line that names the path, where the file cannot be read, is empty or is not UTF-8.
  public mutating func addFile(
    _ path: String, progress: ((Progress) throws -> Void)? = nil
  ) throws {
    let file = try MappedFile(path, as: "corpus")
    try file.withBytes { bytes in
      var start = bytes.starts(with: byteOrderMark) ? byteOrderMark.count : 0
      guard start < bytes.count else {
        throw TextError("\(file.name) is empty, expected text")
      }
      // A part at a time, so that progress is seen.
      while start < bytes.count {
        var end = min(start + 1 << 20, bytes.count)
        while end < bytes.count, bytes[end - 1] != UInt8(ascii: "\n") { end += 1 }
        let part = UnsafeBufferPointer(rebasing: bytes[start..<end])
        if let offset = UTF8Validation.firstIllFormed(in: part) {
          throw TextError("\(file.name) is \(UTF8Error(at: start + offset, in: bytes))")
        }
        addValid(part)
        try progress?(.reading(bytes: byteCount))
        start = end
      }
    }
  }

  private mutating func addValid(_ bytes: UnsafeBufferPointer<UInt8>) {
    byteCount += bytes.count
    var start = 0
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
      end = min(end + 1, bytes.count)
      addLine(UnsafeBufferPointer(rebasing: bytes[start..<end]))
      start = end
    }
  }

  private mutating func addLine(_ bytes: UnsafeBufferPointer<UInt8>) {
    var text = AlignedText(Array(bytes))
    training.normalizer?.apply(to: &text)
    guard !text.bytes.isEmpty else { return }
    let pieces =
      training.preTokenizer?.split(&text, isFirst: true) ?? [0..<text.bytes.count]
    text.bytes.withUnsafeBufferPointer { counts.add($0, pieces: pieces) }
  }

  // MARK: The tokenizer

  /// Chooses the tokens.
  ///
  /// - Parameter progress: called now and then; what it throws ends the training.
  /// - Throws: what `progress` throws, or a line that says why no tokenizer came of the text.
  public func finish(progress: ((Progress) throws -> Void)? = nil) throws -> TokenizerPipeline {
    let specials = training.allSpecialTokens
    let model = try model(specials) { done, total in
      try progress?(.choosing(tokens: done, of: total))
    }
    return try TokenizerPipeline(
      normalizer: training.normalizer, preTokenizer: training.preTokenizer, model: model,
      postProcessor: training.postProcessor { model.table.id(of: Array($0.utf8)) },
      decoder: training.decoder,
      addedTokens: specials.map { AddedToken($0, isSpecial: true) })
  }

  private func model(
    _ specials: [String], _ progress: @escaping (Int, Int) throws -> Void
  ) throws -> any SubwordModel {
    let unknown = training.unknownToken.map { Array($0.utf8) }
    switch training.kind {
    case .byteBytePair, .bytePair, .wordPiece:
      return try bytePairModel(specials, unknown, progress)
    case .unigram:
      var trainer = UnigramTrainer(vocabularySize: training.vocabularySize)
      trainer.specialTokens = specials
      trainer.unknownToken = training.unknownToken
      let result = try trainer.train(counts.sorted, progress: progress)
      return try UnigramModel(
        tokens: result.tokens, scores: result.scores, unknownID: result.unknownID)
    default:
      return try wordLevelModel(specials, unknown)
    }
  }

  private func bytePairModel(
    _ specials: [String], _ unknown: [UInt8]?, _ progress: (Int, Int) throws -> Void
  ) throws -> any SubwordModel {
    let isByteLevel = training.kind == .byteBytePair
    var trainer = BytePairTrainer(vocabularySize: training.vocabularySize)
    trainer.minimumFrequency = training.minimumFrequency
    trainer.specialTokens = specials
    trainer.limitAlphabet = isByteLevel ? nil : training.alphabetLimit
    if isByteLevel { trainer.initialAlphabet = BytePairTrainer.allBytes }
    if training.kind == .wordPiece { trainer.continuingSubwordPrefix = "##" }
    let (tokens, merges) = try withoutActuallyEscaping(progress) { progress in
      try trainer.train(
        counts.sorted, alphabet: isByteLevel ? .bytes : .scalars, progress: progress)
    }
    let table = try TokenTable(tokens)
    let unknownID = unknown.flatMap { table.id(of: $0) }
    guard training.kind == .wordPiece else {
      return try BytePairModel(
        table: table, merges: merges,
        options: BytePairModel.Options(
          alphabet: isByteLevel ? .bytes : .scalars, unknownToken: unknownID))
    }
    return try WordPieceModel(
      tokens: tokens, unknownID: unknownID ?? 0, prefix: "##", maximumInputCharacters: 100)
  }

  /// The most frequent pieces, equally frequent ones in the order of their scalars.
  private func wordLevelModel(
    _ specials: [String], _ unknown: [UInt8]?
  ) throws -> any SubwordModel {
    var tokens = specials.map { Array($0.utf8) }
    let taken = Set(tokens)
    let words = counts.sorted
      .filter { $0.count >= training.minimumFrequency && !taken.contains($0.bytes) }
      .sorted { left, right in
        left.count != right.count
          ? left.count > right.count : left.bytes.lexicographicallyPrecedes(right.bytes)
      }
    tokens += words.prefix(max(0, training.vocabularySize - tokens.count)).map(\.bytes)
    let unknownID = unknown.flatMap { tokens.firstIndex(of: $0) } ?? 0
    return try WordLevelModel(tokens: tokens, unknownID: Int32(unknownID))
  }
}

extension TokenizerPipeline {
  /// A tokenizer trained on texts.
  ///
  /// - Parameters:
  ///   - training: what it is to be.
  ///   - texts: the texts, which may come one by one.
  ///   - progress: called now and then; what it throws ends the training.
  public static func train(
    _ training: TokenizerTraining, on texts: some Sequence<String>,
    progress: ((TokenizerTrainer.Progress) throws -> Void)? = nil
  ) throws -> TokenizerPipeline {
    var trainer = try TokenizerTrainer(training)
    var reported = 0
    for text in texts {
      trainer.add(text)
      guard trainer.byteCount - reported >= 1 << 20 else { continue }
      reported = trainer.byteCount
      try progress?(.reading(bytes: reported))
    }
    return try trainer.finish(progress: progress)
  }

  /// A tokenizer trained on text files.
  public static func train(
    _ training: TokenizerTraining, files: [String],
    progress: ((TokenizerTrainer.Progress) throws -> Void)? = nil
  ) throws -> TokenizerPipeline {
    var trainer = try TokenizerTrainer(training)
    for file in files { try trainer.addFile(file, progress: progress) }
    return try trainer.finish(progress: progress)
  }
}
