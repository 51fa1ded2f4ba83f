/// Puts tokens together to text, exactly as the decoders of the Hugging Face tokenizers library.
///
/// A decoder is a chain: each link takes tokens and gives tokens, and the last ones are put together.
/// Without a decoder, tokens are joined by spaces. (Not called `Decoder`: that is Swift's own.)
public indirect enum TokenDecoder: Sendable, Equatable {
  /// The byte-level alphabet back to bytes, all tokens as one.
  case byteLevel
  /// A space before each token but the first and those that begin with `prefix`, which is taken
  /// off. `cleansUp`: no space before punctuation and English contractions.
  case wordPiece(prefix: String, cleansUp: Bool)
  /// A space for each `suffix`, and nothing for that of the last token.
  case bytePair(suffix: String)
  /// A space for each replacement character; those of the first token are left out unless the
  /// pre-tokenizer never prepends one.
  case metaspace(replacement: Unicode.Scalar, prepend: PreTokenizer.PrependScheme, splits: Bool)
  /// Tokens such as "<0x61>" to the bytes they name; a run of them that is not UTF-8 becomes as
  /// many U+FFFD.
  case byteFallback
  /// All tokens as one.
  case fuse
  /// Takes up to `start` of a character from the start of each token, and up to `stop` from its end.
  case strip(Unicode.Scalar, start: Int, stop: Int)
  /// Text for each match of a pattern.
  case replace(Pattern, with: String)
  /// For connectionist temporal classification (Graves et al. 2006): repeated tokens are one, the
  /// padding token is nothing; with `cleansUp`, the word delimiter is a space.
  case ctc(padding: String, wordDelimiter: String, cleansUp: Bool)
  /// One after the other.
  case sequence([TokenDecoder])

  /// The links of the chain.
  var links: [DecoderLink] {
    switch self {
    case .byteLevel: [ByteLevelLink()]
    case .wordPiece(let prefix, let cleansUp): [WordPieceLink(prefix, cleansUp: cleansUp)]
    case .bytePair(let suffix): [BytePairLink(suffix)]
    case .metaspace(let replacement, let prepend, _):
      [MetaspaceLink(replacement, dropsFirst: prepend != .never)]
    case .byteFallback: [ByteFallbackLink()]
    case .fuse: [FuseLink()]
    case .strip(let scalar, let start, let stop): [StripLink(scalar, start: start, stop: stop)]
    case .replace(let pattern, let text): [ReplaceLink(pattern, Array(text.utf8))]
    case .ctc(let padding, let delimiter, let cleansUp):
      [CTCLink(padding: padding, wordDelimiter: delimiter, cleansUp: cleansUp)]
    case .sequence(let parts): parts.flatMap(\.links)
    }
  }
}
