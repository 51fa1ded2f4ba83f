/// What a tokenizer is trained to be: its kind, the size of its vocabulary, and its parts.
///
/// Each kind begins with the parts that are usual for it; all may be changed before the training.
///
/// | kind | normalizer | pieces | special tokens |
/// |---|---|---|---|
/// | graphemes | – | grapheme clusters | `<unk>` |
/// | whitespace | – | between white space | `<unk>` |
/// | words | – | `PreTokenizer.words` | `<unk>` |
/// | byte-bpe | – | GPT-2's pattern | `<\|endoftext\|>` |
/// | bpe | NFKC | words that begin with "▁" | `<unk>` |
/// | wordpiece | BERT's, lower case | BERT's | `[PAD] [UNK] [CLS] [SEP] [MASK]` |
/// | unigram | NFKC, runs of spaces as one | words that begin with "▁" | `<pad> </s> <unk>` |
public struct TokenizerTraining: Sendable, Equatable {
  /// What kind of tokenizer: any but bytes, which need no training, and characters, for which there
  /// is `ScalarTokenizer`.
  public let kind: TokenizerKind
  /// The greatest number of tokens, special ones included. The symbols that tokens are made of are
  /// never cut short to it.
  public var vocabularySize: Int
  /// What comes less often becomes no token.
  public var minimumFrequency: Int
  /// Special tokens, which get the first ids. The unknown token and those that the post-processor
  /// uses are put before them where they are missing.
  public var specialTokens: [String]
  public var normalizer: Normalizer?
  public var preTokenizer: PreTokenizer?
  /// How many different characters become symbols of bpe and wordpiece, the most frequent ones; nil
  /// for all. (unigram takes all, and refuses a vocabulary that is too small for them.)
  public var alphabetLimit: Int?

  /// The usual parts of a kind.
  public init(_ kind: TokenizerKind, vocabularySize: Int = 16_000) {
    self.kind = kind
    self.vocabularySize = vocabularySize
    let space: Unicode.Scalar = "\u{2581}"
    let metaspace = PreTokenizer.metaspace(replacement: space, prepend: .always, splits: true)
    minimumFrequency = 1
    specialTokens = []
    normalizer = nil
    alphabetLimit = nil
    switch kind {
    case .bytes, .characters: preTokenizer = nil
    case .graphemes: preTokenizer = .graphemes
    case .whitespace: preTokenizer = .whitespaceSplit
    case .words: preTokenizer = .words
    case .byteBytePair:
      preTokenizer = .byteLevel(addsPrefixSpace: false, trimsOffsets: true, usesPattern: true)
      specialTokens = ["<|endoftext|>"]
      minimumFrequency = 2
    case .bytePair:
      normalizer = .form(.nfkc)
      preTokenizer = metaspace
      minimumFrequency = 2
      alphabetLimit = 1000
    case .wordPiece:
      normalizer = .bert(
        BertNormalization(
          cleansText: true, handlesChineseCharacters: true, stripsAccents: nil, lowercases: true))
      preTokenizer = .bert
      specialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
      minimumFrequency = 2
      alphabetLimit = 1000
    case .unigram:
      normalizer = .form(.nfkc)
      if let spaces = try? Pattern(expression: " {2,}") {
        normalizer = .sequence([.form(.nfkc), .replace(spaces, with: " ")])
      }
      preTokenizer = metaspace
      specialTokens = ["<pad>", "</s>", "<unk>"]
    }
  }

  /// What stands for whatever the vocabulary lacks; nil for a byte-level model, which lacks nothing.
  var unknownToken: String? {
    switch kind {
    case .byteBytePair: nil
    case .wordPiece: "[UNK]"
    default: "<unk>"
    }
  }

  /// The special tokens with those that the parts need.
  var allSpecialTokens: [String] {
    var needed = unknownToken.map { [$0] } ?? []
    if kind == .wordPiece { needed += ["[CLS]", "[SEP]"] }
    if kind == .unigram { needed.append("</s>") }
    func isGiven(_ token: String) -> Bool {
      specialTokens.contains { $0.utf8.elementsEqual(token.utf8) }
    }
    return needed.filter { !isGiven($0) } + specialTokens
  }

  var decoder: TokenDecoder? {
    switch kind {
    case .byteBytePair: .byteLevel
    case .bytePair, .unigram: .metaspace(replacement: "\u{2581}", prepend: .always, splits: true)
    case .wordPiece: .wordPiece(prefix: "##", cleansUp: true)
    case .graphemes: .fuse
    default: nil
    }
  }

  /// The post-processor over the ids that tokens got.
  func postProcessor(_ id: (String) -> Int32?) throws(TextError) -> PostProcessor? {
    func special(_ token: String) -> TemplateProcessing.Special {
      TemplateProcessing.Special(token, id: id(token) ?? 0)
    }
    switch kind {
    case .wordPiece:
      return .template(
        try TemplateProcessing(
          single: [
            .special("[CLS]", typeID: 0), .sequence(0, typeID: 0), .special("[SEP]", typeID: 0),
          ],
          pair: [
            .special("[CLS]", typeID: 0), .sequence(0, typeID: 0), .special("[SEP]", typeID: 0),
            .sequence(1, typeID: 1), .special("[SEP]", typeID: 1),
          ],
          specials: [special("[CLS]"), special("[SEP]")]))
    case .unigram:
      return .template(
        try TemplateProcessing(
          single: [.sequence(0, typeID: 0), .special("</s>", typeID: 0)],
          pair: [
            .sequence(0, typeID: 0), .special("</s>", typeID: 0), .sequence(1, typeID: 0),
            .special("</s>", typeID: 0),
          ],
          specials: [special("</s>")]))
    default: return nil
    }
  }

  /// Refuses what cannot be trained.
  func validate() throws(TextError) {
    guard kind != .bytes, kind != .characters else {
      throw TextError(
        "a tokenizer of \(kind.rawValue) is no pipeline to train, expected "
          + "\(kind == .bytes ? "ByteTokenizer()" : "ScalarTokenizer(trainedOn:)")")
    }
    let least = allSpecialTokens.count + 1
    guard vocabularySize >= least else {
      throw TextError("the vocabulary size is \(vocabularySize), expected at least \(least)")
    }
    guard minimumFrequency >= 0 else {
      throw TextError("the minimum frequency is \(minimumFrequency), expected at least 0")
    }
    if let alphabetLimit, alphabetLimit < 1 {
      throw TextError("the limit of the alphabet is \(alphabetLimit), expected at least 1")
    }
    var seen: Set<[UInt8]> = []
    for token in allSpecialTokens {
      guard !token.isEmpty, seen.insert(Array(token.utf8)).inserted else {
        throw TextError("the special token \(jsonQuoted(token)) is empty or comes twice")
      }
      guard kind != .byteBytePair || token.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
        throw TextError(
          "the special token \(jsonQuoted(token)) of a byte-level tokenizer has characters other "
            + "than printable ASCII")
      }
    }
  }
}
