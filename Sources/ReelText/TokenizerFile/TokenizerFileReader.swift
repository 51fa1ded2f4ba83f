/// Finds out which tokenizer the JSON of a `tokenizer.json` describes.
struct TokenizerFileReader {
  private let root: FileSection

  init(_ value: JSONValue) throws(TextError) {
    root = try FileSection(value, name: "the file")
  }

  /// The tokenizer: a `ByteTokenizer` or a `ScalarTokenizer` where the file describes one of these,
  /// else a pipeline.
  func tokenizer() throws(TextError) -> any Tokenizer {
    let pipeline = try pipeline()
    if let bytes = ByteTokenizer(pipeline) { return bytes }
    if let scalars = ScalarTokenizer(pipeline) { return scalars }
    return pipeline
  }

  func pipeline() throws(TextError) -> TokenizerPipeline {
    try root.allow([
      "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
      "post_processor", "decoder", "model",
    ])
    guard root.object["version"] == .string("1.0") else {
      throw root.unexpected("version", expected: "\"1.0\"")
    }
    let preTokenizer = try root.optionalSection("pre_tokenizer")?.preTokenizer()
    let model = try root.section("model").model(isByteLevel: preTokenizer?.endsInBytes ?? false)
    let added = try addedTokens()
    let normalizer = try root.optionalSection("normalizer")?.normalizer()
    try PartGrowth.check(normalizer?.growth ?? 1, "normalizer")
    let decoder = try root.optionalSection("decoder")?.decoder()
    try PartGrowth.check(decoder?.growth ?? 1, "decoder")
    let truncation = try root.optionalSection("truncation")?.truncation()
    let pipeline = try TokenizerPipeline(
      normalizer: normalizer, preTokenizer: preTokenizer, model: model.model,
      postProcessor: root.optionalSection("post_processor")?.postProcessor(), decoder: decoder,
      addedTokens: added.map(\.token), truncation: truncation,
      padding: root.optionalSection("padding")?.padding(truncation),
      literalTokens: model.literalTokens)
    for (added, id) in zip(added, pipeline.addedTokenIDs) where added.id != id {
      throw TextError(
        "the added token \(jsonQuoted(added.token.content)) has id \(added.id), expected \(id)")
    }
    return pipeline
  }

  private func addedTokens() throws(TextError) -> [(token: AddedToken, id: Int32)] {
    guard let value = root.object["added_tokens"], value != .null else { return [] }
    var tokens: [(token: AddedToken, id: Int32)] = []
    for section in try root.sections("added_tokens") {
      try section.allow([
        "id", "content", "single_word", "lstrip", "rstrip", "normalized", "special",
      ])
      let token = AddedToken(
        try section.string("content"), isSpecial: try section.boolean("special"),
        isNormalized: try section.boolean("normalized"),
        isSingleWord: try section.boolean("single_word"),
        stripsLeft: try section.boolean("lstrip"), stripsRight: try section.boolean("rstrip"))
      tokens.append((token, try section.id("id")))
    }
    return tokens
  }
}

extension FileSection {
  fileprivate func truncation() throws(TextError) -> Truncation {
    try allow(["direction", "max_length", "strategy", "stride"])
    let length = try integer("max_length", in: 0...Int(Int32.max))
    let stride = try integer("stride", in: 0...max(0, length - 1))
    return Truncation(
      maximumLength: length, stride: stride,
      strategy: try oneOf("strategy", [.longestFirst, .onlyFirst, .onlySecond]),
      direction: try oneOf("direction", [.left, .right], standard: .right))
  }

  fileprivate func padding(_ truncation: Truncation?) throws(TextError) -> Padding {
    try allow([
      "strategy", "direction", "pad_to_multiple_of", "pad_id", "pad_type_id", "pad_token",
    ])
    // Each part of a text that was cut is filled up: many short parts to a great length would take
    // far more memory than the text.
    let limit = truncation.map { max($0.maximumLength, 1024) } ?? Padding.maximumLength
    let lengths = 0...min(limit, Padding.maximumLength)
    let strategy: Padding.Strategy
    if object["strategy"] == .string("BatchLongest") {
      strategy = .longest
    } else if case .object? = object["strategy"] {
      let fixed = try section("strategy")
      try fixed.allow(["Fixed"])
      strategy = .fixed(try fixed.integer("Fixed", in: lengths))
    } else {
      throw unexpected("strategy", expected: "\"BatchLongest\" or {\"Fixed\": length}")
    }
    let hasMultiple = object["pad_to_multiple_of"] ?? .null != .null
    return Padding(
      strategy, token: try string("pad_token"), id: try id("pad_id"),
      typeID: try id("pad_type_id"), direction: try oneOf("direction", [.left, .right]),
      multiple: hasMultiple ? try integer("pad_to_multiple_of", in: lengths) : nil)
  }
}
