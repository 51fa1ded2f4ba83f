extension TokenizerPipeline {
  /// Whether tokens can be put together byte by byte: a byte-level model before its decoder.
  private var joinsBytes: Bool { isByteLevel && decoder == .byteLevel }

  /// Appends the token as the decoder takes it: raw bytes before a byte-level decoder, else as a
  /// file writes it.
  public func appendBytes(of id: Int32, to bytes: inout [UInt8]) {
    guard joinsBytes else {
      bytes += tokenBytes(of: id)
      return
    }
    if let position = addedPositions[id] {
      // The decoder reads added tokens in the alphabet, too, where it can.
      let content = addedTexts[position]
      bytes += ByteLevelAlphabet.bytes(of: content) ?? content
    } else if let literal = literalTokens[id] {
      bytes += literal
    } else {
      model.table.append(id, to: &bytes)
    }
  }

  public func decodeBytes(_ ids: [Int32]) -> [UInt8] {
    var bytes: [UInt8] = []
    var decoder = byteDecoder()
    for id in ids { decoder.append(id, to: &bytes) }
    decoder.finish(to: &bytes)
    return bytes
  }

  /// The text that the tokens stand for, with or without special tokens; bytes that are not UTF-8
  /// become U+FFFD.
  public func decode(_ ids: [Int32], skippingSpecialTokens: Bool) -> String {
    decode(skippingSpecialTokens ? ids.filter { !isSpecial($0) } : ids)
  }

  public func byteDecoder() -> TokenByteDecoder {
    guard !joinsBytes else { return TokenByteDecoder(self) }
    return TokenByteDecoder(self, DecoderChain(decoder?.links ?? [JoinLink()]))
  }

  /// Whether decoding gives back every text: so for byte-pair encoding of bytes that knows all 256
  /// of them, cut without losing or changing a byte, before a byte-level decoder, and with added
  /// tokens that take no white space with them and decode as they are written.
  static func isLossless(
    _ normalizer: Normalizer?, _ preTokenizer: PreTokenizer?, _ model: any SubwordModel,
    _ decoder: TokenDecoder?, _ addedTokens: [AddedToken]
  ) -> Bool {
    guard normalizer == nil, decoder == .byteLevel, let preTokenizer, preTokenizer.endsInBytes,
      preTokenizer.keepsText, let model = model as? BytePairModel,
      model.options.continuingSubwordPrefix == nil, model.options.endOfWordSuffix == nil,
      (UInt8.min...UInt8.max).allSatisfy({ model.table.id(of: [$0]) != nil })
    else { return false }
    return addedTokens.allSatisfy { token in
      let content = Array(token.content.utf8)
      return !token.stripsLeft && !token.stripsRight
        && (ByteLevelAlphabet.bytes(of: content) ?? content) == content
    }
  }
}

extension PreTokenizer {
  /// Whether its pieces, put together, are the text.
  var keepsText: Bool {
    switch self {
    case .byteLevel(let addsPrefixSpace, _, _): !addsPrefixSpace
    case .split(_, let behavior, _), .punctuation(let behavior): behavior != .removed
    case .digits, .unicodeScripts, .fixedLength: true
    case .sequence(let parts): parts.allSatisfy(\.keepsText)
    case .whitespace, .whitespaceSplit, .bert, .characterDelimiter, .metaspace: false
    }
  }
}
