import Reel

/// How well a language model predicts a text.
struct LanguageModelReport {
  /// What `--json` prints.
  struct Result: Encodable {
    /// Mean negative log-likelihood in nats for each token.
    let loss: JSONNumber
    let bitsPerToken: JSONNumber
    /// Of the whole text, whatever its tokens are.
    let bitsPerByte: JSONNumber
    let perplexity: JSONNumber
    /// Tokens that were predicted.
    let tokens: Int
    /// Tokens of the text that the model does not know.
    let unknownTokens: Int
    let seconds: Double
    let model: String
  }

  let result: Result
  /// The same for a person.
  let text: String
  /// What a person should know beside it.
  let warning: String?

  init(of folder: String, on corpus: String) throws {
    let model = try LanguageModel(folder: folder)
    let tokens = model.configuration.tokens
    let bytes = try readCorpus(corpus, for: tokens, suggestsBytes: false)
    let start = ContinuousClock.now
    let evaluation = try model.evaluate(bytes)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let bitsPerByte = evaluation.bitsPerToken * Double(evaluation.tokens) / Double(bytes.count)
    let unknown = try Self.unknownCount(in: bytes, model.tokenizer)
    result = Result(
      loss: JSONNumber(evaluation.loss), bitsPerToken: JSONNumber(evaluation.bitsPerToken),
      bitsPerByte: JSONNumber(bitsPerByte), perplexity: JSONNumber(evaluation.perplexity),
      tokens: evaluation.tokens, unknownTokens: unknown, seconds: seconds, model: folder)
    let share = TextFormat.fixed(100 * Double(unknown) / Double(evaluation.tokens + 1), 2)
    warning =
      unknown == 0
      ? nil
      : "\(TextFormat.grouped(unknown)) \(tokens.units) of the corpus (\(share) %) are unknown to "
        + "the model"
    // Models with other tokens compare by what a byte costs.
    let forByte = tokens.unit == "token" ? " (\(TextFormat.fixed(bitsPerByte, 3)) per byte)" : ""
    text = """
      loss \(TextFormat.fixed(evaluation.loss, 4)) nats, \
      \(TextFormat.fixed(evaluation.bitsPerToken, 3)) bits per \(tokens.unit)\(forByte), perplexity \
      \(TextFormat.fixed(evaluation.perplexity, 2))
      \(TextFormat.grouped(evaluation.tokens)) \(tokens.units) predicted in \
      \(TextFormat.fixed(seconds, 1)) s

      """
  }

  private static func unknownCount(
    in bytes: [UInt8], _ tokenizer: any Tokenizer
  ) throws -> Int {
    guard let unknown = tokenizer.unknownID else { return 0 }
    return try tokenizer.encode(bytes).reduce(0) { $0 + ($1 == unknown ? 1 : 0) }
  }
}
