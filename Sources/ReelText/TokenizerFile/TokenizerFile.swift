/// Reads and writes `tokenizer.json`, the format of the Hugging Face tokenizers library.
///
/// A file is a `TokenizerPipeline`: a WordLevel, BPE, WordPiece or Unigram model with its
/// normalizer, pre-tokenizer, post-processor, decoder, added tokens, truncation and padding. Two
/// kinds are recognized and read as tokenizers that do the same faster: a WordLevel model after a
/// Split into single characters is a `ScalarTokenizer`, a BPE model without merges over the
/// byte-level alphabet a `ByteTokenizer`.
///
/// The same file gives the same ids in that library. What a file asks for and Reel does not have is
/// refused by name, never skipped. So are ids that no token has, vocabularies whose ids are not 0, 1,
/// 2 and so on, and added tokens whose ids are not those that the library would give them.
public enum TokenizerFile {
  /// Writes a tokenizer; the old file or the new one is there, whole, at any moment.
  ///
  /// - Throws: a line that names the path, or the part that has no form in a file.
  public static func write(_ tokenizer: any Tokenizer, to path: String) throws(TextError) {
    try writeFileAtomically(try tokenizer.fileContent, to: path)
  }

  /// Reads a tokenizer.
  ///
  /// - Throws: one line that names the file, what came and what was expected.
  public static func read(_ path: String) throws(TextError) -> any Tokenizer {
    let bytes = try readFile(path, as: "tokenizer")
    do {
      return try parse(bytes)
    } catch {
      throw TextError("tokenizer '\(path)': \(error)")
    }
  }

  /// The tokenizer that the content of a file describes.
  public static func parse(_ bytes: [UInt8]) throws(TextError) -> any Tokenizer {
    try reader(bytes).tokenizer()
  }

  /// The content of a file as a pipeline, also where a faster tokenizer would do the same.
  public static func parsePipeline(_ bytes: [UInt8]) throws(TextError) -> TokenizerPipeline {
    try reader(bytes).pipeline()
  }

  private static func reader(_ bytes: [UInt8]) throws(TextError) -> TokenizerFileReader {
    guard !bytes.isEmpty else { throw TextError("the file is empty, expected JSON") }
    return try TokenizerFileReader(JSONParser.parse(bytes))
  }
}
