/// Reads and writes `tokenizer.json`, the format of the Hugging Face tokenizers library.
///
/// A `ScalarTokenizer` is a WordLevel model after a Split into single characters; a `ByteTokenizer`
/// is a BPE model without merges over the byte-level alphabet. The same file gives the same ids in
/// that library. Whatever else a file asks for is refused by name, never skipped.
public enum TokenizerFile {
  /// Writes a tokenizer; the old file or the new one is there, whole, at any moment.
  public static func write(_ tokenizer: any Tokenizer, to path: String) throws(TextError) {
    try writeFileAtomically(tokenizer.fileContent, to: path)
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
    guard !bytes.isEmpty else { throw TextError("the file is empty, expected JSON") }
    return try TokenizerFileReader(JSONParser.parse(bytes)).tokenizer()
  }
}
