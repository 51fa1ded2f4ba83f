extension TokenizerPipeline {
  /// The content of a `tokenizer.json` that the Hugging Face tokenizers library reads to the same
  /// ids. Reel's own clean-up of controls and of white space is written as replacements that do the
  /// same.
  ///
  /// - Throws: `TextError` that names what has no form in a file: the normalizer `caseFold`, and a
  ///   word-level model without an unknown token.
  public var fileContent: [UInt8] {
    get throws(TextError) {
      let value = JSONValue.object([
        "version": .string("1.0"),
        "truncation": truncation?.fileValue ?? .null,
        "padding": padding?.fileValue ?? .null,
        "added_tokens": .array(addedTokenValues),
        "normalizer": try normalizer?.fileValue() ?? .null,
        "pre_tokenizer": preTokenizer?.fileValue ?? .null,
        "post_processor": postProcessor?.fileValue ?? .null,
        "decoder": decoder?.fileValue ?? .null,
        "model": try modelValue(),
      ])
      return value.text
    }
  }

  private var addedTokenValues: [JSONValue] {
    // The library gives ids in the order of the file.
    zip(addedTokens, addedTokenIDs).sorted { $0.1 < $1.1 }.map { token, id in
      .object([
        "id": .id(id), "content": .string(token.content),
        "single_word": .boolean(token.isSingleWord), "lstrip": .boolean(token.stripsLeft),
        "rstrip": .boolean(token.stripsRight), "normalized": .boolean(token.isNormalized),
        "special": .boolean(token.isSpecial),
      ])
    }
  }

  // MARK: Models

  private func modelValue() throws(TextError) -> JSONValue {
    switch model {
    case let model as BytePairModel:
      let options = model.options
      return .part(
        "BPE",
        [
          "dropout": .null,
          "unk_token": .optional(options.unknownToken.map(modelToken)),
          "continuing_subword_prefix": .optional(options.continuingSubwordPrefix),
          "end_of_word_suffix": .optional(options.endOfWordSuffix),
          "fuse_unk": .boolean(options.fusesUnknown),
          "byte_fallback": .boolean(options.byteFallback),
          "ignore_merges": .boolean(options.ignoresMerges),
          "vocab": vocabularyValue,
          "merges": .array(
            model.merges.map { merge in
              .array([.string(modelToken(merge.0)), .string(modelToken(merge.1))])
            }),
        ])
    case let model as WordPieceModel:
      return .part(
        "WordPiece",
        [
          "unk_token": .optional(model.unknownID.map(modelToken)),
          "continuing_subword_prefix": .string(model.prefix),
          "max_input_chars_per_word": .integer(model.maximumInputCharacters),
          "vocab": vocabularyValue,
        ])
    case let model as UnigramModel:
      return .part(
        "Unigram",
        [
          "unk_id": model.unknownID.map { .id($0) } ?? .null,
          "vocab": .array(
            model.scores.enumerated().map { id, score in
              .array([.string(modelToken(Int32(id))), .number(score)])
            }),
          "byte_fallback": .boolean(model.byteFallback),
        ])
    case let model as WordLevelModel:
      guard let unknown = model.unknownID else {
        throw TextError(
          "a word-level model without an unknown token has no form in a tokenizer.json")
      }
      return .part(
        "WordLevel", ["vocab": vocabularyValue, "unk_token": .string(modelToken(unknown))])
    default:
      throw TextError(
        "a model of type \(type(of: model)) has no form in a tokenizer.json, expected BPE, "
          + "WordPiece, Unigram or WordLevel")
    }
  }

  private func modelToken(_ id: Int32) -> String {
    String(decoding: vocabulary.token(at: id), as: UTF8.self)
  }

  private var vocabularyValue: JSONValue {
    .object(
      JSONObject(
        members: (0..<Int32(model.table.count)).map { id in
          JSONObject.Member(key: modelToken(id), value: .id(id))
        }))
  }
}

extension Truncation {
  fileprivate var fileValue: JSONValue {
    .object([
      "direction": .string(direction.rawValue), "max_length": .integer(maximumLength),
      "strategy": .string(strategy.rawValue), "stride": .integer(stride),
    ])
  }
}

extension Padding {
  fileprivate var fileValue: JSONValue {
    let length: JSONValue =
      switch strategy {
      case .longest: .string("BatchLongest")
      case .fixed(let length): .object(["Fixed": .integer(length)])
      }
    return .object([
      "strategy": length, "direction": .string(direction.rawValue),
      "pad_to_multiple_of": multiple.map { .integer($0) } ?? .null, "pad_id": .id(id),
      "pad_type_id": .id(typeID), "pad_token": .string(token),
    ])
  }
}
