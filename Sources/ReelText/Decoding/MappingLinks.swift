/// A space before each token but the first and those that go on with a word.
struct WordPieceLink: TokenMapping {
  var whole = WholeTokens()
  private let prefix: [UInt8]
  private let cleansUp: Bool
  private var isFirst = true

  init(_ prefix: String, cleansUp: Bool) {
    self.prefix = Array(prefix.utf8)
    self.cleansUp = cleansUp
  }

  mutating func map(_ token: [UInt8]) -> [UInt8]? {
    var result = token
    if !isFirst {
      if token.starts(with: prefix) {
        result.removeFirst(prefix.count)
      } else {
        result.insert(UInt8(ascii: " "), at: 0)
      }
    }
    isFirst = false
    return cleansUp ? EnglishCleanup.apply(to: result) : result
  }
}

/// A space for each suffix of a word's end. The last token, whose suffix becomes nothing, is known
/// only at the end, so one token is held back.
struct BytePairLink: DecoderLink {
  private let suffix: [UInt8]
  private var whole = WholeTokens()
  private var held: [UInt8]?

  init(_ suffix: String) {
    self.suffix = Array(suffix.utf8)
  }

  mutating func take(_ part: DecodedPart, into parts: inout [DecodedPart]) {
    guard let token = whole.token(with: part) else { return }
    if let held {
      parts.append(DecodedPart(bytes: replacing(suffix, in: held, with: [UInt8(ascii: " ")])))
    }
    held = token
  }

  mutating func finish(into parts: inout [DecodedPart]) {
    guard let held else { return }
    parts.append(DecodedPart(bytes: replacing(suffix, in: held, with: [])))
    self.held = nil
  }
}

/// A space for each replacement character, and nothing for those of the first token.
struct MetaspaceLink: TokenMapping {
  var whole = WholeTokens()
  private let replacement: [UInt8]
  private var drops: Bool

  init(_ replacement: Unicode.Scalar, dropsFirst: Bool) {
    self.replacement = Array(String(replacement).utf8)
    drops = dropsFirst
  }

  mutating func map(_ token: [UInt8]) -> [UInt8]? {
    defer { drops = false }
    return replacing(replacement, in: token, with: drops ? [] : [UInt8(ascii: " ")])
  }
}

/// Text for each match of a pattern in a token.
struct ReplaceLink: TokenMapping {
  var whole = WholeTokens()
  private let pattern: Pattern
  private let text: [UInt8]

  init(_ pattern: Pattern, _ text: [UInt8]) {
    self.pattern = pattern
    self.text = text
  }

  mutating func map(_ token: [UInt8]) -> [UInt8]? {
    var result: [UInt8] = []
    token.withUnsafeBufferPointer { bytes in
      var done = 0
      pattern.forEachMatch(in: bytes) { match in
        result.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[done..<match.lowerBound]))
        result += text
        done = match.upperBound
      }
      result.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[done...]))
    }
    return result
  }
}

/// Repeated tokens are one, the padding token nothing, the word delimiter a space.
struct CTCLink: TokenMapping {
  var whole = WholeTokens()
  private let padding: [UInt8]
  private let wordDelimiter: [UInt8]
  private let cleansUp: Bool
  private var previous: [UInt8]?

  init(padding: String, wordDelimiter: String, cleansUp: Bool) {
    self.padding = Array(padding.utf8)
    self.wordDelimiter = Array(wordDelimiter.utf8)
    self.cleansUp = cleansUp
  }

  mutating func map(_ token: [UInt8]) -> [UInt8]? {
    guard token != previous else { return nil }
    previous = token
    var result = replacing(padding, in: token, with: [])
    if cleansUp {
      result = EnglishCleanup.apply(to: result)
      result = replacing(wordDelimiter, in: result, with: [UInt8(ascii: " ")])
    }
    return result.isEmpty ? nil : result
  }
}

/// What the library does for English text: no space before punctuation and contractions.
enum EnglishCleanup {
  private static let replacements: [(old: [UInt8], new: [UInt8])] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
    (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ].map { (Array($0.0.utf8), Array($0.1.utf8)) }

  static func apply(to text: [UInt8]) -> [UInt8] {
    guard mayApply(to: text) else { return text }
    return replacements.reduce(text) { replacing($1.old, in: $0, with: $1.new) }
  }
}

extension EnglishCleanup {
  /// Whether a space stands before what begins one of the replacements; in most tokens none does.
  private static func mayApply(to text: [UInt8]) -> Bool {
    for (byte, next) in zip(text, text.dropFirst()) where byte == UInt8(ascii: " ") {
      switch next {
      case UInt8(ascii: "."), UInt8(ascii: "?"), UInt8(ascii: "!"), UInt8(ascii: ","),
        UInt8(ascii: "'"), UInt8(ascii: "n"), UInt8(ascii: "d"):
        return true
      default: break
      }
    }
    return false
  }
}

/// Replaces each `old`, from left to right. An empty `old` stands before each scalar and at the end.
func replacing(_ old: [UInt8], in text: [UInt8], with new: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  result.reserveCapacity(text.count)
  guard let first = old.first else {
    for byte in text {
      if byte & 0xC0 != 0x80 { result += new }
      result.append(byte)
    }
    return result + new
  }
  var position = 0
  while position < text.count {
    if text[position] == first, text[position...].starts(with: old) {
      result += new
      position += old.count
    } else {
      result.append(text[position])
      position += 1
    }
  }
  return result
}
