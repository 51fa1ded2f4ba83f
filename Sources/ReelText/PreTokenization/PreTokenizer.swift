/// Cuts text into pieces, which a model then turns into tokens one by one.
///
/// The kinds are those of the `tokenizers` package, with the same pieces and offsets.
public indirect enum PreTokenizer: Sendable, Equatable {
  /// When a replacement for spaces is put before a piece.
  public enum PrependScheme: String, Sendable, CaseIterable {
    case always, never
    /// Only before the piece at the start of the original text.
    case first
  }

  /// Runs of `\w` and runs of neither `\w` nor white space.
  case whitespace
  /// Runs of anything but white space.
  case whitespaceSplit
  /// As `whitespaceSplit`, with each character of punctuation a piece.
  case bert
  /// At punctuation (categories P, and all ASCII that is neither letter, digit, space nor control).
  case punctuation(SplitBehavior)
  /// At numbers (categories N): each character a piece, or each run.
  case digits(individual: Bool)
  /// At a character, which is left out.
  case characterDelimiter(Unicode.Scalar)
  /// Puts a replacement in the place of each space, and by the scheme before a piece; where it
  /// splits, each replacement begins a piece.
  case metaspace(replacement: Unicode.Scalar, prepend: PrependScheme, splits: Bool)
  /// Puts a space before a piece that has none, if asked, and cuts by GPT-2's pattern, if asked. The
  /// pieces stay raw bytes. `trimsOffsets` says how offsets are reported later on.
  case byteLevel(addsPrefixSpace: Bool, trimsOffsets: Bool, usesPattern: Bool)
  /// At the matches of a pattern, or where `invert` is true at what lies between them.
  case split(Pattern, SplitBehavior, invert: Bool)
  /// Where the script changes; kana count as Chinese, and a space as any script.
  case unicodeScripts
  /// Into pieces of so many scalars, the last one of a text as long as is left.
  case fixedLength(Int)
  /// One after the other, each on the pieces of the one before.
  case sequence([PreTokenizer])

  /// Words by Reel's rules, see ``WordPattern``.
  public static let words = PreTokenizer.split(
    Pattern(scannedBy: .words, expression: WordPattern.expression), .removed, invert: true)

  /// Extended grapheme clusters (Unicode Standard Annex 29).
  public static let graphemes = PreTokenizer.split(
    Pattern(scannedBy: .graphemes, expression: #"\X"#), .isolated, invert: false)

  /// The pieces of a text, as ranges of its bytes, which are ascending and do not overlap. What
  /// lies between them is left out. Some kinds change the text.
  ///
  /// - Parameter isFirst: whether the text is at the start of the original text, for
  ///   `PrependScheme.first`.
  package func split(_ text: inout AlignedText, isFirst: Bool = true) -> [Range<Int>] {
    if text.bytes.isEmpty { return [] }
    var pieces = [0..<text.bytes.count]
    cut(&pieces, of: &text, isFirst: isFirst)
    return pieces
  }

  /// Refuses what Reel cannot do: byte-level pieces that are cut further.
  ///
  /// - Throws: one line that says what.
  package func check() throws(TextError) {
    guard case .sequence(let parts) = self else {
      if case .fixedLength(let length) = self, length < 1 {
        throw TextError("pieces of fixed length \(length), expected at least 1")
      }
      return
    }
    for (index, part) in parts.enumerated() {
      try part.check()
      if part.endsInBytes, index + 1 < parts.count {
        throw TextError(
          "a pre-tokenizer follows ByteLevel in a sequence, which is not supported; expected "
            + "ByteLevel last")
      }
    }
  }

  /// Whether the pieces go to a model over raw bytes.
  package var endsInBytes: Bool {
    switch self {
    case .byteLevel: return true
    case .sequence(let parts): return parts.contains { $0.endsInBytes }
    default: return false
    }
  }
}

/// What becomes of the places where text is cut, as in the `tokenizers` package.
public enum SplitBehavior: String, Sendable, CaseIterable {
  /// They are left out.
  case removed
  /// Each is a piece.
  case isolated
  /// Each goes to the end of the piece before.
  case mergedWithPrevious
  /// Each goes to the start of the piece behind.
  case mergedWithNext
  /// Those that follow one another are one piece.
  case contiguous
}
