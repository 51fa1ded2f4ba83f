/// Scanners written by hand for patterns that are in wide use. Each finds the same matches as the
/// pattern, many times as fast.
enum PieceScanner: Sendable, Equatable {
  /// GPT-2's words (Radford et al. 2019).
  case gpt2
  /// The words of GPT-4's cl100k_base and of Llama 3, or with one digit at a time of Qwen 2.
  case cl100k(maximumDigits: Int)
  /// Reel's words.
  case words
  /// Extended grapheme clusters.
  case graphemes

  private static let contractions = "'s|'t|'re|'ve|'m|'ll|'d"

  /// GPT-2's pattern.
  static let gpt2Expression =
    contractions + #"| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  /// The pattern of `cl100k` as `tokenizer.json` files write it.
  static func cl100kExpression(digits: String) -> String {
    #"(?i:\#(contractions))|[^\r\n\p{L}\p{N}]?\p{L}+|\#(digits)"#
      + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }

  /// The scanner for a pattern, where there is one.
  init?(expression: String) {
    func isEqual(_ other: String) -> Bool { expression.utf8.elementsEqual(other.utf8) }
    if isEqual(Self.gpt2Expression) {
      self = .gpt2
    } else if isEqual(Self.cl100kExpression(digits: #"\p{N}{1,3}"#)) {
      self = .cl100k(maximumDigits: 3)
    } else if isEqual(Self.cl100kExpression(digits: #"\p{N}"#)) {
      self = .cl100k(maximumDigits: 1)
    } else if isEqual(WordPattern.expression) {
      self = .words
    } else if isEqual(#"\X"#) {
      self = .graphemes
    } else {
      return nil
    }
  }

  /// Calls `body` with the matches from left to right.
  @inline(__always)
  func forEachPiece(in bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
    switch self {
    case .gpt2: ContractionScanner.scanGPT2(bytes, body)
    case .cl100k(let maximumDigits):
      ContractionScanner.scanCL100K(bytes, maximumDigits: maximumDigits, body)
    case .words: WordScanner.scan(bytes, body)
    case .graphemes: GraphemeBreaks.forEach(in: bytes, body)
    }
  }
}
