extension Normalizer {
  /// The object that a file has for it.
  func fileValue() throws(TextError) -> JSONValue {
    switch self {
    case .form(let form): return .part(form.rawValue)
    case .lowercase: return .part("Lowercase")
    case .stripAccents: return .part("StripAccents")
    case .nmt: return .part("Nmt")
    case .byteLevel: return .part("ByteLevel")
    case .strip(let left, let right):
      return .part("Strip", ["strip_left": .boolean(left), "strip_right": .boolean(right)])
    case .prepend(let text): return .part("Prepend", ["prepend": .string(text)])
    case .replace(let pattern, let text):
      return .part("Replace", ["pattern": pattern.fileValue, "content": .string(text)])
    case .bert(let bert):
      return .part(
        "BertNormalizer",
        [
          "clean_text": .boolean(bert.cleansText),
          "handle_chinese_chars": .boolean(bert.handlesChineseCharacters),
          "strip_accents": bert.stripsAccents.map { .boolean($0) } ?? .null,
          "lowercase": .boolean(bert.lowercases),
        ])
    case .precompiled(let map):
      return .part("Precompiled", ["precompiled_charsmap": .string(Base64.text(of: map.bytes))])
    case .sequence(let parts):
      var values: [JSONValue] = []
      for part in parts { values.append(try part.fileValue()) }
      return .part("Sequence", ["normalizers": .array(values)])
    case .cleanControls:
      let controls =
        #"[\x{0}-\x{8}\x{E}-\x{1F}\x{7F}-\x{84}\x{86}-\x{9F}\x{AD}\x{61C}\x{200E}\x{200F}"#
        + #"\x{202A}-\x{202E}\x{2066}-\x{2069}\x{FEFF}]"#
      return replacement(of: controls, with: "")
    case .cleanWhiteSpace:
      return .part(
        "Sequence",
        [
          "normalizers": .array([
            replacement(of: #"\s+"#, with: " "),
            try Normalizer.strip(left: true, right: true).fileValue(),
          ])
        ])
    case .caseFold:
      throw TextError(
        "the normalizer caseFold has no form in a tokenizer.json, expected one that the "
          + "tokenizers library has, such as lowercase")
    }
  }
}

/// A Replace with an expression.
private func replacement(of expression: String, with text: String) -> JSONValue {
  .part(
    "Replace", ["pattern": .object(["Regex": .string(expression)]), "content": .string(text)])
}

extension Pattern {
  fileprivate var fileValue: JSONValue {
    switch source {
    case .literal(let text): .object(["String": .string(text)])
    case .expression(let text): .object(["Regex": .string(text)])
    }
  }
}

extension PreTokenizer {
  /// The object that a file has for it.
  var fileValue: JSONValue {
    switch self {
    case .whitespace: .part("Whitespace")
    case .whitespaceSplit: .part("WhitespaceSplit")
    case .bert: .part("BertPreTokenizer")
    case .unicodeScripts: .part("UnicodeScripts")
    case .punctuation(let behavior):
      .part("Punctuation", ["behavior": .string(SplitBehavior.FileName(behavior).rawValue)])
    case .digits(let individual): .part("Digits", ["individual_digits": .boolean(individual)])
    case .characterDelimiter(let scalar):
      .part("CharDelimiterSplit", ["delimiter": .string(String(scalar))])
    case .metaspace(let replacement, let prepend, let splits):
      metaspaceValue(replacement, prepend, splits)
    case .byteLevel(let addsPrefixSpace, let trimsOffsets, let usesPattern):
      byteLevelValue(addsPrefixSpace, trimsOffsets, usesPattern)
    case .split(let pattern, let behavior, let invert):
      .part(
        "Split",
        [
          "pattern": pattern.fileValue,
          "behavior": .string(SplitBehavior.FileName(behavior).rawValue),
          "invert": .boolean(invert),
        ])
    case .fixedLength(let length): .part("FixedLength", ["length": .integer(length)])
    case .sequence(let parts):
      .part("Sequence", ["pretokenizers": .array(parts.map(\.fileValue))])
    }
  }
}

private func metaspaceValue(
  _ replacement: Unicode.Scalar, _ prepend: PreTokenizer.PrependScheme, _ splits: Bool
) -> JSONValue {
  .part(
    "Metaspace",
    [
      "replacement": .string(String(replacement)), "prepend_scheme": .string(prepend.rawValue),
      "split": .boolean(splits),
    ])
}

private func byteLevelValue(
  _ addsPrefixSpace: Bool, _ trimsOffsets: Bool, _ usesPattern: Bool
) -> JSONValue {
  .part(
    "ByteLevel",
    [
      "add_prefix_space": .boolean(addsPrefixSpace), "trim_offsets": .boolean(trimsOffsets),
      "use_regex": .boolean(usesPattern),
    ])
}

extension PostProcessor {
  /// The object that a file has for it.
  var fileValue: JSONValue {
    switch self {
    case .bert(let separator, let classifier):
      .part("BertProcessing", ["sep": separator.fileValue, "cls": classifier.fileValue])
    case .roberta(let separator, let classifier, let trimsOffsets, let addsPrefixSpace):
      .part(
        "RobertaProcessing",
        [
          "sep": separator.fileValue, "cls": classifier.fileValue,
          "trim_offsets": .boolean(trimsOffsets), "add_prefix_space": .boolean(addsPrefixSpace),
        ])
    case .byteLevel(let addsPrefixSpace, let trimsOffsets, let usesPattern):
      byteLevelValue(addsPrefixSpace, trimsOffsets, usesPattern)
    case .template(let template): template.fileValue
    case .sequence(let parts):
      .part("Sequence", ["processors": .array(parts.map(\.fileValue))])
    }
  }
}

extension PostProcessor.Token {
  fileprivate var fileValue: JSONValue { .array([.string(text), .id(id)]) }
}

extension TemplateProcessing {
  fileprivate var fileValue: JSONValue {
    let members = specials.map { special in
      JSONObject.Member(
        key: special.name,
        value: .object([
          "id": .string(special.name), "ids": .array(special.ids.map { .id($0) }),
          "tokens": .array(special.tokens.map { .string($0) }),
        ]))
    }
    return .part(
      "TemplateProcessing",
      [
        "single": .array(single.map(\.fileValue)), "pair": .array(pair.map(\.fileValue)),
        "special_tokens": .object(JSONObject(members: members)),
      ])
  }
}

extension TemplateProcessing.Piece {
  fileprivate var fileValue: JSONValue {
    switch self {
    case .sequence(let index, let typeID):
      .object([
        "Sequence": .object(["id": .string(index == 0 ? "A" : "B"), "type_id": .id(typeID)])
      ])
    case .special(let name, let typeID):
      .object(["SpecialToken": .object(["id": .string(name), "type_id": .id(typeID)])])
    }
  }
}

extension TokenDecoder {
  /// The object that a file has for it.
  var fileValue: JSONValue {
    switch self {
    case .byteLevel: byteLevelValue(true, true, true)
    case .byteFallback: .part("ByteFallback")
    case .fuse: .part("Fuse")
    case .wordPiece(let prefix, let cleansUp):
      .part("WordPiece", ["prefix": .string(prefix), "cleanup": .boolean(cleansUp)])
    case .bytePair(let suffix): .part("BPEDecoder", ["suffix": .string(suffix)])
    case .metaspace(let replacement, let prepend, let splits):
      metaspaceValue(replacement, prepend, splits)
    case .strip(let scalar, let start, let stop):
      .part(
        "Strip",
        ["content": .string(String(scalar)), "start": .integer(start), "stop": .integer(stop)])
    case .replace(let pattern, let text):
      .part("Replace", ["pattern": pattern.fileValue, "content": .string(text)])
    case .ctc(let padding, let wordDelimiter, let cleansUp):
      .part(
        "CTC",
        [
          "pad_token": .string(padding), "word_delimiter_token": .string(wordDelimiter),
          "cleanup": .boolean(cleansUp),
        ])
    case .sequence(let parts): .part("Sequence", ["decoders": .array(parts.map(\.fileValue))])
    }
  }
}
