/// Counts the pieces of a corpus, one text after the other.
public struct VocabularyCounter: Sendable {
  /// What has been counted.
  public private(set) var pieces = PieceCounts()
  private let preTokenizer: PreTokenizer
  private let normalizer: Normalizer?

  /// - Parameters:
  ///   - preTokenizer: what cuts texts into tokens.
  ///   - normalizer: what is done to texts first.
  public init(_ preTokenizer: PreTokenizer = .words, normalizer: Normalizer? = nil) {
    self.preTokenizer = preTokenizer
    self.normalizer = normalizer
  }

  /// Counts the tokens of a text.
  public mutating func add(_ text: String) {
    add(Array(text.utf8))
  }

  /// As above, of well-formed UTF-8.
  public mutating func add(_ text: [UInt8]) {
    var aligned = AlignedText(text)
    normalizer?.apply(to: &aligned)
    let ranges = preTokenizer.split(&aligned)
    aligned.bytes.withUnsafeBufferPointer { pieces.add($0, pieces: ranges) }
  }

  /// Counts a token itself.
  public mutating func add(token: String) {
    var token = token
    token.withUTF8 { pieces.add($0) }
  }

  /// Counts the tokens of every line of a file, which may be larger than memory.
  ///
  /// - Throws: where the file cannot be read or is not UTF-8, naming the line.
  public mutating func add(contentsOf file: MappedFile) throws(TextError) {
    var lines = Lines(file)
    while let line = try lines.next() { add(line.bytes) }
  }
}
