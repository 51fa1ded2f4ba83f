import Reel

/// What a trained tokenizer makes of its corpus: the JSON of `reel train tokenizer --json`.
struct TokenizerTrainingResult: Encodable {
  let kind: String
  /// Tokens that there are.
  let vocabulary: Int
  let corpus: [String]
  let bytes: Int
  /// Tokens that the corpus becomes, and those of them that are the unknown one.
  let tokens: Int
  let unknownTokens: Int
  let unknownRate: JSONNumber
  let bytesPerToken: JSONNumber
  /// Seconds of the training, without what counting the tokens took.
  let seconds: Double
  let tokenizer: String

  /// Bytes that are encoded at once, and those up to the end of their line.
  private static let chunk = 1 << 18

  /// Encodes the corpus.
  init(
    _ tokenizer: any Tokenizer, kind: String, corpus: [String], output: String, seconds: Double,
    _ progress: TokenizerTrainingProgress
  ) throws {
    var (bytes, tokens, unknown) = (0, 0, 0)
    for path in corpus {
      let file = try MappedFile(path)
      var start = 0
      while start < file.count {
        let chunk = file.withBytes { all in
          var end = min(start + Self.chunk, all.count)
          while end < all.count, all[end - 1] != UInt8(ascii: "\n") { end += 1 }
          return Array(all[start..<end])
        }
        start += chunk.count
        let ids = try tokenizer.encode(chunk)
        tokens += ids.count
        if let id = tokenizer.unknownID { unknown += ids.reduce(0) { $0 + ($1 == id ? 1 : 0) } }
        bytes += chunk.count
        try progress.reportMeasured(bytes: bytes)
      }
    }
    progress.finish()
    self.kind = kind
    vocabulary = tokenizer.vocabularySize
    self.corpus = corpus
    self.bytes = bytes
    self.tokens = tokens
    unknownTokens = unknown
    unknownRate = JSONNumber(tokens == 0 ? nil : Double(unknown) / Double(tokens))
    bytesPerToken = JSONNumber(tokens == 0 ? nil : Double(bytes) / Double(tokens))
    self.seconds = seconds
    self.tokenizer = output
  }

  /// The same for a person.
  var summary: String {
    var table = TextTable([("", .left), (kind, .right)])
    table.add(["vocabulary", TextFormat.grouped(vocabulary)])
    table.add(["bytes", TextFormat.grouped(bytes)])
    table.add(["tokens", TextFormat.grouped(tokens)])
    table.add(["bytes per token", bytesPerToken.value.map { TextFormat.fixed($0, 2) } ?? "-"])
    table.add([
      "unknown tokens",
      unknownRate.value.map { TextFormat.fixed(100 * $0, 2) + " %" } ?? "-",
    ])
    table.add(["seconds", TextFormat.fixed(seconds, 1)])
    return table.text + "tokenizer in \(tokenizer)\n"
  }
}
