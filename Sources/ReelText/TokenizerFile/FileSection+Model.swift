/// A model read from a file.
struct FileModel {
  var model: any SubwordModel
  /// Tokens of a byte-level vocabulary that are not written in the alphabet.
  var literalTokens: [Int32: [UInt8]] = [:]
}

extension FileSection {
  /// The model that this object describes.
  ///
  /// - Parameter isByteLevel: whether the vocabulary is written in the byte-level alphabet.
  func model(isByteLevel: Bool) throws(TextError) -> FileModel {
    switch type ?? typeByKeys {
    case "BPE": return try bytePairModel(isByteLevel: isByteLevel)
    case "WordLevel":
      try allow(["vocab", "unk_token"])
      let (tokens, literals) = try vocabulary(isByteLevel: isByteLevel)
      let table = try TokenTable(tokens)
      let unknown = try string("unk_token")
      let model = try WordLevelModel(
        tokens: tokens, unknownID: id(of: unknown, table, isByteLevel: isByteLevel))
      return FileModel(model: model, literalTokens: literals)
    case "WordPiece":
      try allow(["vocab", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word"])
      let tokens = try vocabulary(isByteLevel: false).tokens
      let unknown = try string("unk_token")
      return FileModel(
        model: try WordPieceModel(
          tokens: tokens, unknownID: id(of: unknown, try TokenTable(tokens), isByteLevel: false),
          prefix: string("continuing_subword_prefix"),
          maximumInputCharacters: integer("max_input_chars_per_word", in: 0...Int(Int32.max))))
    case "Unigram":
      return FileModel(model: try unigramModel())
    default:
      throw unsupportedType(expected: "BPE, WordLevel, WordPiece or Unigram")
    }
  }

  /// Files from before models had a type are told apart by their keys.
  private var typeByKeys: String? {
    guard object["type"] == nil else { return nil }
    if object["merges"] != nil { return "BPE" }
    if object["max_input_chars_per_word"] != nil { return "WordPiece" }
    if object["unk_id"] != nil { return "Unigram" }
    return object["vocab"] != nil ? "WordLevel" : nil
  }

  // MARK: BPE

  private func bytePairModel(isByteLevel: Bool) throws(TextError) -> FileModel {
    try allow([
      "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
      "byte_fallback", "ignore_merges", "vocab", "merges",
    ])
    var dropout: Float?
    switch object["dropout"] ?? .null {
    case .null: break
    case .integer(let value): dropout = Float(value)
    case .number(let value): dropout = Float(value)
    default: throw unexpected("dropout", expected: "a number or null")
    }
    let (tokens, literals) = try vocabulary(isByteLevel: isByteLevel)
    let table = try TokenTable(tokens)
    let unknown = try optionalString("unk_token")
    let prefix = try optionalString("continuing_subword_prefix")
    let suffix = try optionalString("end_of_word_suffix")
    for (key, text) in [("continuing_subword_prefix", prefix), ("end_of_word_suffix", suffix)] {
      guard isByteLevel, let text else { continue }
      guard text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
        throw unexpected(key, expected: "printable ASCII with the pre_tokenizer ByteLevel")
      }
    }
    let options = BytePairModel.Options(
      alphabet: isByteLevel ? .bytes : .scalars,
      unknownToken: try unknown.map { (token) throws(TextError) in
        try id(of: token, table, isByteLevel: isByteLevel)
      },
      fusesUnknown: try boolean("fuse_unk", standard: false),
      byteFallback: try boolean("byte_fallback", standard: false),
      ignoresMerges: try boolean("ignore_merges", standard: false),
      continuingSubwordPrefix: prefix, endOfWordSuffix: suffix, dropout: dropout)
    let merges = try merges(table, isByteLevel: isByteLevel)
    let model = try BytePairModel(table: table, merges: merges, options: options)
    return FileModel(model: model, literalTokens: literals)
  }

  /// The pairs of ids that merge, each written as "a b" or as ["a", "b"].
  private func merges(
    _ table: TokenTable, isByteLevel: Bool
  ) throws(TextError) -> [(Int32, Int32)] {
    let vocabulary = ModelVocabulary(table: table, isByteLevel: isByteLevel, literalTokens: [:])
    var merges: [(Int32, Int32)] = []
    for (rank, value) in try array("merges").enumerated() {
      let parts = try Self.mergeParts(value, rank)
      var ids: [Int32] = []
      for part in parts {
        guard let id = vocabulary.id(of: part) else {
          throw TextError(
            "merge \(rank) refers to the token \(jsonQuoted(String(decoding: part, as: UTF8.self))), "
              + "which the vocabulary lacks")
        }
        ids.append(id)
      }
      merges.append((ids[0], ids[1]))
    }
    return merges
  }

  private static func mergeParts(_ value: JSONValue, _ rank: Int) throws(TextError) -> [[UInt8]] {
    switch value {
    case .string(let text):
      let parts = Array(text.utf8).split(
        separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      if parts.count == 2 { return parts.map { Array($0) } }
    case .array(let values):
      if values.count == 2, case .string(let first) = values[0],
        case .string(let second) = values[1]
      {
        return [Array(first.utf8), Array(second.utf8)]
      }
    default: break
    }
    throw TextError("merge \(rank) is \(value.kindName), expected two tokens")
  }

  // MARK: Unigram

  private func unigramModel() throws(TextError) -> UnigramModel {
    try allow(["unk_id", "vocab", "byte_fallback"])
    var tokens: [[UInt8]] = []
    var scores: [Double] = []
    for (id, value) in try array("vocab").enumerated() {
      guard case .array(let values) = value, values.count == 2, case .string(let piece) = values[0]
      else { throw TextError("piece \(id) is \(value.kindName), expected [piece, score]") }
      switch values[1] {
      case .integer(let score): scores.append(Double(score))
      case .number(let score): scores.append(score)
      default:
        throw TextError("the score of piece \(id) is \(values[1].kindName), expected a number")
      }
      tokens.append(Array(piece.utf8))
    }
    guard !tokens.isEmpty else { throw TextError("the vocabulary is empty") }
    let hasUnknown = object["unk_id"] ?? .null != .null
    return try UnigramModel(
      tokens: tokens, scores: scores,
      unknownID: hasUnknown ? Int32(try integer("unk_id", in: 0...tokens.count - 1)) : nil,
      byteFallback: boolean("byte_fallback", standard: false))
  }

  // MARK: Vocabularies

  /// The tokens in the order of their ids, which are 0, 1, 2 and so on.
  private func vocabulary(
    isByteLevel: Bool
  ) throws(TextError) -> (tokens: [[UInt8]], literals: [Int32: [UInt8]]) {
    let members = try section("vocab").object.members
    guard !members.isEmpty else { throw TextError("the vocabulary is empty") }
    var tokens = [[UInt8]?](repeating: nil, count: members.count)
    var literals: [Int32: [UInt8]] = [:]
    for member in members {
      guard case .integer(let id) = member.value, id >= 0 else {
        throw TextError(
          "token \(jsonQuoted(member.key)) has id \(member.value.kindName), expected a whole number"
        )
      }
      // An id too large leaves a smaller one without a token; that one is named below.
      guard id < tokens.count else { continue }
      if tokens[id] != nil {
        let other = members.first { $0.value == member.value }?.key ?? ""
        throw TextError(
          "id \(id) belongs to both \(jsonQuoted(other)) and \(jsonQuoted(member.key))")
      }
      let token = Array(member.key.utf8)
      if !isByteLevel {
        tokens[id] = token
      } else if let bytes = ByteLevelAlphabet.bytes(of: token) {
        tokens[id] = bytes
      } else {
        tokens[id] = [ModelVocabulary.literalMark] + token
        literals[Int32(id)] = token
      }
    }
    if let missing = tokens.firstIndex(of: nil) {
      throw TextError("id \(missing) is missing from a vocabulary of \(tokens.count) tokens")
    }
    return (tokens.compactMap { $0 }, literals)
  }

  /// The id of the unknown token.
  private func id(
    of token: String, _ table: TokenTable, isByteLevel: Bool
  ) throws(TextError) -> Int32 {
    let vocabulary = ModelVocabulary(table: table, isByteLevel: isByteLevel, literalTokens: [:])
    guard let id = vocabulary.id(of: Array(token.utf8)) else {
      throw TextError("the vocabulary lacks the unknown token \(jsonQuoted(token))")
    }
    return id
  }
}
