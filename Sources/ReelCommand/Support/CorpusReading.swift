import Reel

/// The bytes of a text file, checked to be UTF-8 unless the tokens are bytes.
///
/// - Parameter suggestsBytes: whether the error may propose a model over bytes.
func readCorpus(
  _ path: String, for tokens: TokenizerKind, suggestsBytes: Bool
) throws -> [UInt8] {
  let bytes = try Corpus.read(path)
  guard tokens != .bytes else { return bytes }
  do {
    try UTF8Validation.validate(bytes)
  } catch {
    let advice =
      suggestsBytes
      ? "--tokens bytes trains on any bytes" : "the model reads \(tokens.units) of UTF-8"
    throw CommandError("corpus '\(path)' is \(error); \(advice)")
  }
  return bytes
}
