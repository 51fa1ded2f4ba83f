/// Reel's rules for words, as one regular expression.
///
/// Where several rules match, the first in this order does; each takes as much as it can:
///
/// 1. An address on the web: `http://`, `https://`, `ftp://` or `www.` in any case, and everything
///    up to white space, `<`, `>` or `"`, but for punctuation at its end other than `/`.
/// 2. An e-mail address in ASCII.
/// 3. An abbreviation: single letters, each with a full stop, at least two ("U.S.", "e.g.").
/// 4. A word: a letter, then letters, marks, numbers, underscores and joiners ("naïve", "हिन्दी",
///    "mp3"); an apostrophe between letters belongs to it ("don't", "l’été", "rock'n'roll").
///    A hyphen does not.
/// 5. An emoji keycap: a digit, `#` or `*` with U+20E3.
/// 6. A number: a number character, then what may stand in a word ("3rd", "10km"); a full stop or
///    comma between digits belongs to it ("3.14", "1,000", "1.2.3").
/// 7. A Chinese character (script Han) with its marks: each is a word.
/// 8. A flag: two regional indicators.
/// 9. An emoji with its variation selectors, skin tones and tags, and emoji joined to it by U+200D.
/// 10. A run of full stops, of hyphens, or of `!` and `?`.
/// 11. Anything else but white space: one character with its marks.
///
/// White space is left out; nothing else is. Scripts written without spaces, other than Chinese
/// characters, come out in runs of letters.
public enum WordPattern {
  private static let letter = #"[\p{L}&&[^\p{Han}]]"#
  private static let number = #"[\p{N}&&[^\p{Han}]]"#
  private static let tail = #"[\p{L}\p{M}\p{N}_\x{200C}\x{200D}&&[^\p{Han}]]*"#
  private static let emoji =
    #"[\p{Extended_Pictographic}&&[^\p{L}]]"#
    + #"[\x{FE0E}\x{FE0F}\x{1F3FB}-\x{1F3FF}\x{E0020}-\x{E007F}]*"#

  /// The pattern, in the syntax of Oniguruma: a `tokenizer.json` whose pre-tokenizer is a Split by
  /// it, inverted and with the behaviour "Removed", finds the same words.
  public static let expression = [
    #"(?:[Hh][Tt][Tt][Pp][Ss]?://|[Ff][Tt][Pp]://|[Ww][Ww][Ww]\.)[^\s<>"]*[\p{L}\p{N}/]"#,
    #"[A-Za-z0-9][A-Za-z0-9._%+\-]*@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+"#,
    #"(?:\#(letter)\.){2,}(?![\p{L}\p{N}])"#,
    #"\#(letter)\#(tail)(?:['’]\#(letter)\#(tail))*"#,
    #"[0-9#*]\x{FE0F}?\x{20E3}"#,
    #"\#(number)\#(tail)(?:[.,]\#(number)\#(tail))*"#,
    #"\p{Han}\p{M}*"#,
    #"[\x{1F1E6}-\x{1F1FF}]{2}"#,
    #"\#(emoji)(?:\x{200D}\#(emoji))*"#,
    #"\.+|-+|[!?]+|\S\p{M}*"#,
  ].joined(separator: "|")
}
