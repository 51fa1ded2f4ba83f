extension PreTokenizer {
  /// A piece of a text, and the bytes of the original that it stands for.
  public struct Piece: Sendable, Equatable {
    /// The piece as the model gets it: where the pre-tokenizer changes the text, in its new form.
    public let text: String
    public let range: Range<Int>

    public static func == (a: Piece, b: Piece) -> Bool {
      a.range == b.range && a.text.utf8.elementsEqual(b.text.utf8)
    }
  }

  /// The pieces of a text in order.
  ///
  /// ```swift
  /// PreTokenizer.words.pieces(of: "It's 3.14!").map(\.text)  // "It's", "3.14", "!"
  /// ```
  public func pieces(of text: String) -> [Piece] {
    var aligned = AlignedText(text)
    return split(&aligned, isFirst: true).map { range in
      Piece(
        text: String(decoding: aligned.bytes[range], as: UTF8.self),
        range: aligned.originalRange(of: range))
    }
  }
}
