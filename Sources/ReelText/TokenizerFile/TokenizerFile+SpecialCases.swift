extension ByteTokenizer {
  /// The tokenizer that a pipeline is: a byte-level model of the 256 bytes in their order, without
  /// merges. Nil for any other pipeline.
  init?(_ pipeline: TokenizerPipeline) {
    guard let model = pipeline.model as? BytePairModel, pipeline.isPlain,
      case .byteLevel(addsPrefixSpace: false, _, _)? = pipeline.preTokenizer,
      pipeline.decoder == .byteLevel, model.merges.isEmpty, model.table.count == 256,
      model.options == BytePairModel.Options(alphabet: .bytes),
      (UInt8.min...UInt8.max).allSatisfy({ model.table.id(of: [$0]) == Int32($0) })
    else { return nil }
    self.init()
  }
}

extension ScalarTokenizer {
  /// The tokenizer that a pipeline is: a word-level model behind a split into single scalars. Nil
  /// for any other pipeline.
  init?(_ pipeline: TokenizerPipeline) {
    guard let model = pipeline.model as? WordLevelModel, pipeline.isPlain,
      case .split(let pattern, .isolated, invert: false)? = pipeline.preTokenizer,
      case .expression(let expression) = pattern.source, expression == "[\\s\\S]",
      pipeline.decoder == .fuse, let unknown = model.unknownID
    else { return nil }
    let tokens = (0..<Int32(model.table.count)).map { pipeline.token(at: $0) }
    for (id, token) in tokens.enumerated() where id != Int(unknown) {
      guard token.unicodeScalars.count == 1 else { return nil }
    }
    self.init(tokens: tokens, unknown: unknown)
  }
}

extension TokenizerPipeline {
  /// Whether there is nothing but a pre-tokenizer, a model and a decoder.
  fileprivate var isPlain: Bool {
    normalizer == nil && postProcessor == nil && addedTokens.isEmpty && truncation == nil
      && padding == nil
  }
}
