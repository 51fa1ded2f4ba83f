/// A tokenizer made of parts, as the Hugging Face tokenizers library has them: the normalizer changes
/// the text, the pre-tokenizer cuts it into pieces, the model turns each piece into tokens, the
/// post-processor puts special tokens around them, and the decoder makes text of tokens again.
///
/// Added tokens are cut out of the text before all that. Ids and offsets are those of the library.
///
/// The parts do not change; a pipeline with another part is a new one.
public struct TokenizerPipeline: Tokenizer {
  public let normalizer: Normalizer?
  public let preTokenizer: PreTokenizer?
  public let model: any SubwordModel
  public let postProcessor: PostProcessor?
  public let decoder: TokenDecoder?
  /// Tokens that are found in the text as they are written.
  public let addedTokens: [AddedToken]
  /// Their ids: those of the model's vocabulary where it has the token, else the ones after it.
  public let addedTokenIDs: [Int32]
  /// How encodings are cut; not used for `encode`.
  public var truncation: Truncation?
  /// How encodings are filled up; not used for `encode`.
  public var padding: Padding?

  /// Whether the model's tokens are raw bytes, which a file writes in the byte-level alphabet.
  let isByteLevel: Bool
  /// Tokens of a byte-level vocabulary that are not written in the alphabet: no text has them.
  let literalTokens: [Int32: [UInt8]]
  /// The token of each id as a file writes it.
  private let texts: [String]
  /// Added tokens as they are decoded: those that are looked for in the normalized text, normalized.
  let addedTexts: [[UInt8]]
  /// Added tokens by their ids, as positions in `addedTokens`.
  let addedPositions: [Int32: Int]
  /// Finds added tokens in the text as it came, and in the normalized text.
  let originalMatcher: AddedTokenMatcher
  let normalizedMatcher: AddedTokenMatcher
  public let isLossless: Bool
  /// Scratch outlives a call, so that cached pieces help the next one.
  let pool = ModelScratchPool()

  /// A pipeline.
  ///
  /// - Throws: a line that says what is wrong where the parts do not fit together, an added token
  ///   is empty or comes twice, or the post-processor or the padding has an id outside the vocabulary.
  public init(
    normalizer: Normalizer? = nil, preTokenizer: PreTokenizer? = nil, model: any SubwordModel,
    postProcessor: PostProcessor? = nil, decoder: TokenDecoder? = nil,
    addedTokens: [AddedToken] = [], truncation: Truncation? = nil, padding: Padding? = nil
  ) throws(TextError) {
    try self.init(
      normalizer: normalizer, preTokenizer: preTokenizer, model: model,
      postProcessor: postProcessor, decoder: decoder, addedTokens: addedTokens,
      truncation: truncation, padding: padding, literalTokens: [:])
  }

  init(
    normalizer: Normalizer?, preTokenizer: PreTokenizer?, model: any SubwordModel,
    postProcessor: PostProcessor?, decoder: TokenDecoder?, addedTokens: [AddedToken],
    truncation: Truncation?, padding: Padding?, literalTokens: [Int32: [UInt8]]
  ) throws(TextError) {
    self.normalizer = normalizer
    self.preTokenizer = preTokenizer
    self.model = model
    self.postProcessor = postProcessor
    self.decoder = decoder
    self.addedTokens = addedTokens
    self.truncation = truncation
    self.padding = padding
    self.literalTokens = literalTokens
    try preTokenizer?.check()
    try postProcessor?.check()
    try Self.check(model, endsInBytes: preTokenizer?.endsInBytes ?? false)
    isByteLevel = preTokenizer?.endsInBytes ?? false

    let vocabulary = ModelVocabulary(
      table: model.table, isByteLevel: isByteLevel, literalTokens: literalTokens)
    addedTokenIDs = try Self.ids(of: addedTokens, vocabulary)
    var positions: [Int32: Int] = [:]
    for (position, id) in addedTokenIDs.enumerated() { positions[id] = position }
    addedPositions = positions

    var matchers = (original: AddedTokenMatcher(), normalized: AddedTokenMatcher())
    var texts = (0..<Int32(model.table.count)).map {
      String(decoding: vocabulary.token(at: $0), as: UTF8.self)
    }
    for (token, id) in zip(addedTokens, addedTokenIDs) {
      if Int(id) < texts.count {
        texts[Int(id)] = token.content
      } else {
        texts.append(token.content)
      }
    }
    self.texts = texts
    addedTexts = addedTokens.map { token in
      var text = AlignedText(token.content)
      if token.isNormalized { normalizer?.apply(to: &text) }
      return text.bytes
    }
    // Of tokens that are written the same once normalized, special ones come first.
    let order = addedTokens.indices.filter { addedTokens[$0].isSpecial }
    for position in order + addedTokens.indices.filter({ !addedTokens[$0].isSpecial }) {
      let (token, id) = (addedTokens[position], addedTokenIDs[position])
      if token.isNormalized {
        matchers.normalized.add(addedTexts[position], id: id, token)
      } else {
        matchers.original.add(addedTexts[position], id: id, token)
      }
    }
    originalMatcher = matchers.original
    normalizedMatcher = matchers.normalized
    isLossless = Self.isLossless(normalizer, preTokenizer, model, decoder, addedTokens)
    try checkIDs()
  }

  // MARK: Vocabulary

  public var vocabularySize: Int { texts.count }

  public var unknownID: Int32? { model.unknownID }

  public var kind: TokenizerKind {
    switch model.kind {
    case .byteBytePair, .bytePair: isByteLevel ? .byteBytePair : .bytePair
    case .wordPiece, .unigram: model.kind
    default:
      switch preTokenizer {
      case .whitespaceSplit?: .whitespace
      case let part? where part == .graphemes: .graphemes
      default: .words
      }
    }
  }

  var vocabulary: ModelVocabulary {
    ModelVocabulary(table: model.table, isByteLevel: isByteLevel, literalTokens: literalTokens)
  }

  /// The id of a token as a file writes it, or nil where there is none.
  public func id(of token: String) -> Int32? {
    let bytes = Array(token.utf8)
    for (position, added) in addedTokens.enumerated() where added.content.utf8.elementsEqual(bytes)
    { return addedTokenIDs[position] }
    return vocabulary.id(of: bytes)
  }

  /// A token as a file writes it: that of a byte-level model in the byte-level alphabet.
  ///
  /// - Precondition: `id` is in `0 ..< vocabularySize`.
  public func token(at id: Int32) -> String {
    texts[Int(id)]
  }

  /// A token as a decoder takes it, in UTF-8.
  func tokenBytes(of id: Int32) -> [UInt8] {
    addedPositions[id].map { addedTexts[$0] } ?? vocabulary.token(at: id)
  }

  /// Whether decoding may leave the token out.
  public func isSpecial(_ id: Int32) -> Bool {
    addedPositions[id].map { addedTokens[$0].isSpecial } ?? false
  }

  /// The ids of added tokens, by the library's rule: the model's own, else the next one after it
  /// and after the tokens added before.
  private static func ids(
    of tokens: [AddedToken], _ vocabulary: ModelVocabulary
  ) throws(TextError) -> [Int32] {
    var seen: Set<[UInt8]> = []
    var next = Int32(vocabulary.table.count)
    var ids: [Int32] = []
    for token in tokens {
      let bytes = Array(token.content.utf8)
      guard !bytes.isEmpty else { throw TextError("an added token is empty") }
      guard seen.insert(bytes).inserted else {
        throw TextError("the added token \(jsonQuoted(token.content)) comes twice")
      }
      if let id = vocabulary.id(of: bytes) {
        ids.append(id)
      } else {
        ids.append(next)
        next += 1
      }
    }
    return ids
  }

  /// Refuses a model over characters after a pre-tokenizer that gives raw bytes, and the reverse.
  private static func check(
    _ model: any SubwordModel, endsInBytes: Bool
  ) throws(TextError) {
    switch model {
    case let model as BytePairModel where model.options.alphabet == .bytes && !endsInBytes:
      throw TextError(
        "a byte-pair model of bytes after a pre-tokenizer that gives characters, expected ByteLevel "
          + "at its end")
    case let model as BytePairModel where model.options.alphabet == .scalars && endsInBytes:
      throw TextError(
        "a byte-pair model of characters after the pre_tokenizer ByteLevel, expected one of bytes")
    case is WordPieceModel where endsInBytes, is UnigramModel where endsInBytes:
      throw TextError(
        "model is \(model.kind.rawValue) after the pre_tokenizer ByteLevel, which is not supported, "
          + "expected BPE or WordLevel")
    default: break
    }
  }

  private func checkIDs() throws(TextError) {
    let limit = vocabularySize
    for token in postProcessor?.tokens ?? [] where !(0..<limit).contains(Int(token.id)) {
      throw TextError(
        "post_processor refers to id \(token.id) (\(jsonQuoted(token.text))), expected 0 to "
          + "\(limit - 1)")
    }
    if let padding, !(0..<limit).contains(Int(padding.id)) {
      throw TextError("padding refers to id \(padding.id), expected 0 to \(limit - 1)")
    }
  }
}

/// A model's tokens as a file writes them.
struct ModelVocabulary {
  let table: TokenTable
  let isByteLevel: Bool
  let literalTokens: [Int32: [UInt8]]

  /// A token of a byte-level vocabulary that is not written in the alphabet is known to the model
  /// by bytes that no text has.
  static let literalMark: UInt8 = 0xFF

  func id(of token: [UInt8]) -> Int32? {
    guard isByteLevel else { return table.id(of: token) }
    if let bytes = ByteLevelAlphabet.bytes(of: token) { return table.id(of: bytes) }
    return table.id(of: [Self.literalMark] + token)
  }

  func token(at id: Int32) -> [UInt8] {
    guard isByteLevel else { return table.bytes(of: id) }
    return literalTokens[id] ?? ByteLevelAlphabet.text(of: table.bytes(of: id))
  }
}
