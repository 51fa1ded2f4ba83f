/// Decodes token by token. What it gives out, put together, is what `decodeBytes` gives for all the
/// tokens at once: what depends on tokens to come is held back until they are there.
public struct TokenByteDecoder: Sendable {
  private let tokenizer: any Tokenizer
  private var chain: DecoderChain?

  /// For a tokenizer whose tokens do not depend on their neighbours.
  public init(_ tokenizer: any Tokenizer) {
    self.tokenizer = tokenizer
  }

  init(_ pipeline: TokenizerPipeline, _ chain: DecoderChain) {
    tokenizer = pipeline
    self.chain = chain
  }

  /// Appends the bytes that are certain now that `id` has come.
  ///
  /// - Precondition: `id` is in `0 ..< vocabularySize`.
  public mutating func append(_ id: Int32, to bytes: inout [UInt8]) {
    guard chain != nil else { return tokenizer.appendBytes(of: id, to: &bytes) }
    var token: [UInt8] = []
    tokenizer.appendBytes(of: id, to: &token)
    chain?.take(token, into: &bytes)
  }

  /// Appends what was held back: no more tokens come.
  public mutating func finish(to bytes: inout [UInt8]) {
    chain?.finish(into: &bytes)
  }
}
