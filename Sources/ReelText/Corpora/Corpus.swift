/// Reads text to train on.
public enum Corpus {
  /// The bytes of the text file at `path`, without a byte-order mark.
  ///
  /// - Parameter validatingUTF8: whether bytes that are not UTF-8 are an error that names their
  ///   position in the file. A model over bytes needs no such check.
  /// - Throws: `TextError` where the file is missing, a directory, unreadable, empty or, where that
  ///   was asked, not UTF-8.
  public static func read(
    _ path: String, validatingUTF8: Bool = false
  ) throws(TextError) -> [UInt8] {
    var bytes = try readFile(path, as: "corpus")
    if validatingUTF8 {
      do {
        try UTF8Validation.validate(bytes)
      } catch {
        throw TextError("corpus '\(path)' is \(error)")
      }
    }
    if bytes.starts(with: byteOrderMark) { bytes.removeFirst(byteOrderMark.count) }
    guard !bytes.isEmpty else { throw TextError("corpus '\(path)' is empty, expected text") }
    return bytes
  }
}
