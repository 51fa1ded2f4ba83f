/// Finds out which tokenizer the JSON of a `tokenizer.json` describes.
struct TokenizerFileReader {
  private let root: FileSection

  init(_ value: JSONValue) throws(TextError) {
    root = try FileSection(value, name: "the file")
  }

  func tokenizer() throws(TextError) -> any Tokenizer {
    try root.allow([
      "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
      "post_processor", "decoder", "model",
    ])
    try root.expect("version", .string("1.0"))
    for key in ["truncation", "padding", "normalizer", "post_processor"] {
      try root.refuseUnlessNull(key)
    }
    if let added = root.object["added_tokens"], added != .null, added != .array([]) {
      throw TextError("added_tokens holds \(added.kindName), expected none: they are not supported")
    }
    let model = try root.section("model")
    switch model.type {
    case "WordLevel": return try scalarTokenizer(model)
    case "BPE": return try byteTokenizer(model)
    default:
      throw TextError(
        "model is of type \(model.typeText), expected \"WordLevel\" (characters) or \"BPE\" (bytes)"
      )
    }
  }

  // MARK: Characters

  private func scalarTokenizer(_ model: FileSection) throws(TextError) -> ScalarTokenizer {
    try checkSplit(root.section("pre_tokenizer"))
    let decoder = try root.section("decoder")
    try decoder.expectType("Fuse")
    try decoder.allow(["type"])
    try model.allow(["type", "vocab", "unk_token"])
    guard case .string(let unknownToken)? = model.object["unk_token"] else {
      throw TextError(
        "unk_token of the model is \(model.valueText("unk_token")), expected a token")
    }
    let tokens = try vocabulary(model)
    guard let unknown = tokens.firstIndex(where: { $0.utf8.elementsEqual(unknownToken.utf8) })
    else {
      throw TextError("the vocabulary lacks the unknown token \(jsonQuoted(unknownToken))")
    }
    for (id, token) in tokens.enumerated() where id != unknown && token.unicodeScalars.count != 1 {
      throw TextError("token \(jsonQuoted(token)) of id \(id) is not one character")
    }
    return ScalarTokenizer(tokens: tokens, unknown: Int32(unknown))
  }

  private func checkSplit(_ split: FileSection) throws(TextError) {
    try split.expectType("Split")
    try split.allow(["type", "pattern", "behavior", "invert"])
    try split.expect("behavior", .string("Isolated"))
    try split.expect("invert", .boolean(false))
    let pattern = try split.section("pattern")
    try pattern.allow(["Regex"])
    try pattern.expect("Regex", .string("[\\s\\S]"))
  }

  // MARK: Bytes

  private func byteTokenizer(_ model: FileSection) throws(TextError) -> ByteTokenizer {
    let preTokenizer = try root.section("pre_tokenizer")
    try preTokenizer.expectType("ByteLevel")
    try preTokenizer.expect("add_prefix_space", .boolean(false))
    let decoder = try root.section("decoder")
    try decoder.expectType("ByteLevel")
    // What the file says here changes offsets or speed, or belongs to encoding, but no id or text.
    for section in [preTokenizer, decoder] {
      try section.allow(["type", "add_prefix_space", "trim_offsets", "use_regex"])
    }
    try model.allow([
      "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix",
      "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges",
    ])
    for key in ["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"] {
      try model.refuseUnlessNull(key)
    }
    for key in ["fuse_unk", "byte_fallback", "ignore_merges"] where model.object[key] != nil {
      try model.expect(key, .boolean(false))
    }
    guard model.object["merges"] == .array([]) else {
      throw TextError(
        "merges of the model is \(model.valueText("merges")), expected none: byte pairs are not "
          + "supported")
    }
    let tokens = try vocabulary(model)
    guard tokens.count == 256 else {
      throw TextError("the vocabulary holds \(tokens.count) tokens, expected the 256 bytes")
    }
    for (byte, scalar) in ByteLevelAlphabet.scalars.enumerated()
    where !tokens[byte].unicodeScalars.elementsEqual([scalar]) {
      throw TextError("token \(jsonQuoted(tokens[byte])) has id \(byte), expected \"\(scalar)\"")
    }
    return ByteTokenizer()
  }

  // MARK: Both

  /// The tokens in the order of their ids, which are 0, 1, 2 and so on.
  private func vocabulary(_ model: FileSection) throws(TextError) -> [String] {
    let members = try model.section("vocab").object.members
    guard !members.isEmpty else { throw TextError("the vocabulary is empty") }
    var tokens = [String?](repeating: nil, count: members.count)
    for member in members {
      guard case .integer(let id) = member.value, id >= 0 else {
        throw TextError(
          "token \(jsonQuoted(member.key)) has id \(member.value.kindName), expected a whole number"
        )
      }
      // An id too large leaves a smaller one without a token; that one is named below.
      guard id < tokens.count else { continue }
      if let other = tokens[id] {
        throw TextError(
          "id \(id) belongs to both \(jsonQuoted(other)) and \(jsonQuoted(member.key))")
      }
      tokens[id] = member.key
    }
    if let missing = tokens.firstIndex(of: nil) {
      throw TextError("id \(missing) is missing from a vocabulary of \(tokens.count) tokens")
    }
    return tokens.compactMap { $0 }
  }
}
