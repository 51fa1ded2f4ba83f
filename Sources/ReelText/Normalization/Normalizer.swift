/// What is done to a text before it is cut into pieces.
///
/// Each kind but the three that are marked does exactly what the Hugging Face tokenizers library
/// does under the same name (in camel case there), byte for byte, apart from scalars that only one
/// of the two Unicode versions knows. Offsets lead back to all bytes that a byte was made from,
/// where that library sometimes names only the first or the last of several characters.
public indirect enum Normalizer: Sendable, Equatable {
  /// A normalization form of Unicode Standard Annex 15.
  case form(NormalizationForm)
  /// Lower case by the full mappings of Unicode that know no context: "İ" becomes "i" and U+0307,
  /// and "Σ" always "σ".
  case lowercase
  /// Full case folding ("ß" becomes "ss"), which makes texts equal that differ only in case. Reel's
  /// own: `tokenizer.json` has no such normalizer.
  case caseFold
  /// Removes all combining marks (categories Mn, Mc, Me). A letter that contains its accent keeps
  /// it: use it after `.form(.nfd)`.
  case stripAccents
  /// Removes white space at the beginning, at the end, or both.
  case strip(left: Bool, right: Bool)
  /// Removes control characters that are not white space, marks of writing direction, the soft
  /// hyphen and U+FEFF; the two joiners stay, since words and emoji depend on them. Reel's own:
  /// written to `tokenizer.json` as a replacement.
  case cleanControls
  /// Makes each run of white space one space, and removes it at both ends. Reel's own: written to
  /// `tokenizer.json` as a replacement followed by a strip.
  case cleanWhiteSpace
  /// Replaces each match of a pattern by a text, which is taken as it stands.
  case replace(Pattern, with: String)
  /// Puts a text before a text that is not empty.
  case prepend(String)
  /// What BERT does (Devlin et al. 2019).
  case bert(BertNormalization)
  /// Removes control characters and turns some others into spaces, as translation models of
  /// SentencePiece's "nmt" rules do.
  case nmt
  /// A map that SentencePiece compiled, as T5 and XLM-RoBERTa use it.
  case precompiled(PrecompiledMap)
  /// Writes each byte as the character that stands for it in byte-level tokenizers (GPT-2).
  case byteLevel
  /// One after the other.
  case sequence([Normalizer])

  /// Changes a text; its offsets still lead to its original.
  public func apply(to text: inout AlignedText) {
    switch self {
    case .form(let form): text.normalize(to: form)
    case .lowercase: text.lowercase()
    case .caseFold: text.foldCase()
    case .stripAccents: text.removeMarks(onlyNonspacing: false)
    case .strip(let left, let right): text.strip(left: left, right: right)
    case .cleanControls: text.cleanControls()
    case .cleanWhiteSpace: text.cleanWhiteSpace()
    case .replace(let pattern, let replacement): text.replace(pattern, with: replacement)
    case .prepend(let prefix): text.prepend(prefix)
    case .bert(let steps): steps.apply(to: &text)
    case .nmt: text.cleanForTranslation()
    case .precompiled(let map): map.apply(to: &text)
    case .byteLevel: text.spellBytes()
    case .sequence(let normalizers):
      for normalizer in normalizers { normalizer.apply(to: &text) }
    }
  }

  /// For Reel's own kinds, the kinds of `tokenizer.json` that do the same: nil for case folding, for
  /// which there is none. All other kinds are their own.
  public var inCommonKinds: Normalizer? {
    switch self {
    case .caseFold: return nil
    case .cleanControls:
      return Self.replacement(
        of: #"[\x{0}-\x{8}\x{E}-\x{1F}\x{7F}-\x{84}\x{86}-\x{9F}\x{AD}\x{61C}"#
          + #"\x{200E}\x{200F}\x{202A}-\x{202E}\x{2066}-\x{2069}\x{FEFF}]"#, by: "")
    case .cleanWhiteSpace:
      guard let spaces = Self.replacement(of: #"\s+"#, by: " ") else { return nil }
      return .sequence([spaces, .strip(left: true, right: true)])
    case .sequence(let normalizers):
      let common = normalizers.compactMap(\.inCommonKinds)
      return common.count == normalizers.count ? .sequence(common) : nil
    default: return self
    }
  }

  private static func replacement(of expression: String, by text: String) -> Normalizer? {
    // Both expressions are in the part of the syntax that is understood.
    (try? Pattern(expression: expression)).map { .replace($0, with: text) }
  }

  /// A text as this makes it, where its offsets do not matter.
  public func normalized(_ text: String) -> String {
    var aligned = AlignedText(text)
    apply(to: &aligned)
    return aligned.text
  }
}
